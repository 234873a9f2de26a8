"""What an invitation's link opens: the offer, and how to take it up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.contrib.auth import login
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from accounts.errors import AddressTakenError, InvitationStateError
from accounts.links import invitation_of
from accounts.methods import require_http_methods
from accounts.queries import offer
from accounts.usecases.invitations import take_up, take_up_with_new_account
from accounts.web.first_start import BACKEND, REFUSED
from accounts.web.forms import NewAccountForm

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from accounts.models import Invitation


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@sensitive_post_parameters("password")
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Show what is offered; who is signed in takes it up with her account, else an account is made for the address."""
    found = invitation_of(token)
    if found is None:
        raise Http404
    page = offer(found, at=timezone.now())
    form = NewAccountForm(request.POST if request.method == "POST" else None, mailed_to=found.email)
    if request.method != "POST" or not page.is_open:
        return _show(request, found, form if not form.is_bound else NewAccountForm(mailed_to=found.email))
    try:
        if request.user.is_authenticated:
            take_up(found, user=request.user, at=timezone.now())
            return _done(request, found)
        if not form.is_valid():
            return _show(request, found, form, status=REFUSED)
        role = take_up_with_new_account(found, **form.cleaned_data, at=timezone.now())
    except (InvitationStateError, AddressTakenError):  # somebody was faster: the page tells what is so now
        return _show(request, found, NewAccountForm(mailed_to=found.email), status=409)
    login(request, role.user, BACKEND)
    return _done(request, found)


def _show(request: HttpRequest, found: Invitation, form: NewAccountForm, *, status: int = 200) -> HttpResponse:
    found.refresh_from_db()
    page = offer(found, at=timezone.now())
    return render(request, "accounts/invitation.html", {"page": page, "form": form}, status=status)


def _done(request: HttpRequest, found: Invitation) -> HttpResponse:
    messages.success(request, _("The role is yours: {series}.").format(series=found.series.name))
    return redirect("scoring:desk")
