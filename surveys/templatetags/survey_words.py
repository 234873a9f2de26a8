"""Answers in words, for the panelist's pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import template
from django.template.defaultfilters import floatformat
from django.utils.html import conditional_escape, format_html
from django.utils.translation import gettext as _

from surveys.queries.panelist.invitation import in_zone

if TYPE_CHECKING:
    from datetime import datetime

    from django.utils.safestring import SafeString

    from surveys.values.sheet import Item, Pair

register = template.Library()


@register.filter
def named(item: Item) -> SafeString:
    """Return an item's name; one that is not in the reader's language says which it is in."""
    if not item.name_language:
        return conditional_escape(item.name)
    return format_html('<bdi lang="{}">{}</bdi>', item.name_language, item.name)


@register.filter
def defined(item: Item) -> SafeString:
    """Return an item's definition; one that is not in the reader's language says which it is in."""
    if not item.definition_language:
        return conditional_escape(item.definition)
    return format_html('<bdi lang="{}">{}</bdi>', item.definition_language, item.definition)


@register.filter
def as_percent(share: float | None) -> str:
    """Return a share of one with one decimal; a dash where there is none."""
    if share is None:
        return "–"
    # Translators: a percentage; keep the sign where your language puts it
    return (_("%(number)s %%") % {"number": floatformat(share * 100, "1")}).replace(" ", "\u00a0")


@register.filter
def as_span(low: float, high: float) -> str:
    """Return two shares of one as a span with one sign: 10.4–13.5 %."""
    # Translators: a percentage; keep the sign where your language puts it
    span = f"{floatformat(low * 100, '1')}–{floatformat(high * 100, '1')}"
    return (_("%(number)s %%") % {"number": span}).replace(" ", "\u00a0")


@register.filter
def as_points(share: float) -> str:
    """Return a difference of shares in percentage points, rounded up to a tenth."""
    return floatformat(-(-share * 1000 // 1) / 10, "1")


@register.filter
def as_ratio(value: float) -> str:
    """Return a ratio as people write it: 3, or 1/3 below one; halves where the median lies between two answers."""
    number = floatformat(max(value, 1 / value), "-1")
    return number if value >= 1 else f"1/{number}"


@register.filter
def as_sent(value: float) -> str:
    """Write a stored answer as the form sends it: 3 or 1/3."""
    return f"{value:.0f}" if value >= 1 else f"1/{1 / value:.0f}"


@register.filter
def as_short(pair: Pair) -> SafeString | str:
    """Say an answer in a few words: the item that matters more, and how many times."""
    if pair.value is None:
        return ""
    if round(max(pair.value, 1 / pair.value), 1) == 1:
        return _("equally")
    above = pair.first if pair.value > 1 else pair.second
    times = floatformat(max(pair.value, 1 / pair.value), "-1")
    return format_html("<bdi>{} ×{}</bdi>", named(above), times)


@register.filter
def as_sentence(pair: Pair) -> SafeString | str:
    """Say an answer as a sentence that names both items."""
    if pair.value is None:
        return ""
    times = floatformat(max(pair.value, 1 / pair.value), "-1")
    if times == "1":
        return format_html(
            _("{first} and {second} matter equally."), first=named(pair.first), second=named(pair.second)
        )
    above, below = (pair.first, pair.second) if pair.value > 1 else (pair.second, pair.first)
    return format_html(
        _("{above} matters {times} times as much as {below}."), above=named(above), times=times, below=named(below)
    )


@register.filter
def on_clock_of(at: datetime, zone: str) -> str:
    """Write a moment on the clock of a time zone, which is named."""
    return in_zone(at, zone)
