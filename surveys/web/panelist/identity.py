"""A link that is in use, on a device that is not known: a fresh link for herself, or a word to the moderators."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from accounts.parameters import reads
from accounts.throttles import seconds_to_wait
from surveys.queries.panelist.invitation import invitation_summary, masked, shortened
from surveys.usecases.requests import ask_as_someone_else, ask_fresh_link
from surveys.web.panelist.access import link_required, post_or
from surveys.web.panelist.dead_link import too_often
from surveys.web.panelist.forms import SomeoneElseForm

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from surveys.web.panelist.access import PanelistVisit


def ask_who_it_is(request: HttpRequest, visit: PanelistVisit, form: SomeoneElseForm | None = None) -> HttpResponse:
    """Ask who it is; nothing of the person invited is shown but what she alone knows again."""
    panelist = visit.panelist
    context = {
        "token": visit.token,
        "page": invitation_summary(panelist, visit.round),
        "name": shortened(panelist.name) if panelist.name.strip() else "",
        "address": masked(panelist.email),
        "asked": request.GET.get("asked", ""),
        "form": form or SomeoneElseForm(),
    }
    return render(request, "surveys/who.html", context, status=200 if form is None else 422)


@post_or("surveys:invitation")
@link_required
def it_is_me(request: HttpRequest, visit: PanelistVisit) -> HttpResponse:
    """Mail a fresh link to the address that is known."""
    wait = seconds_to_wait(request, "fresh_link", str(visit.panelist.uid))
    if wait:
        return too_often(request, wait)
    ask_fresh_link(visit.panelist, at=timezone.now())
    return _told(visit, "me")


@post_or("surveys:invitation")
@link_required
@reads("asked")
def someone_else(request: HttpRequest, visit: PanelistVisit) -> HttpResponse:
    """Tell the moderators that the link reached somebody else."""
    form = SomeoneElseForm(request.POST)
    if not form.is_valid():
        return ask_who_it_is(request, visit, form)
    wait = seconds_to_wait(request, "request", str(visit.panelist.uid))
    if wait:
        return too_often(request, wait)
    ask_as_someone_else(visit.panelist, email=form.cleaned_data["email"], at=timezone.now())
    return _told(visit, "else")


def _told(visit: PanelistVisit, asked: str) -> HttpResponse:
    return redirect(f"{reverse('surveys:invitation', kwargs={'token': visit.token})}?asked={asked}")
