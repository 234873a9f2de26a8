"""Numbers as the reader's language prints them, and words of the method."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from django.template.defaultfilters import floatformat
from django.utils.translation import get_language_info, get_supported_language_variant
from django.utils.translation import gettext as _

from scoring.wording.method_names import WORDS

if TYPE_CHECKING:
    from decimal import Decimal
    from fractions import Fraction

    from scoring.queries.published.ranking import Tier


EMPTY = "–"


def figure(value: float | None) -> str:
    """Return a measured value with three significant digits, whole digits never cut; a dash where there is none.

    12,345 dollars; 59.4 µg/m³; 0.157 t; 0.4 %, not 0.400.
    """
    if value is None:
        return EMPTY
    if not value:
        return floatformat(0, "0")
    most = min(max(0, 2 - math.floor(math.log10(abs(value)))), 9)
    places = next(places for places in range(most + 1) if round(value, places) == round(value, most))
    return floatformat(value, f"{places}g")


def score(value: float | None) -> str:
    """Return a score with one decimal; a dash where there is none."""
    return EMPTY if value is None else floatformat(value, "1")


def percent(share: float | None, places: int = 0) -> str:
    """Return a share of one as a percentage with its sign; a dash where there is none."""
    if share is None:
        return EMPTY
    # Translators: a percentage; keep the sign where your language puts it
    text = (_("%(number)s %%") % {"number": floatformat(share * 100, f"{places}")}).replace(" ", "\u00a0")
    return text if share >= 0 else f"\u2066{text}\u2069"  # its own direction, so that the minus stays in front


def words(code: str, kind: str = "") -> str:
    """Return a method, factor or band of the numerics in the reader's words; an unknown code stays itself."""
    return str(WORDS.get(f"{kind} {code}".strip(), code))


def whole(value: float | None, places: int = 0) -> str:
    """Return a count or a rank, with so many decimals; a dash where there is none."""
    return EMPTY if value is None else floatformat(value, f"{places}g")


def outward(value: float | None, places: int = 1) -> str:
    """Return a number with at most so many decimals, none where it is whole; a dash where there is none."""
    return EMPTY if value is None else floatformat(value, f"-{places}")


def signed(value: Fraction | Decimal | int | None, places: int = 0) -> str:
    """Return a gain or a loss with its sign; what is whole has no decimals, what prints as nothing no sign."""
    if value is None:
        return EMPTY
    decimals = 0 if value == int(value) else places
    text = floatformat(abs(float(value)), decimals)
    if text == floatformat(0.0, decimals):
        return text
    return f"+{text}" if value > 0 else f"−{text}"


def tier_name(tier: Tier) -> str:
    """Return the rule of a tier in words: top 10 %, 10 % to 30 %, 50 points and more."""
    if tier.by == "position" and tier.number == 1:
        return _("top %(high)s") % {"high": percent(tier.high)}
    if tier.by == "position":
        return _("%(low)s to %(high)s") % {"low": percent(tier.low), "high": percent(tier.high)}
    if tier.low is None:
        return _("under %(high)s points") % {"high": figure(tier.high)}
    return _("%(low)s points and more") % {"low": figure(tier.low)}


def language(code: str) -> str:
    """Return a language's name in the reader's language; an unknown code stays itself."""
    try:
        return str(get_language_info(get_supported_language_variant(code))["name_translated"])
    except LookupError:
        return code
