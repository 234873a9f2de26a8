"""Texts made to fit: harmless characters, estimated widths, lines, and a direction that no neighbour can turn.

Widths are estimated and not measured: the reader's fonts are not the server's, and a chart must be the same drawing from
every machine. The estimates lie a little above the common sans-serif faces.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

ELLIPSIS: Final = "…"
BETWEEN: Final = " · "
FIRST_STRONG: Final = "\u2068"
RIGHT_TO_LEFT: Final = "\u2067"
END: Final = "\u2069"
BOLD: Final = 1.07
STEERING: Final = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff]")
NARROW: Final = frozenset("iIjl.,:;'’|!()[]ftr/\\ ")
BROAD: Final = frozenset("mwMW@%—ЖМШЩЮжмшщюыФф")
PIECES: Final = re.compile(
    "[\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff][\u3001\u3002\uff09\uff0c\uff1a\uff1b\uff1f\uff01\u300b\u300d\u300f]* ?"
    "|[^ \u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff]+ ?| "
)


def plain(text: str) -> str:
    """Return the text on one line, without characters that XML forbids or that turn the direction of their neighbours."""
    kept = "".join(" " if mark in "\t\r\n" else mark for mark in text if not _is_refused(mark))
    return re.sub(" +", " ", STEERING.sub("", kept)).strip(" ")


def _is_refused(mark: str) -> bool:
    return mark not in "\t\r\n" and unicodedata.category(mark) in {"Cc", "Cs", "Cn"}


def is_rtl(text: str) -> bool:
    """Say whether a letter of the text is written from right to left."""
    return any(unicodedata.bidirectional(mark) in {"R", "AL"} for mark in text)


def drawn_line(text: str, *, rtl: bool = False) -> str:
    """Return a line as it is drawn: a sentence of a page from right to left, or whatever its first letter says.

    The drawing as a whole runs from left to right, so that positions mean the same in every page it is put into; a line
    that needs another direction is isolated from it.
    """
    if not is_rtl(text):
        return text
    return f"{RIGHT_TO_LEFT if rtl else FIRST_STRONG}{text}{END}"


def joined(texts: Sequence[str], *, rtl: bool) -> str:
    """Return texts side by side, none of which turns the other: a share keeps its sign beside Arabic words."""
    if not rtl and not any(map(is_rtl, texts)):
        return BETWEEN.join(texts)
    whole = BETWEEN.join(f"{FIRST_STRONG}{text}{END}" for text in texts)
    return f"{RIGHT_TO_LEFT}{whole}{END}" if rtl else whole


@lru_cache(maxsize=4096)
def width(text: str, size: float, *, bold: bool = False) -> float:
    """Return about how many pixels a text takes."""
    return sum(map(_em, text)) * size * (BOLD if bold else 1)


@lru_cache(maxsize=1024)
def _em(mark: str) -> float:
    if unicodedata.category(mark) in {"Mn", "Me", "Cf"}:
        return 0
    if unicodedata.east_asian_width(mark) in {"W", "F"}:
        return 1
    if unicodedata.bidirectional(mark) == "AL":
        return 0.55
    if mark in NARROW:
        return 0.36
    if mark in BROAD:
        return 0.95
    return 0.7 if mark.isupper() else 0.6


def wrapped(text: str, *, room: float, size: float, bold: bool = False, most: int = 3) -> list[str]:
    """Return the text in at most so many lines; what does not fit ends in an ellipsis."""
    lines = [""]
    for piece in (part for word in PIECES.findall(text) for part in _cut(word, room, size, bold=bold)):
        if lines[-1] and width((lines[-1] + piece).rstrip(" "), size, bold=bold) > room:
            lines.append("")
        lines[-1] += piece
    lines = [line.strip(" ") for line in lines]
    return lines if len(lines) <= most else [*lines[: most - 1], _shortened(lines[most - 1], room, size, bold=bold)]


def _cut(word: str, room: float, size: float, *, bold: bool) -> list[str]:
    parts = [""]
    for mark in word:
        if parts[-1] and mark != " " and width(parts[-1] + mark, size, bold=bold) > room:
            parts.append("")
        parts[-1] += mark
    return parts


def _shortened(line: str, room: float, size: float, *, bold: bool) -> str:
    while line and width(line + ELLIPSIS, size, bold=bold) > room:
        line = line[:-1]
    return line.rstrip(" ") + ELLIPSIS
