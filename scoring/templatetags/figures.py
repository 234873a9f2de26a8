"""Numbers and words of the method, for templates.

Every number on a page goes through one of these filters or through ``floatformat``, never through a bare format string.
"""

from __future__ import annotations

from django import template

from scoring.wording.numbers import figure, language, outward, percent, score, signed, tier_name, whole, words

register = template.Library()
for written in (figure, language, outward, percent, score, signed, tier_name, whole, words):
    register.filter(written)
