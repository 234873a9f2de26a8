"""Answers in words, for the panelist's pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import template
from django.utils.translation import gettext as _

from surveys.queries.asking import in_zone

if TYPE_CHECKING:
    from datetime import datetime

    from surveys.queries.expert_sheet import Pair

register = template.Library()


@register.filter
def as_sentence(pair: Pair) -> str:
    """Say an answer as a sentence that names both items."""
    if pair.value is None:
        return ""
    if pair.value == 1:
        return _("{first} and {second} matter equally.").format(first=pair.first.name, second=pair.second.name)
    above, below = (pair.first, pair.second) if pair.value > 1 else (pair.second, pair.first)
    times = round(max(pair.value, 1 / pair.value))
    return _("{above} matters {times} times as much as {below}.").format(
        above=above.name, times=times, below=below.name
    )


@register.filter
def on_clock_of(at: datetime, zone: str) -> str:
    """Write a moment on the clock of a time zone, which is named."""
    return in_zone(at, zone)
