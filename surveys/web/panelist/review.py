"""Her own answers: all on one page, handing them in, the receipt, her file, and withdrawing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.methods import require_http_methods, require_safe
from surveys.errors import SurveyError
from surveys.files.mine import write_mine, write_mine_csv
from surveys.models import Round
from surveys.queries.panelist.consent import consent_terms
from surveys.queries.panelist.own_page import own_page
from surveys.queries.panelist.sheet import panelist_sheet
from surveys.usecases.submissions import submit_round
from surveys.usecases.withdrawals import withdraw as withdraw_panelist
from surveys.web.panelist.access import known_device_required
from surveys.wording.answers import refusal

if TYPE_CHECKING:
    from django.http import HttpRequest

    from surveys.web.panelist.access import PanelistVisit

BOM = "\ufeff"


@require_http_methods(["GET", "HEAD", "POST"])
@known_device_required
def review(request: HttpRequest, visit: PanelistVisit) -> HttpResponse:
    """Show all answers; take the hand-in."""
    if request.method == "POST":
        try:
            submit_round(visit.panelist, visit.round, at=timezone.now())
        except SurveyError as error:
            messages.error(request, refusal(error))
            return redirect("surveys:review", token=visit.token)
        return redirect("surveys:receipt", token=visit.token)
    if visit.round.state == Round.State.CLOSED:
        return redirect("mine", token=visit.token)
    sheet = panelist_sheet(visit.panelist, visit.round)
    if sheet.receipt:
        return redirect("surveys:receipt", token=visit.token)
    return render(request, "surveys/review.html", {"page": sheet, "token": visit.token})


@require_safe
@known_device_required
def receipt(request: HttpRequest, visit: PanelistVisit) -> HttpResponse:
    """Show the receipt and what it stands for."""
    sheet = panelist_sheet(visit.panelist, visit.round)
    if not sheet.receipt:
        return redirect("surveys:review", token=visit.token)
    return render(request, "surveys/receipt.html", {"page": sheet, "token": visit.token})


@require_safe
@known_device_required
def download(request: HttpRequest, visit: PanelistVisit, *, name: str) -> HttpResponse:  # noqa: ARG001  the door hands it on
    """Send everything that is kept of her answers; the table for Excel begins with a BOM, the one for programs does not."""
    page = own_page(visit.panelist)
    if name == "answers.json":
        response = HttpResponse(write_mine(page), content_type="application/json; charset=utf-8")
    elif name in {"answers.csv", "answers-excel.csv"}:
        start = BOM if name == "answers-excel.csv" else ""
        response = HttpResponse(start + write_mine_csv(page), content_type="text/csv; charset=utf-8")
    else:
        raise Http404
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@known_device_required
def withdraw(request: HttpRequest, visit: PanelistVisit) -> HttpResponse:
    """Say what withdrawing does, before a freeze and after it; do it once it is confirmed, and say what was done."""
    if request.method == "POST" and request.POST.get("sure") == "yes":
        done = withdraw_panelist(visit.panelist, at=timezone.now())
        return render(request, "surveys/withdrawn.html", {"done": done})
    if request.method == "POST":
        messages.error(request, _("Please confirm that you want to withdraw."))
        return redirect("surveys:withdraw", token=visit.token)
    context = {
        "page": own_page(visit.panelist),
        "terms": consent_terms(visit.panelist.panel),
        "token": visit.token,
    }
    return render(request, "surveys/withdraw.html", context)
