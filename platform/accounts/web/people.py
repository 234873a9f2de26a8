"""The owners' page of a series: who has which role, and who is invited."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.doors import actor_and_time, capability_required
from accounts.errors import AlreadyInvitedError, InvitationStateError, LastOwnerError, RoleError
from accounts.lifecycle import Actor
from accounts.models import Invitation, Role, User
from accounts.queries import people_page
from accounts.role_words import KEEPS_OWNER
from accounts.rules import actors
from accounts.states import capability
from accounts.tasks import enqueue_invitation
from accounts.usecases import invitations
from accounts.usecases.roles import give_role, take_role
from accounts.web.first_start import REFUSED
from accounts.web.forms import InviteForm, RoleForm, RoleTermForm

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpRequest, HttpResponse

    from accounts.models import Series
    from accounts.queries import Colleague, PeoplePage


@capability_required(GET=capability("people_page"))
def people(request: HttpRequest, series: Series) -> HttpResponse:
    """Show who has which role, and who is invited."""
    return _show(request, series, InviteForm())


@capability_required(POST=capability("invite"))
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
    enqueue_invitation(made)
    return _done(request, series, _("{email} is mailed the invitation.").format(email=made.email))


@capability_required(POST=capability("invite_again"))
def invite_again(request: HttpRequest, series: Series, uid: UUID) -> HttpResponse:
    """Mail an invitation once more."""
    found = get_object_or_404(Invitation, series=series, uid=uid)
    try:
        enqueue_invitation(invitations.invite_again(found, by=_user(request), at=timezone.now()))
    except InvitationStateError:
        return _over(request, series)
    return _done(request, series, _("{email} is mailed the invitation.").format(email=found.email))


@capability_required(POST=capability("withdraw_invitation"))
def withdraw(request: HttpRequest, series: Series, uid: UUID) -> HttpResponse:
    """Take an invitation back."""
    found = get_object_or_404(Invitation, series=series, uid=uid)
    try:
        invitations.withdraw_invitation(found, by=_user(request), at=timezone.now())
    except InvitationStateError:
        return _over(request, series)
    return _done(request, series, _("The invitation of {email} is withdrawn.").format(email=found.email))


@capability_required(GET=capability("people_page"))
def person(request: HttpRequest, series: Series, account: int) -> HttpResponse:
    """Show somebody's roles."""
    return _show_person(request, series, account)


@capability_required(POST=capability("give_role"))
def give(request: HttpRequest, series: Series, account: int) -> HttpResponse:
    """Give another role to somebody who has one here."""
    page, colleague = _colleague(request, series, account)
    form = RoleForm(request.POST, person=colleague)
    if not form.is_valid():
        return _show_person(request, series, account, give=form)
    user, kind = User.objects.get(pk=colleague.pk), Role.Kind(form.cleaned_data["kind"])
    give_role(user, series=series, kind=kind, **actor_and_time(request))
    messages.success(request, _("The role is given."))
    return redirect("person", series=page.series_slug, account=account)


@capability_required(POST=capability("change_role"))
def change(request: HttpRequest, series: Series, account: int, kind: str) -> HttpResponse:
    """Say until when somebody has a role, who has it then, and who acts in a reviewer's place."""
    page, colleague = _colleague(request, series, account)
    role = get_object_or_404(Role.objects.standing(timezone.now()), series=series, user_id=account, kind=kind)
    held = next(one for one in colleague.roles if one.kind == kind)
    form = RoleTermForm(request.POST, role=held, others=_others(page, account))
    if form.is_valid():
        try:
            form.change(role, **actor_and_time(request))
        except RoleError as refused:
            form.refuse(str(refused.facts["field"]))
        except LastOwnerError:
            form.add_error("successor", KEEPS_OWNER)
        except Role.DoesNotExist:  # taken meanwhile
            raise Http404 from None
        else:
            messages.success(request, _("The role is changed."))
            return redirect("person", series=series.slug, account=account)
    return _show_person(request, series, account, term=form)


@capability_required(POST=capability("take_role"))
def take(request: HttpRequest, series: Series, account: int, kind: str) -> HttpResponse:
    """Take a role from somebody."""
    role = get_object_or_404(Role, series=series, user_id=account, kind=kind)
    try:
        take_role(role, **actor_and_time(request))
    except LastOwnerError:
        messages.error(request, KEEPS_OWNER)
        return redirect("person", series=series.slug, account=account)
    messages.success(request, _("The role is taken away."))
    if Actor.OWNER not in actors(request.user, series):  # it was her own
        return redirect("scoring:desk")
    if not Role.objects.filter(series=series, user=account).exists():
        return redirect("people", series=series.slug)
    return redirect("person", series=series.slug, account=account)


def _colleague(request: HttpRequest, series: Series, account: int) -> tuple[PeoplePage, Colleague]:
    page = people_page(series, reader=_user(request), at=timezone.now())
    found = page.colleague(account)
    if found is None:
        raise Http404
    return page, found


def _others(page: PeoplePage, account: int) -> list[Colleague]:
    return [one for one in page.people if one.pk != account]


def _show_person(
    request: HttpRequest,
    series: Series,
    account: int,
    *,
    give: RoleForm | None = None,
    term: RoleTermForm | None = None,
) -> HttpResponse:
    """Render somebody's roles; a refused form stands with what was entered."""
    page, colleague = _colleague(request, series, account)
    terms = [RoleTermForm(role=role, others=_others(page, account)) for role in colleague.roles]
    context = {
        "page": page,
        "person": colleague,
        "terms": [term if term and term.role.kind == one.role.kind else one for one in terms],
        "give": give or RoleForm(person=colleague),
        "refused": give or term,
    }
    return render(request, "accounts/person.html", context, status=REFUSED if give or term else 200)


def _show(request: HttpRequest, series: Series, form: InviteForm, *, status: int = 200) -> HttpResponse:
    page = people_page(series, reader=_user(request), at=timezone.now())
    return render(request, "accounts/people.html", {"page": page, "form": form}, status=status)


def _done(request: HttpRequest, series: Series, told: str) -> HttpResponse:
    messages.success(request, told)
    return redirect("people", series=series.slug)


def _over(request: HttpRequest, series: Series) -> HttpResponse:
    messages.error(request, _("The invitation was taken up or withdrawn meanwhile; nothing is changed."))
    return redirect("people", series=series.slug)


def _user(request: HttpRequest) -> User:
    return request.user  # type: ignore[return-value]  # the door lets in nobody without an account
