"""A node as one question: how long it is, the short set, leaving it out, and answers that pull against each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from surveys.errors import SurveyError
from surveys.models import NodeChoice
from surveys.queries.expert_sheet import expert_sheet
from surveys.usecases.judgements import choose_for_node
from surveys.web.door import at_home
from surveys.web.words import refusal

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from surveys.web.door import Visit


@require_http_methods(["GET", "HEAD", "POST"])
@at_home
def node(request: HttpRequest, visit: Visit, *, node: str) -> HttpResponse:
    """Show one question before it begins or when its answers pull against each other; take how she wants to answer it."""
    if request.method == "POST":
        choice = request.POST.get("choice", "")
        if choice in NodeChoice.Choice.values:
            try:
                choose_for_node(visit.panelist, visit.round, node=node, choice=choice, at=timezone.now())
            except SurveyError as error:
                messages.error(request, refusal(error))
        return redirect("surveys:pair", token=visit.token)
    sheet = expert_sheet(visit.panelist, visit.round)
    shown = sheet.node(node)
    if shown is None:
        return redirect("surveys:review", token=visit.token)
    return render(request, "surveys/node.html", {"page": sheet, "node": shown, "token": visit.token})
