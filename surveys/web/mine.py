"""Her own answers: all on one page, handing them in, and the receipt."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from surveys.errors import SurveyError
from surveys.queries.expert_sheet import expert_sheet
from surveys.usecases.judgements import submit_round
from surveys.web.door import at_home
from surveys.web.words import refusal

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from surveys.web.door import Visit


@require_http_methods(["GET", "HEAD", "POST"])
@at_home
def review(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Show all answers; take the hand-in."""
    if request.method == "POST":
        try:
            submit_round(visit.panelist, visit.round, at=timezone.now())
        except SurveyError as error:
            messages.error(request, refusal(error))
            return redirect("surveys:review", token=visit.token)
        return redirect("surveys:receipt", token=visit.token)
    sheet = expert_sheet(visit.panelist, visit.round)
    if sheet.receipt:
        return redirect("surveys:receipt", token=visit.token)
    return render(request, "surveys/review.html", {"page": sheet, "token": visit.token})


@require_safe
@at_home
def receipt(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Show the receipt and what it stands for."""
    sheet = expert_sheet(visit.panelist, visit.round)
    if not sheet.receipt:
        return redirect("surveys:review", token=visit.token)
    return render(request, "surveys/receipt.html", {"page": sheet, "token": visit.token})
