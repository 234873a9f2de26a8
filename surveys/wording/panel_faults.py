"""What is wrong with a person who is to be taken into a panel, in words beside the field."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from surveys.values.panel_people import PersonFault


def fault_words(fault: PersonFault) -> str:
    """Say what is wrong and what to do."""
    words = {
        ("email", "taken"): _("Somebody in this panel has this address already."),
        ("email", "twice"): _("Row {near} has the same address."),
        ("language", "required"): _("Please choose a language."),
        ("language", "unknown"): _("There is no such language here."),
        ("time_zone", "unknown"): _("There is no such time zone; one is Africa/Casablanca."),
        ("weight", "invalid"): _("Please enter a number of 0 or more, such as 1 or 0.5."),
        ("", "cells"): _("The row has more cells than there are columns."),
    }
    if fault.code == "too_long":
        return _("Too long: {most} characters at most.").format(most=fault.near)
    if fault.code == "unknown" and fault.near:
        return _("It is not known here; the nearest is {near}.").format(near=fault.near)
    if (fault.field, fault.code) in words:
        return words[fault.field, fault.code].format(near=fault.near)
    if fault.field == "email":
        return _("Please enter a mail address, such as name@example.org.")
    return _("It holds signs that are no text, such as a line break.")


def table_words(problem: str, facts: str) -> str:
    """Say why no row of a table could be read."""
    words = {
        "empty": _("Please paste a row with the names of the columns, and a row for each person below it."),
        "no_address": _("The first row names the columns, and none of them is the mail address."),
        "column_twice": _("These columns mean the same: {facts}."),
        "too_many": _("Too many rows: {facts} people at most at once."),
        "unreadable": _("These cells could not be read: {facts}."),
    }
    return words[problem].format(facts=facts)


def refusal_words(reason: str) -> str:
    """Say why nothing was done to a panelist."""
    words = {
        "weighed": _("Group and weight count in a closed round and stay as they are."),
        "destroyed": _("The names and addresses of this panel are destroyed; nobody can be found or added any more."),
        "withdrawn": _("This person has withdrawn."),
        "begun": _(
            "This person has begun with the address that is known, and it stays; her personal link still opens."
        ),
        "declined": _("This person is not asked any more already."),
        "not_exempted": _("This person is not exempted."),
        "replaced": _("Somebody is asked in this person’s place already."),
        "invited": _("This person was invited and cannot be taken out; exempt her instead."),
        "answered": _("There are answers of this person, so she cannot be taken out; exempt her instead."),
    }
    return words[reason]
