"""The moderators' page of a round."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from surveys.errors import WrongStateError
from surveys.models import Round
from surveys.queries import round_progress
from surveys.rules import may_run_rounds
from surveys.usecases.rounds import close_round

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpRequest, HttpResponse


def round_of(request: HttpRequest, series: str, uid: UUID) -> Round:
    """Return the round for its moderators; for everyone else there is none."""
    found = Round.objects.filter(uid=uid, panel__series__slug=series).select_related("panel__series").first()
    if found is None or not may_run_rounds(request.user, found.panel.series):
        raise Http404
    return found


@require_safe
@login_required
def round_page(request: HttpRequest, series: str, uid: UUID) -> HttpResponse:
    """Show how the round goes."""
    round_ = round_of(request, series, uid)
    page = round_progress.round_page(round_.panel.series, uid)
    return render(request, "surveys/desk_round.html", {"page": page})


@require_POST
@login_required
def close(request: HttpRequest, series: str, uid: UUID) -> HttpResponse:
    """Close the round, once it is confirmed."""
    round_ = round_of(request, series, uid)
    if request.POST.get("sure") != "yes":
        messages.error(request, _("Please confirm that the round may be closed."))
        return redirect("surveys:desk_round", series=series, uid=uid)
    try:
        close_round(round_, by=request.user.get_username(), at=timezone.now())
        messages.success(request, _("The round is closed. Answers given are kept."))
    except WrongStateError:
        messages.warning(request, _("The round was closed already."))
    return redirect("surveys:desk_round", series=series, uid=uid)
