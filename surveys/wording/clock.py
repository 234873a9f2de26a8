"""Moments in words, on the clock of a time zone that is named."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import get_language_bidi

if TYPE_CHECKING:
    from datetime import datetime


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


def clock(at: datetime, zone: str) -> str:
    """Say a time in the zone of that name (UTC where there is none), with the day unless it is today, and the zone."""
    name = zone_name(zone)
    local = localtime(at, ZoneInfo(name))
    today = local.date() == localtime(timezone=ZoneInfo(name)).date()
    return f"{date_format(local, 'H:i' if today else 'DATETIME_FORMAT')} ({name})"


def zone_name(zone: str) -> str:
    """Return the zone's name if there is such a zone, else the site's."""
    try:
        return ZoneInfo(zone or settings.TIME_ZONE).key
    except (ZoneInfoNotFoundError, ValueError, OSError):  # also the name of a folder of zones, or one that is too long
        return settings.TIME_ZONE
