"""Weights of another edition, for one that asks nobody."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from accounts.doors import actor_and_time
from scoring.queries.desk.edition import desk_edition_page
from scoring.states import capability
from scoring.usecases.carrying import carry_weights
from scoring.web.desk.edition import edition_capability_required, refuse_step, step_done
from scoring.web.desk.forms import CarryForm

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from scoring.models import Edition


@edition_capability_required(POST=capability("carry_weights"))
def carry(request: HttpRequest, edition: Edition) -> HttpResponse:
    """Let the edition weigh as another did."""
    form = CarryForm(request.POST, to_carry=desk_edition_page(edition).to_carry)
    if not form.is_valid():
        return refuse_step(request, edition, "carry", form)
    carry_weights(edition, source=form.cleaned_data["source"], **actor_and_time(request))
    return step_done(request, edition, _("The weights are taken over. Nobody is asked."))
