"""Who has which role in a series, and who is invited, for its owners."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.exceptions import NotFound
from rest_framework.response import Response

from accounts.api import answers
from accounts.api.doors import Desk, validated
from accounts.doors import actor_and_time
from accounts.models import Invitation, Role, User
from accounts.queries import people_page
from accounts.states import capability
from accounts.tasks import enqueue_invitation
from accounts.usecases import invitations
from accounts.usecases.roles import change_role, give_role, take_role

if TYPE_CHECKING:
    from uuid import UUID

    from rest_framework.request import Request


class PeopleView(Desk):
    """The people of a series."""

    needed = {"GET": capability("people_page")}

    @extend_schema(responses=answers.PeopleSerializer, operation_id="people", tags=["people"])
    def get(self, request: Request, series: str) -> Response:
        """List who has which role, until when, and who is invited."""
        return Response(answers.PeopleSerializer(_people(self)).data)


class RoleView(Desk):
    """One role of somebody."""

    needed = {"PUT": capability("give_role", "change_role"), "DELETE": capability("take_role")}

    @extend_schema(
        request=answers.RoleTermSerializer,
        responses=answers.ColleagueSerializer,
        operation_id="give_role",
        tags=["people"],
    )
    def put(self, request: Request, series: str, account: int, role: str) -> Response:
        """Give somebody of the series a role, or change until when she has it, who has it then, and who is her deputy."""
        user = User.objects.filter(pk=account, is_active=True, roles__in=self._standing()).first()
        if user is None or role not in Role.Kind.values:
            raise NotFound
        sent = validated(answers.RoleTermSerializer(data=request.data, context={"series": self.series}))
        by = actor_and_time(request)
        with transaction.atomic():  # a role whose terms are refused is not given
            held = self._standing().filter(user=user, kind=role).first()
            held = held or give_role(user, series=self.series, kind=Role.Kind(role), **by)
            try:
                change_role(held, **sent, **by)
            except Role.DoesNotExist:  # taken meanwhile
                raise NotFound from None
        return Response(answers.ColleagueSerializer(_people(self).colleague(account)).data)

    @extend_schema(request=None, responses={204: None}, operation_id="take_role", tags=["people"])
    def delete(self, request: Request, series: str, account: int, role: str) -> Response:
        """Take a role away; the last owner's stays."""
        take_role(get_object_or_404(Role, series=self.series, user=account, kind=role), **actor_and_time(request))
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _standing(self) -> Any:
        return Role.objects.standing(timezone.now()).filter(series=self.series)


class InvitationListView(Desk):
    """Inviting."""

    needed = {"POST": capability("invite")}

    @extend_schema(
        request=answers.InviteSerializer,
        responses={201: answers.InvitedSerializer},
        operation_id="invite",
        tags=["people"],
    )
    def post(self, request: Request, series: str) -> Response:
        """Offer a role to whoever reads the mails of an address: one mail is sent."""
        sent = validated(answers.InviteSerializer(data=request.data))
        made = invitations.invite(self.series, **sent, by=_user(request), at=timezone.now())
        enqueue_invitation(made)
        return Response(_told(self, made), status=status.HTTP_201_CREATED)


class InvitationView(Desk):
    """One invitation."""

    needed = {"DELETE": capability("withdraw_invitation")}

    @extend_schema(request=None, responses={204: None}, operation_id="withdraw_invitation", tags=["people"])
    def delete(self, request: Request, series: str, uid: UUID) -> Response:
        """Take an offer back: its link opens nothing from now on."""
        found = get_object_or_404(Invitation, series=self.series, uid=uid)
        invitations.withdraw_invitation(found, by=_user(request), at=timezone.now())
        return Response(status=status.HTTP_204_NO_CONTENT)


class InvitationMailView(Desk):
    """The mail of an invitation."""

    needed = {"POST": capability("invite_again")}

    @extend_schema(
        request=None, responses={202: answers.InvitedSerializer}, operation_id="invite_again", tags=["people"]
    )
    def post(self, request: Request, series: str, uid: UUID) -> Response:
        """Mail the link once more, good for as long as a new one."""
        found = get_object_or_404(Invitation, series=self.series, uid=uid)
        made = invitations.invite_again(found, by=_user(request), at=timezone.now())
        enqueue_invitation(made)
        return Response(_told(self, made), status=status.HTTP_202_ACCEPTED)


def _people(view: Desk) -> Any:
    return people_page(view.series, reader=_user(view.request), at=timezone.now())


def _told(view: Desk, invitation: Invitation) -> Any:
    """Return an invitation as the list of people has it."""
    found = next(one for one in _people(view).invited if one.uid == invitation.uid)
    return answers.InvitedSerializer(found).data


def _user(request: Request) -> User:
    return request.user  # type: ignore[return-value]  # the door lets in nobody without an account
