"""Agent-based simulation: one scenario file in, one labelled synthetic dataset out."""

__version__ = "0.1.0"
