"""Who asks, until when and for whom: what a mail and a first page say alike."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.formats import date_format
from django.utils.translation import get_language_bidi

from surveys.models import Round

if TYPE_CHECKING:
    from datetime import datetime

    from surveys.models import Panelist


@dataclass(frozen=True)
class Asking:
    """A round as it is put to one panelist, in the reader's language; nothing of her answers."""

    series: str
    panel: str
    contact: str
    round_number: int
    closes: str
    names_shown: bool
    is_demonstration: bool
    is_simulated: bool


def asking(panelist: Panelist, round_: Round) -> Asking:
    """Return who asks her and until when, if answers are taken; no query where panel and series are read along."""
    panel = panelist.panel
    end = None if round_.state == Round.State.CLOSED else round_.finish_until or round_.closes_at
    return Asking(
        series=panel.series.name,
        panel=panel.name,
        contact=panel.series.contact,
        round_number=round_.number,
        closes=in_zone(end, panelist.time_zone) if end else "",
        names_shown=panel.names_shown,
        is_demonstration=panel.series.is_demonstration,
        is_simulated=panel.is_simulated,
    )


def in_zone(at: datetime, zone: str) -> str:
    """Write a moment on the clock of a time zone (the site's without one), with the zone's name and distance from UTC."""
    name = zone or settings.TIME_ZONE
    local = at.astimezone(ZoneInfo(name))
    offset = local.strftime("%z")
    distance = f"UTC{offset[:3]}:{offset[3:5]}" if offset.strip("+-0") else "UTC"
    zone_told = f"({', '.join(dict.fromkeys((name, distance)))})"
    if get_language_bidi():
        zone_told = f"\u2066{zone_told}\u2069"  # a run from left to right, also where no element can hold it together
    return f"{date_format(local, 'DATETIME_FORMAT')} {zone_told}"


def shortened(name: str) -> str:
    """Return a name that she knows again and nobody else learns: its first letter, of several words the last one too."""
    letters = _letters(name.strip())
    if len(letters) < 2:
        return "…"
    several = len(letters) > 3 and any(letter.isspace() for letter in letters)
    return f"{letters[0]}… {letters[-1]}" if several else f"{letters[0]}…"


def _letters(name: str) -> list[str]:
    """Return the letters of a name, each with the marks that stand on it."""
    letters: list[str] = []
    for sign in name:
        if letters and unicodedata.category(sign).startswith("M"):
            letters[-1] += sign
        else:
            letters.append(sign)
    return letters


def masked(email: str) -> str:
    """Return an address that she knows again and nobody else can write to, as in a…@e…org."""
    local, _at, domain = email.rpartition("@")
    return f"{local[:1]}…@{domain[:1]}…{domain.rpartition('.')[2]}" if local else ""
