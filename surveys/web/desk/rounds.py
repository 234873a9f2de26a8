"""The moderators' page of a round."""

from __future__ import annotations

from datetime import timedelta
from functools import wraps
from typing import TYPE_CHECKING, Concatenate, ParamSpec

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.doors import actor_and_time, capability_required
from surveys.errors import BadDateError, OverlapError, RoundStateError
from surveys.files.people import write_people
from surveys.models import LinkRequest, Round
from surveys.queries.desk import round_progress
from surveys.queries.desk.closing import closing
from surveys.queries.desk.news import waiting_news
from surveys.queries.desk.people import people_of
from surveys.states import capability
from surveys.usecases.mails import remind_panelists
from surveys.usecases.requests import mail_for_request, settle_request
from surveys.usecases.rounds import announce_close, close_round
from surveys.web.desk.forms import AgainForm, CloseForm, MoveEndForm, PanelistAddressForm, ReopenForm
from surveys.wording.clock import clock
from surveys.wording.rounds import refusal, why_not_opened

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from uuid import UUID

    from django.forms import Form
    from django.http import QueryDict

    from accounts.lifecycle import Capability
    from accounts.models import Series
    from surveys.errors import SurveyError

GRACE = timedelta(minutes=60)
P = ParamSpec("P")


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
    *,
    address: tuple[UUID, PanelistAddressForm] | None = None,
    status: int = 200,
    **refused: Form,
) -> HttpResponse:
    """Show the round, with what was refused.

    ``address`` is of a request (its uid and form); ``refused`` are forms by their names in the templates: ``form`` of closing
    it, ``again`` of a next round, ``end`` of another end, ``reopening``.
    """
    at = timezone.now()
    people = people_of(round_, at=at)
    page = round_progress.round_page(round_.panel.series, round_.uid)
    addresses = dict([address] if address else [])
    missed = page.summary.not_opened
    context = {
        "page": page,
        "people": people,
        "wishes": [(wish, addresses.get(wish.uid) or _address_form(wish.uid)) for wish in people.wishes],
        "closing": closing(round_, at=at),
        "form": CloseForm(),
        "again": AgainForm(ticked=[row.key for row in page.divided if row.is_divided]),
        "end": MoveEndForm(),
        "reopening": ReopenForm(),
        "missed": why_not_opened(missed) if missed else "",
    } | refused
    return render(request, "surveys/desk_round.html", context, status=422 if refused or address else status)


def refuse_state(request: HttpRequest, round_: Round, error: SurveyError | None = None) -> HttpResponse:
    """Show the round as it is now, with why an act was refused; a plan that is gone leads back to its series."""
    now = Round.objects.select_related("panel__series").filter(pk=round_.pk).first()
    if now is None:
        messages.warning(request, _("The plan was cancelled meanwhile."))
        return redirect("scoring:desk_series", series=round_.panel.series.slug)
    messages.warning(request, refusal(error or RoundStateError("not now")))
    return render_round(request, now, status=409)


def mails_said(round_: Round, at: datetime) -> str:
    """Say how many mails about the round an act has queued, and how long they can be stopped; nothing if none."""
    count = waiting_news(round_).filter(queued_at=at).count()
    if not count:
        return ""
    told = ngettext(
        "{count} mail goes out in five minutes; until then you can stop it.",
        "{count} mails go out in five minutes; until then you can stop them.",
        count,
    )
    return " " + told.format(count=count)


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
    """Close the round, or announce its end, once it is confirmed; those it shuts out are mailed where that is asked for."""
    form = CloseForm(request.POST)
    if not form.is_valid():
        return render_round(request, round_, form=form)
    who = actor_and_time(request) | {"tell": form.cleaned_data["tell"]}
    now = who["at"]
    until = {"grace": now + GRACE, "until": form.cleaned_data["until"]}.get(form.cleaned_data["when"])
    try:
        if until is None:
            close_round(round_, **who)
            said = _("The round is closed. Answers given are kept.")
        else:
            announce_close(round_, finish_until=until, **who)
            told = _(
                "The end is announced. Those who have started may finish until {time}; then the round closes by itself."
            )
            said = told.format(time=clock(until, round_.panel.series.time_zone))
        messages.success(request, said + mails_said(round_, now))
    except RoundStateError:
        messages.warning(request, _("The round was closed already."))
    except (BadDateError, OverlapError) as error:
        form.add_error("until", refusal(error))
        return render_round(request, round_, form=form)
    return lead_to(round_)
