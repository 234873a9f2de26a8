"""The owners' page of a series: who has which role, and who is invited."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Concatenate, ParamSpec

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.errors import AlreadyInvitedError, InvitationStateError, LastOwnerError
from accounts.methods import require_POST, require_safe
from accounts.models import Invitation, Role, Series, User
from accounts.queries import people_page
from accounts.rules import owned_series, owns
from accounts.tasks import enqueue
from accounts.usecases import invitations
from accounts.usecases.roles import give_role, take_role
from accounts.web.first_start import REFUSED
from accounts.web.forms import InviteForm, RoleForm

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

P = ParamSpec("P")


def owner_required(
    view: Callable[Concatenate[HttpRequest, Series, P], HttpResponse],
) -> Callable[..., HttpResponse]:
    """Open a view to owners of the series in the address; for everybody else there is no such series."""

    @wraps(view)
    @login_required
    def opened(request: HttpRequest, series: str, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        found = owned_series(request.user).filter(slug=series).first()
        if found is None:
            raise Http404
        return view(request, found, *args, **kwargs)

    return opened


@require_safe
@owner_required
def people(request: HttpRequest, series: Series) -> HttpResponse:
    """Show who has which role, and who is invited."""
    return _show(request, series, InviteForm())


@require_POST
@owner_required
def invite(request: HttpRequest, series: Series) -> HttpResponse:
    """Offer a role to a mail address."""
    form = InviteForm(request.POST)
    if not form.is_valid():
        return _show(request, series, form, status=REFUSED)
    try:
        made = invitations.invite(series, **form.cleaned_data, by=_user(request), at=timezone.now())
    except AlreadyInvitedError as refused:
        has_role = refused.facts["reason"] == "has_role"
        form.add_error(
            "email",
            _("Whoever has this address has the role already.")
            if has_role
            else _("This address is invited to the role already."),
        )
        return _show(request, series, form, status=409)
    _enqueue(made)
    return _done(request, series, _("{email} is mailed the invitation.").format(email=made.email))


@require_POST
@owner_required
def invite_again(request: HttpRequest, series: Series, uid: UUID) -> HttpResponse:
    """Mail an invitation once more."""
    found = get_object_or_404(Invitation, series=series, uid=uid)
    try:
        _enqueue(invitations.invite_again(found, by=_user(request), at=timezone.now()))
    except InvitationStateError:
        return _over(request, series)
    return _done(request, series, _("{email} is mailed the invitation.").format(email=found.email))


@require_POST
@owner_required
def withdraw(request: HttpRequest, series: Series, uid: UUID) -> HttpResponse:
    """Take an invitation back."""
    found = get_object_or_404(Invitation, series=series, uid=uid)
    try:
        invitations.withdraw_invitation(found, by=_user(request), at=timezone.now())
    except InvitationStateError:
        return _over(request, series)
    return _done(request, series, _("The invitation of {email} is withdrawn.").format(email=found.email))


@require_POST
@owner_required
def give(request: HttpRequest, series: Series) -> HttpResponse:
    """Give another role to somebody who has one here."""
    form = RoleForm(request.POST)
    if not form.is_valid():
        raise Http404
    user = User.objects.filter(pk=form.cleaned_data["user"], roles__series=series).first()
    if user is None:
        raise Http404
    kind = Role.Kind(form.cleaned_data["kind"])
    give_role(user, series=series, kind=kind, by=_user(request).get_username(), at=timezone.now())
    return _done(request, series, _("The role is given."))


@require_POST
@owner_required
def take(request: HttpRequest, series: Series) -> HttpResponse:
    """Take a role from somebody."""
    form = RoleForm(request.POST)
    if not form.is_valid():
        raise Http404
    role = get_object_or_404(Role, series=series, user_id=form.cleaned_data["user"], kind=form.cleaned_data["kind"])
    try:
        take_role(role, by=_user(request).get_username(), at=timezone.now())
    except LastOwnerError:
        messages.error(request, _("A series keeps an owner: give the role to somebody else first."))
        return redirect("people", series=series.slug)
    messages.success(request, _("The role is taken away."))
    if not owns(request.user, series):  # it was her own
        return redirect("scoring:desk")
    return redirect("people", series=series.slug)


def _show(request: HttpRequest, series: Series, form: InviteForm, *, status: int = 200) -> HttpResponse:
    page = people_page(series, reader=_user(request), at=timezone.now())
    return render(request, "accounts/people.html", {"page": page, "form": form}, status=status)


def _done(request: HttpRequest, series: Series, told: str) -> HttpResponse:
    messages.success(request, told)
    return redirect("people", series=series.slug)


def _over(request: HttpRequest, series: Series) -> HttpResponse:
    messages.error(request, _("The invitation was taken up or withdrawn meanwhile; nothing is changed."))
    return redirect("people", series=series.slug)


def _enqueue(invitation: Invitation) -> None:
    if mail := invitation.mails.order_by("-queued_at").first():
        enqueue(mail)


def _user(request: HttpRequest) -> User:
    return request.user  # type: ignore[return-value]  # the door lets in nobody without an account
