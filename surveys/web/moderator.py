"""The moderators' page of a round."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from surveys.errors import OverlapError, WrongStateError
from surveys.models import Round
from surveys.queries import round_progress
from surveys.queries.closing import closing
from surveys.rules import may_run_rounds
from surveys.usecases.rounds import announce_close, close_round
from surveys.web.forms import CloseForm
from surveys.web.words import clock

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpRequest, HttpResponse

GRACE = timedelta(minutes=60)


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
    return _shown(request, round_)


def _shown(request: HttpRequest, round_: Round, form: CloseForm | None = None) -> HttpResponse:
    page = round_progress.round_page(round_.panel.series, round_.uid)
    context = {"page": page, "closing": closing(round_, at=timezone.now()), "form": form or CloseForm()}
    return render(request, "surveys/desk_round.html", context, status=422 if form else 200)


@require_POST
@login_required
def close(request: HttpRequest, series: str, uid: UUID) -> HttpResponse:
    """Close the round, or announce its end, once it is confirmed."""
    round_ = _round(request, series, uid)
    form = CloseForm(request.POST)
    if not form.is_valid():
        return _shown(request, round_, form)
    by, now = request.user.get_username(), timezone.now()
    until = {"grace": now + GRACE, "until": form.cleaned_data["until"]}.get(form.cleaned_data["when"])
    try:
        if until is None:
            close_round(round_, by=by, at=now)
            messages.success(request, _("The round is closed. Answers given are kept."))
        else:
            announce_close(round_, finish_until=until, by=by, at=now)
            told = _(
                "The end is announced. Those who have started may finish until {time}; then the round closes by itself."
            )
            messages.success(request, told.format(time=clock(until, "UTC")))
    except WrongStateError:
        messages.warning(request, _("The round was closed already."))
    except OverlapError:
        form.add_error("until", _("That time is over already. The project's clock runs in UTC."))
        return _shown(request, round_, form)
    return redirect("surveys:desk_round", series=series, uid=uid)
