"""What the pages' own script is answered, as JSON, when it sends an answer or asks how things stand.

docs/answering.md has every field and every refusal; ``surveys/static/surveys/answers/protocol.js`` is the script's side of it.
"""

from __future__ import annotations

import hashlib
from functools import wraps
from typing import TYPE_CHECKING

from django.http import JsonResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from surveys.models import Round
from surveys.queries.panelist.tally import tally
from surveys.queries.standing import handed_in
from surveys.states import ROUND
from surveys.web.panelist.access import link_required
from surveys.wording.answers import refusal
from surveys.wording.clock import clock

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse

    from surveys.errors import SurveyError
    from surveys.models import Judgement, Panelist
    from surveys.queries.panelist.tally import Tally
    from surveys.web.panelist.access import PanelistVisit, View

REFUSED = {
    "conflict": ("conflict", 409),
    "wrong_state": ("closed", 409),
    "already_submitted": ("handed_in", 409),
}


def wants_json(request: HttpRequest) -> bool:
    """Say whether the page's script asks."""
    return "application/json" in request.headers.get("Accept", "")


def scope(panelist: Panelist, round_: Round) -> str:
    """Name a panelist and her round without saying who she is."""
    return hashlib.sha256(f"answers of {panelist.uid} in {round_.uid}".encode()).hexdigest()[:24]


def saved_response(visit: PanelistVisit, stored: Judgement, *, goto: Callable[[Tally], str | None]) -> JsonResponse:
    """Tell that an answer is stored, how far she is, and where the page should go, if anywhere."""
    counted = tally(visit.panelist, visit.round)
    return JsonResponse(
        {
            "state": "saved",
            "version": stored.version,
            "at": stored.at,
            "answered": counted.settled,
            "total": counted.total,
            "goto": goto(counted),
            "time": clock(stored.at, visit.panelist.time_zone),
            **_closing(visit),
        }
    )


def refusal_response(error: SurveyError, *, goto: str | None = None) -> JsonResponse:
    """Tell why an answer is not stored."""
    state, status = REFUSED.get(error.code, ("refused", 422))
    return JsonResponse({"state": state, "message": refusal(error), "goto": goto}, status=status)


def malformed_response(messages: list[str]) -> JsonResponse:
    """Tell what of the fields is not accepted."""
    return JsonResponse({"state": "refused", "message": " ".join(messages), "goto": None}, status=422)


def known_device_or_refusal(view: View) -> View:
    """Open what the page's script asks on her own devices alone; elsewhere say so, or lead to the page that asks who it is."""

    @link_required
    @wraps(view)
    def opened(request: HttpRequest, visit: PanelistVisit, **more: str) -> HttpResponse:
        if visit.is_hers:
            return view(request, visit, **more)
        if not wants_json(request):
            return redirect("surveys:invitation", token=visit.token)
        message = _("This device is not known. Open your link and begin on it; the answer is kept here until then.")
        return JsonResponse({"state": "elsewhere", "message": message, "goto": None}, status=403)

    return opened


def standing_response(visit: PanelistVisit) -> JsonResponse:
    """Tell how her round stands."""
    counted = tally(visit.panelist, visit.round)
    is_handed_in = handed_in(visit.round).filter(panelist=visit.panelist).exists()
    is_open = ROUND.allows("record_judgement", visit.round.state)
    return JsonResponse(
        {
            "state": "handed_in" if is_handed_in else "open" if is_open else "closed",
            "scope": scope(visit.panelist, visit.round),
            "answered": counted.settled,
            "total": counted.total,
            **_closing(visit),
        }
    )


def _closing(visit: PanelistVisit) -> dict[str, object]:
    """Return until when she may finish a round whose end is announced, as a time and in words; nulls otherwise."""
    until = visit.round.finish_until if visit.round.state == Round.State.OPEN else None
    return {"closing": until, "closing_time": clock(until, visit.panelist.time_zone) if until else None}
