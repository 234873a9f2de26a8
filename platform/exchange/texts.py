"""What no text or number that is sent to us may hold, whatever it is for."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

LARGEST: Final = 2**63 - 1  # no field of ours holds more


def is_unreadable(text: str) -> bool:
    """Say whether a text holds a NUL, which PostgreSQL refuses, or half a character, which no file takes."""
    return "\0" in text or any("\ud800" <= mark <= "\udfff" for mark in text)


def readable(text: str) -> str:
    """Return a text that can be kept: what `is_unreadable` finds is shown as a character that nobody knows."""
    if not is_unreadable(text):
        return text
    return "".join("\N{REPLACEMENT CHARACTER}" if is_unreadable(mark) else mark for mark in text)


def unreadable_places(sent: Any) -> Iterator[tuple[str, str]]:
    """Yield what of a JSON value cannot be kept: its place, as in ``items.2.name``, and why."""
    waiting = [("", sent)]
    while waiting:  # no recursion: what is sent may be nested as deep as its reader lets it
        place, value = waiting.pop()
        if isinstance(value, dict):
            waiting += [(place, name) for name in value if is_unreadable(name)]
            waiting += [(f"{place}.{name}".lstrip("."), inner) for name, inner in value.items()]
        elif isinstance(value, list):
            waiting += [(f"{place}.{number}".lstrip("."), inner) for number, inner in enumerate(value)]
        elif isinstance(value, str) and is_unreadable(value):
            yield place, "The text holds a NUL or half a character."
        elif isinstance(value, int) and abs(value) > LARGEST:
            yield place, f"Allowed are whole numbers from -{LARGEST} to {LARGEST}."
        elif isinstance(value, float) and not math.isfinite(value):
            yield place, "The number is too large."
