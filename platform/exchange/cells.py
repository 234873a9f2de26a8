"""Text in cells of a table that a person opens: none is taken for a formula, and each is read back as it was."""

from __future__ import annotations

import re
from typing import Final

STARTS: Final = frozenset("=+-@\t\r")
"""What a formula begins with."""
GUARD: Final = "'"
NUMBER: Final = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)


def is_formula(cell: str) -> bool:
    """Say whether a spreadsheet may compute a cell; a plain number, such as ``-3.5``, ``+1`` or ``-1e5``, it only shows."""
    return cell[:1] in STARTS and not NUMBER.fullmatch(cell)


def guarded(text: str) -> str:
    """Return a text as a cell holds it: with ``'`` before it where it would be a formula, or begins with ``'`` itself."""
    return GUARD + text if text[:1] == GUARD or is_formula(text) else text


def unguarded(cell: str) -> str:
    """Return the text that a cell holds, whoever wrote it: without the ``'`` that `guarded` puts before a text."""
    return cell[1:] if cell[:1] == GUARD and (cell[1:2] == GUARD or cell[1:2] in STARTS) else cell
