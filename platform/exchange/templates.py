"""Empty files that are filled in and sent back: what stands above the names of their columns, in the reader's language.

A spreadsheet may save such a file in an old encoding. The lines above the names are known, so that they tell which one it was.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

from django.conf import settings
from django.utils.formats import get_format
from django.utils.translation import get_language, gettext, override

from exchange.names import languages
from exchange.tables import csv_text
from exchange.wording import KEEP_LINES, TEMPLATES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

LETTERS: Final = ("É œ ç ã ž", "ł ő ř", "ğ ş ı")
"""Of old encodings whose letters no name of a language tells: windows-1252, windows-1250, windows-1254."""
BYTE_ORDER_MARK: Final = "\ufeff"
"""By which spreadsheets know UTF-8."""


def template_text(
    form: str, columns: Sequence[str], rows: Iterable[Sequence[str]] = (), *, names: Sequence[str] = ()
) -> str:
    """Return an empty file in the active language, as a spreadsheet of that language opens it.

    A byte order mark, a sentence that says how the file is filled in, the line that tells its encoding, the names of the
    columns, and rows. Cells are separated by semicolons where the language has a decimal comma.

    Parameters
    ----------
    form : str
        What the file is for: one of `TEMPLATES`.
    names : Sequence[str]
        What stands above the columns, for the reader alone.
    """
    above = [_telling_cells(), *([names] if names else []), columns]
    separator = ";" if get_format("DECIMAL_SEPARATOR", get_language(), use_l10n=True) == "," else ","
    return BYTE_ORDER_MARK + csv_text([gettext(TEMPLATES[form])], [*above, *rows], separator=separator)


@cache
def known_cells() -> frozenset[str]:
    """Return all cells that stand above the names of columns in a template, in every language."""
    cells = {*LETTERS, *_language_cells()}
    for language in languages():
        with override(language):
            cells |= {gettext(text) for text in (KEEP_LINES, *TEMPLATES.values())}
    return frozenset(cells)


def _telling_cells() -> list[str]:
    return [gettext(KEEP_LINES), *_language_cells(), *LETTERS]


def _language_cells() -> list[str]:
    """Name the languages and their codes, each in its own letters."""
    return [f"{code} {name}" for code, name in settings.LANGUAGES]
