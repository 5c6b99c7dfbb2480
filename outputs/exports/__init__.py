"""Tables of a run in the files of published datasets, for code that was written for those."""
