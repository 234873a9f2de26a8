"""A round that follows another: planned and opened by moderators, answered with one tap by those who keep their answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from surveys.errors import NotAskedError, OverlapError, RoundStateError
from surveys.states import capability
from surveys.usecases.rounds import open_round, plan_round
from surveys.web.desk.forms import AgainForm
from surveys.web.desk.rounds import Again, lead_to, render_round, round_capability_required

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from surveys.models import Round

REFUSED = {
    "overlap": gettext_lazy("This was refused: the closing date has passed, or another round of this panel is open."),
    "not_asked": gettext_lazy("Please choose at least one pair to ask again."),
    "wrong_state": gettext_lazy("This was refused: the round is not in a state that allows it."),
}


@round_capability_required(POST=capability("plan_round"))
def plan(request: HttpRequest, round_: Round) -> HttpResponse:
    """Plan a round that asks the chosen pairs of this closed one again; what is refused stays in its form."""
    form = AgainForm(request.POST)
    sent = Again(request.POST.get("closes_at", ""), frozenset(request.POST.getlist("pair")))
    if not form.is_valid():
        messages.error(request, _("Please give the day and hour when the new round closes."))
        return render_round(request, round_, again=sent)
    try:
        planned = plan_round(
            round_.panel,
            version=round_.version,
            closes_at=form.cleaned_data["closes_at"],
            seed=round_.seed,
            drafts_count=round_.drafts_count,
            follows=round_,
            pairs=form.pairs(request.POST.getlist("pair")),
            by=request.user.get_username(),
            at=timezone.now(),
        )
    except (OverlapError, NotAskedError, RoundStateError) as error:
        messages.error(request, str(REFUSED[error.code]))
        return render_round(request, round_, again=sent)
    messages.success(request, _("The round is planned. Nobody is invited before you open it."))
    return lead_to(planned)


@round_capability_required(POST=capability("open_round"))
def open_planned(request: HttpRequest, round_: Round) -> HttpResponse:
    """Open a planned round, once it is confirmed: the invitations go out."""
    if request.POST.get("sure") != "yes":
        messages.error(request, _("Please confirm that the round may be opened."))
        return lead_to(round_)
    try:
        open_round(round_, by=request.user.get_username(), at=timezone.now())
        messages.success(request, _("The round is open. The invitations are on their way."))
    except (OverlapError, RoundStateError) as error:
        messages.error(request, str(REFUSED[error.code]))
    return lead_to(round_)
