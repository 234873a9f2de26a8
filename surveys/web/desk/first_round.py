"""The first round of a panel on a framework: planned here, and opened on its own page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _

from accounts.doors import actor_and_time, capability_required
from surveys.errors import BadDateError, OverlapError
from surveys.models import Panel
from surveys.queries.desk.first_round import first_round_page
from surveys.queries.frameworks import versions_for
from surveys.states import FRAMEWORK, capability
from surveys.usecases.rounds import plan_round
from surveys.web.desk.forms import FirstRoundForm
from surveys.web.desk.rounds import lead_to

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpRequest, HttpResponse

    from accounts.models import Series


@capability_required(GET=capability("plan_round"), POST=capability("plan_round"))
def plan_first(request: HttpRequest, series: Series, uid: UUID, framework: UUID) -> HttpResponse:
    """Plan a round that asks every pair of a framework; what is refused stays in its form."""
    panel = get_object_or_404(Panel, series=series, uid=uid)
    version = get_object_or_404(versions_for(series.uid), uid=framework)
    if not FRAMEWORK.allows("plan_round", version.state):
        raise Http404
    form = FirstRoundForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            planned = plan_round(panel, version=version, **form.cleaned_data, **actor_and_time(request))
        except (BadDateError, OverlapError) as error:
            form.refuse(error)
        else:
            said = (
                _("The round is planned. It opens by itself, and the invitations go out then.")
                if planned.opens_at
                else _("The round is planned. Nobody is invited before you open it.")
            )
            messages.success(request, said)
            return lead_to(planned)
    context = {"page": first_round_page(panel, version), "form": form}
    return render(request, "surveys/desk_first_round.html", context, status=422 if form.errors else 200)
