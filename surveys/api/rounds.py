"""Rounds for the people of their series: how they go, their plans and their ends."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.exceptions import NotFound
from rest_framework.response import Response

from accounts.api.doors import Desk, validated
from accounts.doors import actor_and_time
from surveys import handover
from surveys.api import answers
from surveys.models import Round
from surveys.queries.desk.round_progress import round_standing
from surveys.states import capability
from surveys.usecases.ends import move_end, reopen_round
from surveys.usecases.news import stop_news
from surveys.usecases.plans import cancel_plan, change_plan
from surveys.usecases.rounds import announce_close, close_round

if TYPE_CHECKING:
    from uuid import UUID

    from rest_framework.request import Request

    from accounts.models import Series


class RoundListView(Desk):
    """The rounds of a series."""

    needed = {"GET": capability("panels")}

    @extend_schema(responses=answers.RoundListSerializer, operation_id="rounds", tags=["rounds"])
    def get(self, request: Request, series: str) -> Response:
        """List the rounds of a series' panels in numbers."""
        panels = handover.panels(self.series.uid)
        return Response(
            answers.RoundListSerializer({"results": [one for panel in panels for one in panel.rounds]}).data
        )


class RoundView(Desk):
    """One round."""

    needed = {"GET": capability("round_standing")}

    @extend_schema(responses=answers.RoundProgressSerializer, operation_id="round", tags=["rounds"])
    def get(self, request: Request, series: str, uid: UUID) -> Response:
        """Show how far the panel is."""
        return _progress(self.series, uid)


class CloseView(Desk):
    """Closing a round."""

    needed = {"POST": capability("close_round", "announce_close")}

    @extend_schema(
        request=answers.CloseOrderSerializer,
        responses=answers.RoundProgressSerializer,
        operation_id="close_round",
        tags=["rounds"],
    )
    def post(self, request: Request, series: str, uid: UUID) -> Response:
        """Close an open round; answers given stay, none is taken any more.

        With ``grace_minutes`` the end is announced: nobody new starts, those who started may finish, then it closes.
        """
        found = _round(self.series, uid)
        order = validated(answers.CloseOrderSerializer(data=request.data or {}))
        now = timezone.now()
        who: dict[str, Any] = {"tell": order["tell"], "by": request.user.get_username(), "at": now}
        if grace := order.get("grace_minutes"):
            announce_close(found, finish_until=now + timedelta(minutes=grace), **who)
        else:
            close_round(found, **who)
        return _progress(self.series, uid)


class EndView(Desk):
    """The end of an open round."""

    needed = {"POST": capability("move_end")}

    @extend_schema(
        request=answers.EndOrderSerializer,
        responses=answers.RoundProgressSerializer,
        operation_id="move_end_of_round",
        tags=["rounds"],
    )
    def post(self, request: Request, series: str, uid: UUID) -> Response:
        """Move the end of an open round outwards: to an hour after the one that stands."""
        order = validated(answers.EndOrderSerializer(data=request.data))
        move_end(_round(self.series, uid), **order, **actor_and_time(request))
        return _progress(self.series, uid)


class ReopenView(Desk):
    """Opening a closed round again."""

    needed = {"POST": capability("reopen_round")}

    @extend_schema(
        request=answers.EndOrderSerializer,
        responses=answers.RoundProgressSerializer,
        operation_id="reopen_round",
        tags=["rounds"],
    )
    def post(self, request: Request, series: str, uid: UUID) -> Response:
        """Open a closed round again until a new end, unless a method is frozen on it; what is handed in stands."""
        order = validated(answers.EndOrderSerializer(data=request.data))
        reopen_round(_round(self.series, uid), **order, **actor_and_time(request))
        return _progress(self.series, uid)


class PlanView(Desk):
    """The plan of a round that nobody is invited to yet."""

    needed = {"PATCH": capability("change_plan"), "DELETE": capability("cancel_plan")}

    @extend_schema(
        request=answers.PlanChangeSerializer,
        responses=answers.RoundItemSerializer,
        operation_id="change_planned_round",
        tags=["rounds"],
    )
    def patch(self, request: Request, series: str, uid: UUID) -> Response:
        """Change when a planned round opens and closes, whether drafts count, and what it asks again."""
        found = _round(self.series, uid)
        stands = {name: getattr(found, name) for name in ("opens_at", "closes_at", "drafts_count")}
        order = validated(answers.PlanChangeSerializer(data=request.data))
        pairs = order.pop("pairs", None)
        told = None if pairs is None else [(a, b) for a, b in pairs]
        change_plan(found, **stands | order, pairs=told, **actor_and_time(request))
        return Response(answers.RoundItemSerializer(handover.round_summary(uid)).data)

    @extend_schema(responses={204: None}, operation_id="cancel_planned_round", tags=["rounds"])
    def delete(self, request: Request, series: str, uid: UUID) -> Response:
        """Cancel a planned round; nobody was invited."""
        cancel_plan(_round(self.series, uid), **actor_and_time(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class StopMailsView(Desk):
    """Mails about a round that still wait."""

    needed = {"POST": capability("stop_news")}

    @extend_schema(
        request=None, responses=answers.StoppedMailsSerializer, operation_id="stop_mails_of_round", tags=["rounds"]
    )
    def post(self, request: Request, series: str, uid: UUID) -> Response:
        """Stop the mails that tell of a changed end, a closing or a new opening and have not gone out yet."""
        stopped = stop_news(_round(self.series, uid), **actor_and_time(request))
        return Response(answers.StoppedMailsSerializer({"stopped": stopped}).data)


def _round(series: Series, uid: UUID) -> Round:
    found = Round.objects.filter(uid=uid, panel__series=series).first()
    if found is None:
        raise NotFound
    return found


def _progress(series: Series, uid: UUID) -> Response:
    try:
        return Response(answers.RoundProgressSerializer(round_standing(series, uid, at=timezone.now())).data)
    except Round.DoesNotExist:
        raise NotFound from None
