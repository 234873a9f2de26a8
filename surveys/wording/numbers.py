"""Shares in words, as the panelist reads them."""

from __future__ import annotations

from django.template.defaultfilters import floatformat
from django.utils.translation import gettext as _


def as_percent(share: float | None) -> str:
    """Return a share of one with one decimal; a dash where there is none."""
    if share is None:
        return "–"
    # Translators: a percentage; keep the sign where your language puts it
    return (_("%(number)s %%") % {"number": floatformat(share * 100, "1")}).replace(" ", "\u00a0")


def as_span(low: float, high: float) -> str:
    """Return two shares of one as a span with one sign: 10.4–13.5 %."""
    # Translators: a percentage; keep the sign where your language puts it
    span = f"{floatformat(low * 100, '1')}–{floatformat(high * 100, '1')}"
    return (_("%(number)s %%") % {"number": span}).replace(" ", "\u00a0")


def as_points(share: float) -> str:
    """Return a difference of shares in percentage points, rounded up to a tenth."""
    return floatformat(-(-share * 1000 // 1) / 10, "1")
