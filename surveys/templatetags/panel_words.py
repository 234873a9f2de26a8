"""Rows of a table of people in words, for templates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import template
from django.conf import settings
from django.utils.translation import gettext

from exchange.problems import listed
from surveys.wording.panel_faults import fault_words

if TYPE_CHECKING:
    from surveys.files.panel_table import PeopleRow, PeopleTable

register = template.Library()
register.filter("in_fault_words", fault_words)


@register.filter
def faults_first(table: PeopleTable) -> tuple[PeopleRow, ...]:
    """Return the rows to be mended, then the others."""
    return table.bad + table.good


@register.filter
def passed_over(table: PeopleTable) -> str:
    """Say which columns nobody knows."""
    said = gettext("Columns that nobody knows were passed over: {columns}.")
    return said.format(columns=listed(table.passed_over))


@register.filter
def language_words(code: str) -> str:
    """Return a language's own name, or what was written where it is none."""
    return str(dict(settings.LANGUAGES).get(code, code))
