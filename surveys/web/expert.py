"""The panelist's pages behind her personal link. GET changes nothing; every answer is stored at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from surveys.errors import SurveyError, UnknownLinkError
from surveys.queries.expert_sheet import current_round, expert_sheet
from surveys.queries.links import panelist_for
from surveys.usecases.judgements import record_judgement, skip_node, submit_round, take_back_judgement
from surveys.web.forms import AnswerForm
from surveys.web.words import refusal, steps

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse

    from surveys.models import Panelist, Round
    from surveys.queries.expert_sheet import Pair

    View = Callable[..., HttpResponse]


def behind_link(view: View) -> View:
    """Open the page for the panelist of the link; unknown, withdrawn and not yet opened links look alike."""

    @never_cache
    def opened(request: HttpRequest, token: str, **more: str) -> HttpResponse:
        try:
            panelist = panelist_for(token)
        except UnknownLinkError:
            return render(request, "surveys/unknown_link.html", status=404)
        round_ = current_round(panelist)
        if round_ is None:
            return render(request, "surveys/unknown_link.html", status=404)
        response = view(request, token, panelist, round_, **more)
        response["X-Robots-Tag"] = "noindex"
        return response

    return opened


@require_safe
@behind_link
def invitation(request: HttpRequest, token: str, panelist: Panelist, round_: Round) -> HttpResponse:
    """Say who asks, how long it takes and who sees what."""
    sheet = expert_sheet(panelist, round_)
    return render(request, "surveys/invitation.html", {"page": sheet, "token": token})


@require_http_methods(["GET", "HEAD", "POST"])
@behind_link
def pair(request: HttpRequest, token: str, panelist: Panelist, round_: Round) -> HttpResponse:
    """Ask one pair, or take its answer and go on to the next."""
    if request.method == "POST":
        return _answer(request, token, panelist, round_)
    sheet = expert_sheet(panelist, round_)
    shown = sheet.following
    if "first" in request.GET:
        shown = sheet.pair(request.GET["first"], request.GET.get("second", ""))
    if not sheet.is_open or shown is None:
        return redirect("surveys:review", token=token)
    return render(request, "surveys/pair.html", _pair_context(sheet, shown, token))


def _pair_context(sheet: object, shown: Pair, token: str, form: AnswerForm | None = None) -> dict[str, object]:
    return {"page": sheet, "pair": shown, "token": token, "form": form, "steps": steps(shown)}


def _answer(request: HttpRequest, token: str, panelist: Panelist, round_: Round) -> HttpResponse:
    """Store one answer; a refusal comes back with the same pair and nothing lost."""
    form = AnswerForm(request.POST)
    if not form.is_valid():
        sheet = expert_sheet(panelist, round_)
        shown = sheet.pair(request.POST.get("first", ""), request.POST.get("second", "")) or sheet.following
        if shown is None:
            return redirect("surveys:review", token=token)
        return render(request, "surveys/pair.html", _pair_context(sheet, shown, token, form), status=422)
    answer = form.cleaned_data
    try:
        record_judgement(
            panelist,
            round_,
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
    return _after(token, panelist, round_, node=request.POST.get("node", ""))


def _after(token: str, panelist: Panelist, round_: Round, *, node: str) -> HttpResponse:
    """Go on: to the node's summary when it has just become complete, else to the next pair."""
    done = expert_sheet(panelist, round_).node(node)
    if done is not None and done.complete and done.clash is not None:
        return redirect("surveys:node", token=token, node=node)
    return redirect("surveys:pair", token=token)


@require_POST
@behind_link
def take_back(request: HttpRequest, token: str, panelist: Panelist, round_: Round) -> HttpResponse:
    """Take an answer back; the pair is asked again."""
    first, second = request.POST.get("first", ""), request.POST.get("second", "")
    try:
        take_back_judgement(panelist, round_, a=first, b=second, at=timezone.now())
        messages.success(request, _("The answer is taken back; the pair is open again."))
    except SurveyError as error:
        messages.error(request, refusal(error))
    return redirect("surveys:review", token=token)


@require_http_methods(["GET", "HEAD", "POST"])
@behind_link
def node(request: HttpRequest, token: str, panelist: Panelist, round_: Round, *, node: str) -> HttpResponse:
    """Show one question's answers that pull against each other, or leave the question out (or take it up again)."""
    if request.method == "POST":
        try:
            skip_node(panelist, round_, node=node, skipped=request.POST.get("skipped") == "yes", at=timezone.now())
        except SurveyError as error:
            messages.error(request, refusal(error))
        return redirect("surveys:pair", token=token)
    sheet = expert_sheet(panelist, round_)
    shown = sheet.node(node)
    if shown is None:
        return redirect("surveys:review", token=token)
    return render(request, "surveys/node.html", {"page": sheet, "node": shown, "token": token})


@require_http_methods(["GET", "HEAD", "POST"])
@behind_link
def review(request: HttpRequest, token: str, panelist: Panelist, round_: Round) -> HttpResponse:
    """Show all answers; take the hand-in."""
    if request.method == "POST":
        try:
            submit_round(panelist, round_, at=timezone.now())
        except SurveyError as error:
            messages.error(request, refusal(error))
            return redirect("surveys:review", token=token)
        return redirect("surveys:receipt", token=token)
    sheet = expert_sheet(panelist, round_)
    if sheet.receipt:
        return redirect("surveys:receipt", token=token)
    return render(request, "surveys/review.html", {"page": sheet, "token": token})


@require_safe
@behind_link
def receipt(request: HttpRequest, token: str, panelist: Panelist, round_: Round) -> HttpResponse:
    """Show the receipt and what it stands for."""
    sheet = expert_sheet(panelist, round_)
    if not sheet.receipt:
        return redirect("surveys:review", token=token)
    return render(request, "surveys/receipt.html", {"page": sheet, "token": token})
