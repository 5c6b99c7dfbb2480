"""``python -m bustle``, and the ``bustle`` command."""

from __future__ import annotations


def main() -> None:
    """Run the command line; ends the process with its exit code."""
    from bustle.cli.app import app

    app(prog_name="bustle")


if __name__ == "__main__":
    main()
