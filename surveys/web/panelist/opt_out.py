"""What she may say straight from a mail, on any device and without signing in: that she declines, and that mails stop."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from accounts.methods import require_http_methods
from surveys.queries.panelist.invitation import invitation_summary
from surveys.usecases import arrivals
from surveys.web.panelist.access import link_required

if TYPE_CHECKING:
    from django.http import HttpRequest

    from surveys.web.panelist.access import PanelistVisit


@require_http_methods(["GET", "HEAD", "POST"])
@link_required
def decline(request: HttpRequest, visit: PanelistVisit) -> HttpResponse:
    """Show what declining means; decline, or take it back. Where her link is in use elsewhere, it asks who it is first."""
    if not visit.is_hers and visit.link.taken_at is not None:
        return redirect("surveys:invitation", token=visit.token)
    if request.method == "POST":
        act = arrivals.take_part if "undo" in request.POST else arrivals.decline
        act(visit.panelist, at=timezone.now())
        return redirect("surveys:decline", token=visit.token)
    return render(request, "surveys/decline.html", _context(visit))


# a mail program's one click (RFC 8058) brings neither cookie nor form, and the link in the address is the key
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@link_required
def stop_mails(request: HttpRequest, visit: PanelistVisit) -> HttpResponse:
    """Show what stopping means; stop mails, or take it back. One click of a mail program is answered without redirection."""
    if request.method == "POST":
        act = arrivals.resume_mails if "undo" in request.POST else arrivals.stop_mails
        act(visit.panelist, at=timezone.now())
        if request.POST.get("List-Unsubscribe") == "One-Click":
            return HttpResponse(status=204)
        return redirect("surveys:stop_mails", token=visit.token)
    return render(request, "surveys/stop_mails.html", _context(visit))


def _context(visit: PanelistVisit) -> dict[str, object]:
    return {"token": visit.token, "page": invitation_summary(visit.panelist, visit.round), "panelist": visit.panelist}
