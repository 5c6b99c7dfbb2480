"""Scripts that measure bustle: run them from the checkout as ``python -m benchmarks.NAME``."""
