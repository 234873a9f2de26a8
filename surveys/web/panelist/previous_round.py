"""What stood before the round she is in, and keeping it with one tap."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect
from django.utils import timezone

from accounts.methods import require_POST
from surveys.errors import SurveyError
from surveys.queries.panelist.previous_round import earlier_answers
from surveys.usecases.following import keep_earlier
from surveys.web.panelist.access import known_device_required
from surveys.web.panelist.forms import PairForm
from surveys.wording.answers import refusal

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from surveys.values.sheet import Pair
    from surveys.web.panelist.access import PanelistVisit


@dataclass(frozen=True)
class BeforePage:
    """What stood before this round for a pair, as pairs to say in words; the group is there from five answers on."""

    own: Pair | None
    was_asked: bool
    answered: int
    median: Pair | None
    low: Pair | None
    high: Pair | None
    reasons: tuple[str, ...]


def before_page(visit: PanelistVisit, shown: Pair) -> BeforePage | None:
    """Return what stood before this round for the pair, in the order of her screen; None in a round that follows none."""
    found = earlier_answers(visit.panelist, visit.round).get(frozenset((shown.first.code, shown.second.code)))
    if found is None:
        return None
    seen = found.seen_from(shown.first.code)

    def said(value: float | None, taken_from: str = "") -> Pair | None:
        return None if value is None else replace(shown, value=value, taken_from=taken_from)

    group = seen.group
    return BeforePage(
        own=said(seen.own, seen.taken_from),
        was_asked=seen.was_asked,
        answered=group.answered if group else 0,
        median=said(group.median if group else None),
        low=said(group.low if group else None),
        high=said(group.high if group else None),
        reasons=seen.reasons,
    )


@require_POST
@known_device_required
def keep(request: HttpRequest, visit: PanelistVisit) -> HttpResponse:
    """Give the earlier answer again, with one tap."""
    form = PairForm(request.POST)
    if form.is_valid():
        try:
            keep_earlier(visit.panelist, visit.round, **form.for_use_case(), at=timezone.now())
        except SurveyError as error:
            messages.error(request, refusal(error))
            return redirect("surveys:review", token=visit.token)
    return redirect("surveys:pair", token=visit.token)
