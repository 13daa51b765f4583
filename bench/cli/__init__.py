"""The `bench` command: the second place, beside conftest.py, that wires all floors together."""

from bench.cli.main import main

__all__ = ["main"]
