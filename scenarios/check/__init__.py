"""The checker: from the sections of a file to a typed `Model`, with every problem found on the way."""
