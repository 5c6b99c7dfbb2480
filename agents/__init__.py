"""The people: keyed randomness, populations, links and networks."""
