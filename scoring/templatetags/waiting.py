"""What waits on somebody, and what comes next: the words of `scoring.wording.waiting`."""

from __future__ import annotations

from django import template

from scoring.wording import waiting

register = template.Library()

register.filter("what_waits", waiting.what)
register.filter("waits_at", waiting.place)
register.filter("waiting_action", waiting.action)
register.filter("waiting_address", waiting.address)
register.filter("waiting_mark", waiting.mark)
register.filter("next_step", waiting.next_step)
