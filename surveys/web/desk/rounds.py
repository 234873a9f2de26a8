"""The moderators' page of a round."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import wraps
from typing import TYPE_CHECKING, Concatenate, ParamSpec

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.doors import capability_required
from surveys.errors import OverlapError, RoundStateError
from surveys.files.people import write_people
from surveys.models import LinkRequest, Round
from surveys.queries.desk import round_progress
from surveys.queries.desk.closing import closing
from surveys.queries.desk.people import people_of
from surveys.states import capability
from surveys.usecases.mails import remind_panelists
from surveys.usecases.requests import mail_for_request, settle_request
from surveys.usecases.rounds import announce_close, close_round
from surveys.web.desk.forms import CloseForm, PanelistAddressForm
from surveys.wording.clock import clock

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from django.http import QueryDict

    from accounts.lifecycle import Capability
    from accounts.models import Series

GRACE = timedelta(minutes=60)
P = ParamSpec("P")


@dataclass(frozen=True)
class Again:
    """What the form of a next round holds: until when, as it was written, and the keys of the pairs that are ticked."""

    closes_at: str
    pairs: frozenset[str]


def round_capability_required(
    **needed: Capability,
) -> Callable[[Callable[Concatenate[HttpRequest, Round, P], HttpResponse]], Callable[..., HttpResponse]]:
    """Open a view of a round, by method, to those in its series who may do what is needed."""

    def decorate(view: Callable[Concatenate[HttpRequest, Round, P], HttpResponse]) -> Callable[..., HttpResponse]:
        @capability_required(**needed)
        @wraps(view)
        def opened(request: HttpRequest, series: Series, uid: UUID, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            rounds = Round.objects.filter(uid=uid, panel__series=series)
            return view(request, get_object_or_404(rounds.select_related("panel__series")), *args, **kwargs)

        return opened

    return decorate


def lead_to(round_: Round) -> HttpResponse:
    """Lead to the page of a round, which says what was done."""
    return redirect("surveys:desk_round", series=round_.panel.series.slug, uid=round_.uid)


@round_capability_required(GET=capability("round_page", "people_of"))
def round_page(request: HttpRequest, round_: Round) -> HttpResponse:
    """Show how the round goes."""
    return render_round(request, round_)


def render_round(
    request: HttpRequest,
    round_: Round,
    form: CloseForm | None = None,
    address: tuple[UUID, PanelistAddressForm] | None = None,
    again: Again | None = None,
) -> HttpResponse:
    """Show the round, with what was refused.

    ``form`` is of closing it, ``address`` of a request (its uid and form), ``again`` what was asked of a next round.
    """
    at = timezone.now()
    people = people_of(round_, at=at)
    page = round_progress.round_page(round_.panel.series, round_.uid)
    refused = dict([address] if address else [])
    context = {
        "page": page,
        "people": people,
        "wishes": [(wish, refused.get(wish.uid) or _address_form(wish.uid)) for wish in people.wishes],
        "closing": closing(round_, at=at),
        "form": form or CloseForm(),
        "again": again or Again("", frozenset(row.key for row in page.divided if row.is_divided)),
    }
    return render(request, "surveys/desk_round.html", context, status=422 if form or address or again else 200)


def _address_form(uid: UUID, data: QueryDict | None = None) -> PanelistAddressForm:
    return PanelistAddressForm(data, auto_id=f"%s-{uid}")


@round_capability_required(GET=capability("people_of"))
def people_file(_request: HttpRequest, round_: Round) -> HttpResponse:
    """Give the list of people as a file that spreadsheets open in any script."""
    text = write_people(people_of(round_, at=timezone.now()))
    name = f"{round_.panel.series.slug}-round-{round_.number}-people.csv"
    return HttpResponse(
        text.encode("utf-8-sig"),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"},
    )


@round_capability_required(POST=capability("remind_panelists"))
def remind(request: HttpRequest, round_: Round) -> HttpResponse:
    """Remind the people whom the moderator saw in the proposal."""
    try:
        sent = len(
            remind_panelists(
                round_, only=request.POST.getlist("code"), by=request.user.get_username(), at=timezone.now()
            )
        )
        said = ngettext("{count} reminder is on its way.", "{count} reminders are on their way.", sent)
        messages.success(request, said.format(count=sent))
    except RoundStateError:
        messages.warning(request, _("The round is not open; nobody was reminded."))
    return lead_to(round_)


def _asked(round_: Round, request_uid: UUID) -> LinkRequest:
    found = (
        LinkRequest.objects.filter(uid=request_uid, panelist__panel=round_.panel_id).select_related("panelist").first()
    )
    if found is None:
        raise Http404
    return found


@round_capability_required(POST=capability("mail_for_request"))
def mail_link(request: HttpRequest, round_: Round, request_uid: UUID) -> HttpResponse:
    """Mail the panelist of a request a fresh link, to the address given here if none is known."""
    asked = _asked(round_, request_uid)
    email = ""
    if asked.panelist is not None and not asked.panelist.email:
        form = _address_form(request_uid, request.POST)
        if not form.is_valid():
            form.fields["email"].widget.attrs["autofocus"] = True  # far down a long page
            return render_round(request, round_, address=(request_uid, form))
        email = form.cleaned_data["email"]
    try:
        mail_for_request(asked, email=email, by=request.user.get_username(), at=timezone.now())
        messages.success(request, _("A fresh link is on its way to the panelist."))
    except RoundStateError:
        messages.warning(
            request,
            _("No link was mailed: the request was done already, or no round of this panel lets links open now."),
        )
    return lead_to(round_)


@round_capability_required(POST=capability("settle_request"))
def settle(request: HttpRequest, round_: Round, request_uid: UUID) -> HttpResponse:
    """Mark what was asked at a link's door as done."""
    asked = _asked(round_, request_uid)
    try:
        settle_request(asked, by=request.user.get_username(), at=timezone.now())
        messages.success(request, _("The request is marked as done."))
    except RoundStateError:
        messages.warning(request, _("The request was done already."))
    return lead_to(round_)


@round_capability_required(POST=capability("close_round", "announce_close"))
def close(request: HttpRequest, round_: Round) -> HttpResponse:
    """Close the round, or announce its end, once it is confirmed."""
    form = CloseForm(request.POST)
    if not form.is_valid():
        return render_round(request, round_, form)
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
            messages.success(request, told.format(time=clock(until, round_.panel.series.time_zone)))
    except RoundStateError:
        messages.warning(request, _("The round was closed already."))
    except OverlapError:
        form.add_error("until", _("That time is over already."))
        return render_round(request, round_, form)
    return lead_to(round_)
