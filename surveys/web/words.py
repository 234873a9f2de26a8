"""Refusals and answers in the panelist's words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import uuid4

from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from surveys.templatetags.survey_words import named

if TYPE_CHECKING:
    from surveys.errors import SurveyError
    from surveys.queries.expert_sheet import Pair

REFUSALS = {
    "wrong_state": gettext_lazy("The round is not open. Your answers are kept as they were."),
    "already_submitted": gettext_lazy("You have handed in this round. Your answers stand."),
    "not_asked": gettext_lazy("This round does not ask that pair. Nothing was changed."),
    "bad_judgement": gettext_lazy("This answer was not stored: the comment is too long or holds an e-mail address."),
    "nothing_answered": gettext_lazy("There is nothing to hand in yet. Answer at least one pair."),
    "conflict": gettext_lazy(
        "You answered this pair in another window. That answer stands; change it here if you wish."
    ),
}


def refusal(error: SurveyError) -> str:
    """Return what a person should read for a refusal."""
    return str(REFUSALS.get(error.code, _("This was not possible. Nothing was changed.")))


@dataclass(frozen=True)
class Step:
    """One answer to choose: what is sent, and what it says."""

    value: str
    words: str
    chosen: bool


@dataclass(frozen=True)
class Steps:
    """The five answers and the finer ones for each side, with a fresh key for this answer."""

    five: tuple[Step, ...]
    finer: tuple[Step, ...]
    key: str
    finer_chosen: bool


def steps(pair: Pair) -> Steps:
    """Return the answers to a pair, each naming the item; none chosen unless she answered before."""
    first, second = named(pair.first), named(pair.second)
    much = _("{item} matters <b>much</b> more")
    more = _("{item} matters <b>more</b>")
    chosen = None if pair.value is None else _text(pair.value)
    five = (
        ("5", format_html(much, item=first)),
        ("3", format_html(more, item=first)),
        ("1", format_html(_("Both matter <b>{equally}</b>"), equally=_("equally"))),
        ("1/3", format_html(more, item=second)),
        ("1/5", format_html(much, item=second)),
    )
    times = _("{item} matters {times} times as much")
    finer = [(str(n), format_html(times, item=first, times=n)) for n in (9, 8, 7, 6, 4, 2)]
    finer += [(f"1/{n}", format_html(times, item=second, times=n)) for n in (2, 4, 6, 7, 8, 9)]
    return Steps(
        five=tuple(Step(value, words, value == chosen) for value, words in five),
        finer=tuple(Step(value, words, value == chosen) for value, words in finer),
        key=str(uuid4()),
        finer_chosen=any(value == chosen for value, _words in finer),
    )


def _text(value: float) -> str:
    """Write a stored ratio as the form sends it."""
    return f"{value:.0f}" if value >= 1 else f"1/{1 / value:.0f}"
