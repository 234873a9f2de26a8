"""Answers, shares and moments in words, for templates."""

from __future__ import annotations

from django import template

from surveys.wording.answers import as_ratio, as_sent, as_sentence, as_short, defined, item_name
from surveys.wording.clock import in_zone
from surveys.wording.numbers import as_percent, as_points, as_span

register = template.Library()
for said in (defined, as_percent, as_span, as_points, as_ratio, as_sent, as_short, as_sentence):
    register.filter(said)
register.filter("named", item_name)
register.filter("on_clock_of", in_zone)
