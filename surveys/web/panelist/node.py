"""A node as one question: how long it is, the short set, leaving it out, and answers that pull against each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from accounts.methods import require_http_methods, require_POST
from surveys.errors import SurveyError
from surveys.models import NodeChoice, TripleDecision
from surveys.queries.panelist.node_page import node_page
from surveys.queries.panelist.sheet import panelist_sheet
from surveys.usecases.judgements import choose_for_node
from surveys.usecases.nodes import decide_on_triple, undo_change
from surveys.values.standing import leaves_out
from surveys.web.panelist.access import known_device_required
from surveys.wording.answers import refusal

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from surveys.web.panelist.access import PanelistVisit


@require_http_methods(["GET", "HEAD", "POST"])
@known_device_required
def node(request: HttpRequest, visit: PanelistVisit, *, node: str) -> HttpResponse:
    """Show one question before it begins and at its rest points; take how she wants to answer it."""
    if request.method == "POST":
        return _choose(request, visit, node)
    sheet = panelist_sheet(visit.panelist, visit.round)
    shown = sheet.node(node)
    if shown is None or not sheet.is_open:
        return redirect("surveys:review", token=visit.token)
    question = node_page(shown, visit.panelist, visit.round)
    context = {"page": sheet, "question": question, "node": shown, "token": visit.token}
    return render(request, "surveys/node.html", context)


def _choose(request: HttpRequest, visit: PanelistVisit, node: str) -> HttpResponse:
    choice = request.POST.get("choice", "")
    if choice in NodeChoice.Choice.values:
        try:
            choose_for_node(visit.panelist, visit.round, node=node, choice=choice, at=timezone.now())
            if leaves_out(choice):
                messages.success(request, _("This question is left out. You can take it up again in “Your answers”."))
        except SurveyError as error:
            messages.error(request, refusal(error))
    return redirect("surveys:pair", token=visit.token)


@require_POST
@known_device_required
def clash(request: HttpRequest, visit: PanelistVisit, *, node: str) -> HttpResponse:
    """Take what she says to three answers: keep them, or change one, which is then asked again."""
    pair = {name: request.POST[name] for name in ("first", "second") if name in request.POST}
    choice = TripleDecision.Choice.CHANGED if pair else TripleDecision.Choice.KEPT
    items = request.POST.getlist("item")
    try:
        decide_on_triple(visit.panelist, visit.round, items=items, choice=choice, at=timezone.now())
    except SurveyError as error:
        messages.error(request, refusal(error))
        return redirect("surveys:review", token=visit.token)
    if pair:
        return redirect(f"{reverse('surveys:pair', kwargs={'token': visit.token})}?{urlencode(pair)}")
    return redirect("surveys:node", token=visit.token, node=node)


@require_POST
@known_device_required
def undo(request: HttpRequest, visit: PanelistVisit, *, node: str) -> HttpResponse:
    """Let the answer before the last one stand again."""
    try:
        undo_change(
            visit.panelist,
            visit.round,
            a=request.POST.get("first", ""),
            b=request.POST.get("second", ""),
            seen_version=int(request.POST.get("version", "0")),
            at=timezone.now(),
        )
        messages.success(request, _("Your earlier answer stands again."))
    except (SurveyError, ValueError) as error:
        messages.error(request, refusal(error) if isinstance(error, SurveyError) else _("Nothing was changed."))
    return redirect("surveys:node", token=visit.token, node=node)
