"""The moderators' page of a round."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from surveys.errors import WrongStateError
from surveys.models import LinkRequest, Round
from surveys.queries import round_progress
from surveys.queries.people import people_csv, people_of
from surveys.rules import may_run_rounds
from surveys.usecases.mails import remind_panelists
from surveys.usecases.requests import settle_request
from surveys.usecases.rounds import close_round

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpRequest


def _round(request: HttpRequest, series: str, uid: UUID) -> Round:
    """Return the round for its moderators; for everyone else there is none."""
    found = Round.objects.filter(uid=uid, panel__series__slug=series).select_related("panel__series").first()
    if found is None or not may_run_rounds(request.user, found.panel.series):
        raise Http404
    return found


@require_safe
@login_required
def round_page(request: HttpRequest, series: str, uid: UUID) -> HttpResponse:
    """Show how the round goes."""
    round_ = _round(request, series, uid)
    page = round_progress.round_page(round_.panel.series, uid)
    people = people_of(round_, at=timezone.now())
    return render(request, "surveys/desk_round.html", {"page": page, "people": people})


@require_safe
@login_required
def people_file(request: HttpRequest, series: str, uid: UUID) -> HttpResponse:
    """Give the list of people as a file that spreadsheets open in any script."""
    round_ = _round(request, series, uid)
    text = people_csv(people_of(round_, at=timezone.now()))
    name = f"{series}-round-{round_.number}-people.csv"
    return HttpResponse(
        text.encode("utf-8-sig"),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"},
    )


@require_POST
@login_required
def remind(request: HttpRequest, series: str, uid: UUID) -> HttpResponse:
    """Remind the people whom the moderator saw in the proposal."""
    round_ = _round(request, series, uid)
    try:
        sent = len(
            remind_panelists(
                round_, only=request.POST.getlist("code"), by=request.user.get_username(), at=timezone.now()
            )
        )
        said = ngettext("{count} reminder is on its way.", "{count} reminders are on their way.", sent)
        messages.success(request, said.format(count=sent))
    except WrongStateError:
        messages.warning(request, _("The round is not open; nobody was reminded."))
    return redirect("surveys:desk_round", series=series, uid=uid)


@require_POST
@login_required
def settle(request: HttpRequest, series: str, uid: UUID, request_uid: UUID) -> HttpResponse:
    """Mark what was asked at a link's door as done."""
    round_ = _round(request, series, uid)
    asked = LinkRequest.objects.filter(uid=request_uid, panelist__panel=round_.panel_id).first()
    if asked is None:
        raise Http404
    try:
        settle_request(asked, by=request.user.get_username(), at=timezone.now())
        messages.success(request, _("The request is marked as done."))
    except WrongStateError:
        messages.warning(request, _("The request was done already."))
    return redirect("surveys:desk_round", series=series, uid=uid)


@require_POST
@login_required
def close(request: HttpRequest, series: str, uid: UUID) -> HttpResponse:
    """Close the round, once it is confirmed."""
    round_ = _round(request, series, uid)
    if request.POST.get("sure") != "yes":
        messages.error(request, _("Please confirm that the round may be closed."))
        return redirect("surveys:desk_round", series=series, uid=uid)
    try:
        close_round(round_, by=request.user.get_username(), at=timezone.now())
        messages.success(request, _("The round is closed. Answers given are kept."))
    except WrongStateError:
        messages.warning(request, _("The round was closed already."))
    return redirect("surveys:desk_round", series=series, uid=uid)
