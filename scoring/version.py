"""Which code computed a number."""

from __future__ import annotations

from functools import cache
from importlib.metadata import version


@cache
def code_version() -> str:
    """Return the project's name and version, as results and releases carry it."""
    return f"steelyard {version('steelyard')}"
