"""The demonstration: its data, how they are built, and the ways in."""

from __future__ import annotations


def doors() -> list[tuple[str, str]]:
    """Return one way in per role, as (role, address)."""
    return []
