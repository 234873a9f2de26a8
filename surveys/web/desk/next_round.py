"""A round that follows another: planned and opened by moderators, answered with one tap by those who keep their answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.utils.translation import gettext as _

from accounts.doors import actor_and_time
from surveys.errors import BadDateError, NotAskedError, OverlapError, RoundStateError
from surveys.states import ROUND, capability
from surveys.usecases.rounds import open_round, plan_round
from surveys.web.desk.forms import AgainForm
from surveys.web.desk.rounds import lead_to, refuse_state, render_round, round_capability_required

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from surveys.models import Round


@round_capability_required(POST=capability("plan_round"))
def plan(request: HttpRequest, round_: Round) -> HttpResponse:
    """Plan a round that asks the chosen pairs of this closed one again; what is refused stays in its form."""
    if not ROUND.allows("plan_round", round_.state):
        return refuse_state(request, round_)
    form = AgainForm(request.POST)
    if not form.is_valid():
        return render_round(request, round_, again=form)
    try:
        planned = plan_round(
            round_.panel,
            version=round_.version,
            **form.cleaned_data,
            seed=round_.seed,
            drafts_count=round_.drafts_count,
            follows=round_,
            pairs=form.pairs(),
            **actor_and_time(request),
        )
    except RoundStateError as error:
        return refuse_state(request, round_, error)
    except (BadDateError, NotAskedError, OverlapError) as error:
        form.refuse(error)
        return render_round(request, round_, again=form)
    said = (
        _("The round is planned. It opens by itself, and the invitations go out then.")
        if planned.opens_at
        else _("The round is planned. Nobody is invited before you open it.")
    )
    messages.success(request, said)
    return lead_to(planned)


@round_capability_required(POST=capability("open_round"))
def open_planned(request: HttpRequest, round_: Round) -> HttpResponse:
    """Open a planned round, once it is confirmed: the invitations go out."""
    if request.POST.get("sure") != "yes":
        messages.error(request, _("Please confirm that the round may be opened."))
        return lead_to(round_)
    try:
        open_round(round_, **actor_and_time(request))
    except (BadDateError, OverlapError, RoundStateError) as error:
        return refuse_state(request, round_, error)
    messages.success(request, _("The round is open. The invitations are on their way."))
    return lead_to(round_)
