"""A panel at the desk: begun, looked at, planned, and invited where that is owed."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Concatenate, ParamSpec

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.doors import actor_and_time, capability_required
from surveys.errors import RoundStateError
from surveys.models import Panel, Round
from surveys.queries.desk.panel_page import panel_page
from surveys.states import capability
from surveys.usecases.panel_mails import invite_owed_people
from surveys.usecases.panels import begin_panel, plan_balance
from surveys.web.desk.panel_forms import BalanceForm, NewPanelForm
from surveys.web.desk.rounds import lead_to

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from django.http import HttpRequest, HttpResponse

    from accounts.lifecycle import Capability
    from accounts.models import Series

P = ParamSpec("P")
REFUSED = 422


def panel_capability_required(
    **needed: Capability,
) -> Callable[[Callable[Concatenate[HttpRequest, Panel, P], HttpResponse]], Callable[..., HttpResponse]]:
    """Open a view of a panel, by method, to those in its series who may do what is needed."""

    def decorate(view: Callable[Concatenate[HttpRequest, Panel, P], HttpResponse]) -> Callable[..., HttpResponse]:
        @capability_required(**needed)
        @wraps(view)
        def opened(request: HttpRequest, series: Series, uid: UUID, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            panels = Panel.objects.filter(series=series).select_related("series")
            response = view(request, get_object_or_404(panels, uid=uid), *args, **kwargs)
            response["Cache-Control"] = "private, no-store"  # names and addresses may stand on it
            return response

        return opened

    return decorate


def lead_to_panel(panel: Panel) -> HttpResponse:
    """Lead to the page of a panel, which says what was done."""
    return redirect("surveys:desk_panel", series=panel.series.slug, uid=panel.uid)


@capability_required(GET=capability("begin_panel"), POST=capability("begin_panel"))
def new_panel(request: HttpRequest, series: Series) -> HttpResponse:
    """Begin a panel; what is refused stays in its form."""
    form = NewPanelForm(request.POST if request.method == "POST" else None, series=series)
    if form.is_valid():
        made = begin_panel(series, **form.said(), **actor_and_time(request))
        messages.success(request, _("The panel is begun. Nobody is in it yet."))
        return redirect("surveys:people_table", series=series.slug, uid=made.uid)
    context = {"series": series, "form": form}
    return render(request, "surveys/desk_panel_new.html", context, status=REFUSED if form.errors else 200)


@panel_capability_required(GET=capability("panel_page"))
def panel(request: HttpRequest, found: Panel) -> HttpResponse:
    """Show who is asked, and what comes next."""
    return render(request, "surveys/desk_panel.html", {"page": panel_page(found)})


@panel_capability_required(GET=capability("plan_balance"), POST=capability("plan_balance"))
def balance(request: HttpRequest, found: Panel) -> HttpResponse:
    """Say how many people are wanted."""
    data = request.POST if request.method == "POST" else None
    form = BalanceForm(data, plan=found.plan or {}, languages=found.series.languages)
    if form.is_valid():
        plan_balance(found, plan=form.plan(), **actor_and_time(request))
        messages.success(request, _("The plan is kept."))
        return lead_to_panel(found)
    context = {"page": panel_page(found), "form": form, "languages": [form[f"language-{one}"] for one in form.spoken]}
    return render(request, "surveys/desk_panel_balance.html", context, status=REFUSED if form.errors else 200)


@capability_required(POST=capability("invite_owed_people"))
def invite(request: HttpRequest, series: Series, uid: UUID) -> HttpResponse:
    """Invite the people whom the moderator saw and ticked, of those who are owed an invitation."""
    round_ = get_object_or_404(Round.objects.select_related("panel__series"), uid=uid, panel__series=series)
    chosen = request.POST.getlist("code")
    if not chosen:
        messages.warning(request, _("Nobody was chosen; nobody is mailed."))
        return lead_to(round_)
    try:
        queued = len(invite_owed_people(round_, only=chosen, **actor_and_time(request)))
    except RoundStateError:
        messages.warning(request, _("The round is not open; nobody is invited."))
        return lead_to(round_)
    said = ngettext("{count} invitation is on its way.", "{count} invitations are on their way.", queued)
    if queued:
        messages.success(request, said.format(count=queued))
    else:
        messages.warning(request, _("They were invited already; nobody is mailed."))
    return lead_to(round_)
