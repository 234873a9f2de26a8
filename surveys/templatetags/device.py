"""What every panelist page carries for her device: the words of its scripts, and until when a closing round may be finished."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import template
from django.utils import timezone

from surveys.wording import answers
from surveys.wording.clock import clock

if TYPE_CHECKING:
    from collections.abc import Mapping

    from surveys.values.sheet import PanelistSheet

register = template.Library()


@register.simple_tag
def device_words() -> dict[str, str | Mapping[str, str]]:
    """Return what the page's scripts say, in her language."""
    return answers.device_words()


@register.simple_tag
def closing_said(page: PanelistSheet) -> str:
    """Say until when she may finish a round whose end is announced; empty otherwise."""
    if page.finish_until is None or not page.is_open or page.finish_until <= timezone.now():
        return ""
    return answers.closing_words().replace("{time}", clock(page.finish_until, page.time_zone))
