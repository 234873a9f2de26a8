"""One pair per screen; every answer is stored at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from surveys.errors import SurveyError
from surveys.queries.expert_sheet import expert_sheet
from surveys.queries.node_page import rests_after
from surveys.usecases.judgements import record_judgement, take_back_judgement
from surveys.web.door import at_home
from surveys.web.following import before
from surveys.web.forms import AnswerForm
from surveys.web.words import refusal, steps

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from surveys.queries.expert_sheet import ExpertSheet, Pair
    from surveys.web.door import Visit


@require_http_methods(["GET", "HEAD", "POST"])
@at_home
def pair(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Ask one pair, or take its answer and go on to the next."""
    if request.method == "POST":
        return _answer(request, visit)
    sheet = expert_sheet(visit.panelist, visit.round)
    shown = sheet.following
    if "first" in request.GET:
        shown = sheet.pair(request.GET["first"], request.GET.get("second", ""))
    if not sheet.is_open or shown is None:
        return redirect("surveys:review", token=visit.token)
    node = sheet.node(shown.node.code)
    if node is not None and node.awaits_choice and "first" not in request.GET:
        return redirect("surveys:node", token=visit.token, node=node.item.code)
    return render(request, "surveys/pair.html", _pair_context(sheet, shown, visit))


def _pair_context(sheet: ExpertSheet, shown: Pair, visit: Visit, form: AnswerForm | None = None) -> dict[str, object]:
    node = sheet.node(shown.node.code)
    return {
        "page": sheet,
        "pair": shown,
        "node": node,
        "earlier": before(visit, shown),
        "token": visit.token,
        "form": form,
        "steps": steps(shown),
    }


def _answer(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Store one answer; a refusal comes back with the same pair and nothing lost."""
    token = visit.token
    form = AnswerForm(request.POST)
    if not form.is_valid():
        sheet = expert_sheet(visit.panelist, visit.round)
        shown = sheet.pair(request.POST.get("first", ""), request.POST.get("second", "")) or sheet.following
        if shown is None:
            return redirect("surveys:review", token=token)
        return render(request, "surveys/pair.html", _pair_context(sheet, shown, visit, form), status=422)
    answer = form.cleaned_data
    try:
        record_judgement(
            visit.panelist,
            visit.round,
            a=answer["first"],
            b=answer["second"],
            value=answer["value"],
            comment=answer["comment"],
            key=answer["key"],
            seen_version=answer["version"],
            at=timezone.now(),
        )
    except SurveyError as error:
        messages.error(request, refusal(error))
        return redirect("surveys:review", token=token)
    if request.POST.get("back"):
        return redirect("surveys:review", token=token)
    return _after(visit, answer["first"], answer["second"])


def _after(visit: Visit, first: str, second: str) -> HttpResponse:
    """Go on: to the question's rest point where this answer reached one, else to the next pair."""
    sheet = expert_sheet(visit.panelist, visit.round)
    answered = sheet.pair(first, second)
    node = sheet.node(answered.node.code) if answered else None
    if node is not None and rests_after(node, first, second, within=visit.round.stop_within):
        return redirect("surveys:node", token=visit.token, node=node.item.code)
    return redirect("surveys:pair", token=visit.token)


@require_POST
@at_home
def take_back(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Take an answer back; the pair is asked again."""
    first, second = request.POST.get("first", ""), request.POST.get("second", "")
    try:
        take_back_judgement(visit.panelist, visit.round, a=first, b=second, at=timezone.now())
        messages.success(request, _("The answer is taken back; the pair is open again."))
    except SurveyError as error:
        messages.error(request, refusal(error))
    return redirect("surveys:review", token=visit.token)
