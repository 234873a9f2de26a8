"""A panelist's first pages: who asks, how long it takes, who sees what; her name, and a pair to practise on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.methods import require_http_methods, require_POST, require_safe
from accounts.parameters import reads
from surveys.errors import BadPanelError, RoundStateError
from surveys.models import Round
from surveys.queries.panelist.consent import consent_terms
from surveys.queries.panelist.invitation import invitation_summary
from surveys.queries.panelist.sheet import panelist_sheet
from surveys.usecases import arrivals
from surveys.values.choices import AnswerList
from surveys.values.sheet import Item, Pair
from surveys.web.panelist.access import device_of, known_device_required, link_required, remember
from surveys.web.panelist.forms import NameForm
from surveys.web.panelist.identity import ask_who_it_is
from surveys.wording.answers import FIVE, number_of, ratio_of, steps

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from surveys.web.panelist.access import PanelistVisit


@require_safe
@link_required
@reads("asked")
def invitation(request: HttpRequest, visit: PanelistVisit) -> HttpResponse:
    """Say who asks, how long it takes and who sees what; to an unknown device of a link in use, show nothing of hers."""
    if not visit.is_hers and visit.link.taken_at is not None:
        return ask_who_it_is(request, visit)
    if visit.is_hers and visit.round.state == Round.State.CLOSED:
        return redirect("mine", token=visit.token)
    context = {
        "page": panelist_sheet(visit.panelist, visit.round),
        "asking": invitation_summary(visit.panelist, visit.round),
        "terms": consent_terms(visit.panelist.panel),
        "token": visit.token,
        "panelist": visit.panelist,
        "is_closed": visit.round.state == Round.State.CLOSED,
        "too_late": visit.round.finish_until is not None and visit.panelist.started_at is None,
    }
    return render(request, "surveys/invitation.html", context)


@require_POST
@link_required
def start(request: HttpRequest, visit: PanelistVisit) -> HttpResponse:
    """Begin, or go on, on this device; who begins is asked her name first."""
    if not visit.is_hers and visit.link.taken_at is not None:
        return redirect("surveys:invitation", token=visit.token)
    device = device_of(request)
    try:
        arrivals.start(visit.link, device=device, at=timezone.now())
    except RoundStateError:
        return redirect("surveys:invitation", token=visit.token)
    if visit.round.state == Round.State.CLOSED:
        return remember(redirect("mine", token=visit.token), device)
    begins = visit.panelist.named_at is None
    return remember(redirect("surveys:name" if begins else "surveys:pair", token=visit.token), device)


@require_http_methods(["GET", "HEAD", "POST"])
@known_device_required
def name(request: HttpRequest, visit: PanelistVisit) -> HttpResponse:
    """Let her enter or confirm her name, in any script."""
    form = NameForm(request.POST or None, initial={"name": visit.panelist.name})
    if request.method == "POST" and form.is_valid():
        try:
            arrivals.give_name(visit.panelist, name=form.cleaned_data["name"], at=timezone.now())
            return redirect("surveys:practice", token=visit.token)
        except BadPanelError:
            form.add_error("name", _("This name holds signs that are no text, such as a line break."))
    context = {"form": form, "page": invitation_summary(visit.panelist, visit.round), "token": visit.token}
    return render(request, "surveys/name.html", context, status=422 if form.errors else 200)


@require_safe
@known_device_required
@reads("value")
def practice(request: HttpRequest, visit: PanelistVisit) -> HttpResponse:
    """Show one worked example; an answer to it is said back in words and kept nowhere."""
    sent = request.GET.get("value", "")
    pair = Pair(
        node=Item("", _("A good place to live"), ""),
        first=Item("", _("Mobility"), ""),
        second=Item("", _("Energy"), ""),
        value=number_of(sent) if sent in {*FIVE, *map(ratio_of, FIVE)} else None,
        version=0,
        comment="",
        taken_from=AnswerList.FIVE,
    )
    context = {
        "pair": pair,
        "steps": steps(pair),
        "page": invitation_summary(visit.panelist, visit.round),
        "token": visit.token,
    }
    return render(request, "surveys/practice.html", context)
