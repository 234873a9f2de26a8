"""The end of a round at the desk: moved outwards, a closed round opened again, and mails about it stopped."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.doors import actor_and_time
from surveys.errors import BadDateError, LockedRoundError, OverlapError, RoundStateError
from surveys.states import ROUND, capability
from surveys.usecases.ends import move_end, reopen_round
from surveys.usecases.news import stop_news
from surveys.web.desk.forms import MoveEndForm, ReopenForm
from surveys.web.desk.rounds import lead_to, mails_said, refuse_state, render_round, round_capability_required
from surveys.wording.clock import clock
from surveys.wording.rounds import refusal

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from surveys.models import Round


@round_capability_required(POST=capability("move_end"))
def move(request: HttpRequest, round_: Round) -> HttpResponse:
    """Move the end of an open round to a later time."""
    if not ROUND.allows("move_end", round_.state):
        return refuse_state(request, round_)
    form = MoveEndForm(request.POST)
    if not form.is_valid():
        return render_round(request, round_, end=form)
    who = actor_and_time(request)
    try:
        moved = move_end(round_, ends_at=form.cleaned_data["ends_at"], tell=form.cleaned_data["tell"], **who)
    except RoundStateError as error:
        return refuse_state(request, round_, error)
    except (BadDateError, OverlapError) as error:
        form.add_error("ends_at", refusal(error))
        return render_round(request, round_, end=form)
    said = _("The round is open until {time}.").format(time=clock(form.cleaned_data["ends_at"], _zone(moved)))
    messages.success(request, said + mails_said(moved, who["at"]))
    return lead_to(round_)


@round_capability_required(POST=capability("reopen_round"))
def reopen(request: HttpRequest, round_: Round) -> HttpResponse:
    """Open a closed round again until a new end, once it is confirmed."""
    if not ROUND.allows("reopen_round", round_.state):
        return refuse_state(request, round_)
    form = ReopenForm(request.POST)
    if not form.is_valid():
        return render_round(request, round_, reopening=form)
    who = actor_and_time(request)
    try:
        opened = reopen_round(round_, ends_at=form.cleaned_data["ends_at"], tell=form.cleaned_data["tell"], **who)
    except (LockedRoundError, RoundStateError) as error:
        return refuse_state(request, round_, error)
    except (BadDateError, OverlapError) as error:
        form.add_error("ends_at", refusal(error))
        return render_round(request, round_, reopening=form)
    said = _("The round is open again until {time}.").format(time=clock(form.cleaned_data["ends_at"], _zone(opened)))
    messages.success(request, said + mails_said(opened, who["at"]))
    return lead_to(round_)


@round_capability_required(POST=capability("stop_news"))
def stop_mails(request: HttpRequest, round_: Round) -> HttpResponse:
    """Stop the mails about a round that have not gone out yet."""
    stopped = stop_news(round_, **actor_and_time(request))
    if stopped:
        said = ngettext("{count} mail was stopped.", "{count} mails were stopped.", stopped).format(count=stopped)
        messages.success(request, said)
    else:
        messages.warning(request, _("No mail was stopped: none waits any more."))
    return lead_to(round_)


def _zone(round_: Round) -> str:
    return round_.panel.series.zone.key
