"""A panelist's first pages: who asks, how long it takes, who sees what; and who she is, where the device is not known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from surveys.models import Round
from surveys.queries.expert_sheet import expert_sheet
from surveys.usecases import arrivals
from surveys.web.door import by_link, device_of, remember

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from surveys.web.door import Visit


@require_safe
@by_link
def invitation(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Say who asks, how long it takes and who sees what; to an unknown device of a link in use, show nothing of hers."""
    if not visit.is_hers and visit.link.taken_at is not None:
        return render(request, "surveys/who.html", {"token": visit.token})
    if visit.is_hers and visit.round.state == Round.State.CLOSED:
        return redirect("mine", token=visit.token)
    sheet = expert_sheet(visit.panelist, visit.round)
    return render(request, "surveys/invitation.html", {"page": sheet, "token": visit.token, "visit": visit})


@require_POST
@by_link
def start(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Begin, or go on, on this device."""
    if not visit.is_hers and visit.link.taken_at is not None:
        return redirect("surveys:invitation", token=visit.token)
    device = device_of(request)
    arrivals.start(visit.link, device=device, at=timezone.now())
    return remember(redirect("surveys:pair", token=visit.token), device)
