"""Numbers as the reader's language prints them, and words of the method.

Every number on a page goes through one of these filters or through ``floatformat``, never through a bare format string.
"""

from __future__ import annotations

import math

from django import template
from django.template.defaultfilters import floatformat
from django.utils.translation import gettext as _

from scoring.web.words import WORDS

register = template.Library()
EMPTY = "–"


@register.filter
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


@register.filter
def score(value: float | None) -> str:
    """Return a score with one decimal; a dash where there is none."""
    return EMPTY if value is None else floatformat(value, "1")


@register.filter
def percent(share: float | None, places: int = 0) -> str:
    """Return a share of one as a percentage with its sign; a dash where there is none."""
    if share is None:
        return EMPTY
    # Translators: a percentage; keep the sign where your language puts it
    return (_("%(number)s %%") % {"number": floatformat(share * 100, f"{places}")}).replace(" ", "\u00a0")


@register.filter
def words(code: str, kind: str = "") -> str:
    """Return a method, factor or band of the numerics in the reader's words; an unknown code stays itself."""
    return str(WORDS.get(f"{kind} {code}".strip(), code))
