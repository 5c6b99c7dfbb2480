"""The run: the clock, the order of events and the engines."""
