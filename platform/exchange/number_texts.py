"""One text as a number: signs and digits of every script, either decimal sign, grouped thousands, fractions."""

from __future__ import annotations

import math
import re
import unicodedata
from typing import TYPE_CHECKING, Final, NamedTuple

from exchange.cells import NUMBER
from exchange.grids import StoredNumber

if TYPE_CHECKING:
    from collections.abc import Iterable

MARKERS: Final = frozenset(
    {
        "n/a",
        "#n/a",
        "nan",
        "null",
        "none",
        "nil",
        "-",
        "--",
        "\N{EN DASH}",
        "\N{EM DASH}",
        ".",
        "..",
        "...",
        "\N{HORIZONTAL ELLIPSIS}",
    }
    | {
        "na",
        "n.a.",
        "n.d.",
        "nd",
        "n/d",
        "s/d",
        "s.d.",
        "k.a.",
        "h\N{SOLIDUS}\N{CYRILLIC SMALL LETTER DE}",
        "*",
        "x",
        ":",
        "?",
        "_",
        "missing",
    }
)
"""What often means missing, and is asked for."""
MONTH: Final = r"[^\W\d_]{3,9}\.?"
DATE: Final = re.compile(
    rf"\d{{4}}-\d{{1,2}}-\d{{1,2}}(T[\d:.]+)?|\d{{1,2}}[/.-]\d{{1,2}}[/.-]\d{{2,4}}|\d{{1,2}}[-. /]{MONTH}([-. /]\d{{2,4}})?|{MONTH}[-. /]\d{{1,4}}"
)
SPACES: Final = dict.fromkeys(
    map(ord, "\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}\N{THIN SPACE}\N{FIGURE SPACE}"), " "
)
SIGNS: Final = {
    ord("\N{MINUS SIGN}"): "-",
    ord("\N{ARABIC DECIMAL SEPARATOR}"): "\N{ARABIC DECIMAL SEPARATOR}",
    ord("\N{FULLWIDTH COMMA}"): ",",
    ord("\N{FULLWIDTH FULL STOP}"): ".",
    ord("\N{FULLWIDTH HYPHEN-MINUS}"): "-",
    ord("\N{FULLWIDTH PLUS SIGN}"): "+",
    ord("\N{FULLWIDTH SOLIDUS}"): "/",
    ord("\N{FRACTION SLASH}"): "/",
    ord("\N{DIVISION SLASH}"): "/",
    ord("\N{FULLWIDTH PERCENT SIGN}"): "%",
    ord("\N{ARABIC PERCENT SIGN}"): "%",
    ord("\N{RIGHT SINGLE QUOTATION MARK}"): "'",
}
ARABIC_DECIMAL, ARABIC_THOUSANDS = "\N{ARABIC DECIMAL SEPARATOR}", "\N{ARABIC THOUSANDS SEPARATOR}"
GROUPING: Final = {".": (",", " ", "'"), ",": (".", " ", "'")}
"""The signs that may group thousands, by decimal sign."""


class NumberText(NamedTuple):
    """A text as a number under one decimal sign: its value, half a unit of its last digit, and whether thousands were grouped."""

    value: float
    half_unit: float
    is_grouped: bool


def plain_number(text: str, *, is_ratio: bool) -> float | None:
    """Return the number of a text with a decimal point, None where it is none."""
    if is_ratio and "/" in text:
        above, _, below = text.partition("/")
        parts = [plain_number(part, is_ratio=False) for part in (above, below)]
        return parts[0] / parts[1] if parts[0] is not None and parts[1] else None
    if not NUMBER.fullmatch(text):
        return None
    value = float(text)
    return value if math.isfinite(value) else None


def with_plain_signs(text: str) -> str:
    """Return a text with digits and signs of other scripts as those of ASCII, spaces as one kind."""
    if text.isascii():
        return text
    plain = text.translate(SIGNS).translate(SPACES)
    return "".join(str(unicodedata.decimal(one)) if one.isdecimal() else one for one in plain)


def as_stored(old: str, new: str) -> str:
    """Keep that a spreadsheet stored the number."""
    return StoredNumber(new) if isinstance(old, StoredNumber) else new


def number_text(text: str, sign: str, grouping: Iterable[str], *, is_ratio: bool) -> NumberText | None:
    """Read a text under a decimal sign, None where it is no number so."""
    if is_ratio and "/" in text:
        above, _, below = text.partition("/")
        first, second = (number_text(part.strip(), sign, grouping, is_ratio=False) for part in (above, below))
        if first is None or second is None or not second.value:
            return None
        return NumberText(first.value / second.value, 0.0, first.is_grouped or second.is_grouped)
    if isinstance(text, StoredNumber):
        sign, grouping = ".", ()
    elif ARABIC_DECIMAL in text or ARABIC_THOUSANDS in text:
        text = text.replace(ARABIC_DECIMAL, ".").replace(ARABIC_THOUSANDS, "\0")
        sign, grouping = ".", ("\0",)
    whole, has_fraction, rest = text.partition(sign)
    digits, mark = _ungrouped(whole, grouping)
    plain = f"{digits}.{rest}" if has_fraction else digits
    if "." in digits or not NUMBER.fullmatch(plain):
        return None
    fraction = re.split("[eE]", rest)[0]
    half = 0.5 * 10.0 ** -len(fraction) if fraction and not re.search("[eE]", plain) else 0.0
    return NumberText(float(plain), half, mark)


def _ungrouped(whole: str, grouping: Iterable[str]) -> tuple[str, bool]:
    """Return the digits before the decimal sign without the signs that group them in threes, or as in India in twos."""
    for mark in grouping:
        if mark in whole:
            quoted = re.escape(mark)
            grouped = rf"[+-]?[1-9]\d{{0,2}}(?:{quoted}\d{{3}})+|[+-]?[1-9]\d?(?:{quoted}\d\d)+{quoted}\d{{3}}"
            return (whole.replace(mark, ""), True) if re.fullmatch(grouped, whole, re.ASCII) else (whole, False)
    return whole, False
