"""The plan of a round at the desk: changed and cancelled, as long as nobody was invited."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts.doors import actor_and_time
from surveys.errors import BadDateError, NotAskedError, OverlapError, RoundStateError
from surveys.queries.desk.plan import plan_page
from surveys.states import ROUND, capability
from surveys.usecases.plans import cancel_plan, change_plan
from surveys.web.desk.forms import PlanForm
from surveys.web.desk.rounds import lead_to, refuse_state, round_capability_required

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse, QueryDict

    from surveys.models import Round
    from surveys.queries.desk.plan import PlanPage


@round_capability_required(GET=capability("change_plan"), POST=capability("change_plan"))
def plan(request: HttpRequest, round_: Round) -> HttpResponse:
    """Show when a planned round opens and closes and what it asks, and change it."""
    if not ROUND.allows("change_plan", round_.state):
        return refuse_state(request, round_)
    page = plan_page(round_)
    form = _form(page, round_, request.POST if request.method == "POST" else None)
    if form.is_valid():
        pairs = form.pairs() if round_.follows_id else None
        try:
            change_plan(round_, **form.cleaned_data, pairs=pairs, **actor_and_time(request))
        except RoundStateError as error:
            return refuse_state(request, round_, error)
        except (BadDateError, NotAskedError, OverlapError) as error:
            form.refuse(error)
        else:
            messages.success(request, _("The plan is changed."))
            return lead_to(round_)
    return _shown(request, page, form, status=422 if form.errors else 200)


@round_capability_required(POST=capability("cancel_plan"))
def cancel(request: HttpRequest, round_: Round) -> HttpResponse:
    """Cancel a planned round, once it is confirmed."""
    if not ROUND.allows("cancel_plan", round_.state):
        return refuse_state(request, round_)
    if request.POST.get("sure") != "yes":
        messages.error(request, _("Please confirm that the plan may be cancelled."))
        page = plan_page(round_)
        return _shown(request, page, _form(page, round_), status=422)
    series = round_.panel.series.slug
    try:
        cancel_plan(round_, **actor_and_time(request))
    except RoundStateError as error:
        return refuse_state(request, round_, error)
    messages.success(request, _("The plan is cancelled. Nobody had been invited."))
    return redirect("scoring:desk_series", series=series)


def _form(page: PlanPage, round_: Round, data: QueryDict | None = None) -> PlanForm:
    stands = {name: getattr(round_, name) for name in ("opens_at", "closes_at", "drafts_count")}
    return PlanForm(data, ticked=page.asked, initial=stands)


def _shown(request: HttpRequest, page: PlanPage, form: PlanForm, *, status: int) -> HttpResponse:
    return render(request, "surveys/desk_plan.html", {"page": page, "form": form}, status=status)
