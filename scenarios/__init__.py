"""The language: scenario files, their grammar, types and checks."""
