"""In which time zone a page shows hours."""

from __future__ import annotations

from django import template
from django.utils import timezone

register = template.Library()


@register.simple_tag
def zone() -> str:
    """Name the time zone of the page, such as Africa/Casablanca."""
    return timezone.get_current_timezone_name()
