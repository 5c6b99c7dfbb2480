"""The data: event log, recorders, manifest and pictures."""
