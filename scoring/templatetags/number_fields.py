"""What pages say to a reader's question that has no answer, and of the groups that cities are compared in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import template
from django.utils.translation import gettext

from scoring.wording.numbers import figure, words
from scoring.wording.refusals import sentence

if TYPE_CHECKING:
    from scoring.queries.explore.number_fields import Refused
    from scoring.queries.explore.subject import Control, Refusal

register = template.Library()


@register.filter
def refused(one: Refused) -> str:
    """Say why a field is refused, with what is allowed."""
    if one.code == "unknown":
        return gettext("There is no criterion “{code}” here.").format(code=one.criterion)
    low, high = figure(one.low), figure(one.high)
    if one.code == "not_a_number":
        return gettext("Please write a number from {low} to {high}, with a decimal point.").format(low=low, high=high)
    return gettext("Not possible here; allowed are {low} to {high}.").format(low=low, high=high)


@register.filter
def described(control: Control, beside: str = "") -> str:
    """Return the ids of what is written beside a control, such as ``"allowed"``, and of its refusal."""
    parts = [beside, "error" if control.refused else ""]
    return " ".join(f"{control.field}_{part}" for part in parts if part)


@register.filter
def unanswered(refusal: Refusal) -> str:
    """Say why a question has no answer."""
    return sentence(refusal.code, refusal.facts, refusal.message)


@register.filter
def grouping(code: str) -> str:
    """Return what a column groups cities by, in words; a column nobody foresaw keeps its name."""
    found = words(code, "peers")
    return code if found == f"peers {code}" else found


@register.filter
def group(value: str) -> str:
    """Return the name of a group in words; one nobody foresaw keeps its name."""
    return words(value, "group")
