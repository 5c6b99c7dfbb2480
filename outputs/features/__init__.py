"""Features: what a detection model may know of a row's past, computed without a look at its future.

`bustle.outputs.features.stream` takes a table's rows in order and gives each one's features from it and the rows
before it. Nothing of a later row, and no label that is not known yet, can be in them: they are computed before it
comes.
"""
