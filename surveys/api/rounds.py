"""Rounds for the people of their series: how they go, and closing one."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.response import Response

from accounts.api.doors import Desk
from surveys import handover
from surveys.api import answers
from surveys.models import Round
from surveys.queries.desk.round_progress import round_standing
from surveys.states import capability
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
        found = Round.objects.filter(uid=uid, panel__series=self.series).first()
        if found is None:
            raise NotFound
        order = answers.CloseOrderSerializer(data=request.data or {})
        order.is_valid(raise_exception=True)
        by, now = request.user.get_username(), timezone.now()
        if grace := order.validated_data.get("grace_minutes"):
            announce_close(found, finish_until=now + timedelta(minutes=grace), by=by, at=now)
        else:
            close_round(found, by=by, at=now)
        return _progress(self.series, uid)


def _progress(series: Series, uid: UUID) -> Response:
    try:
        return Response(answers.RoundProgressSerializer(round_standing(series, uid, at=timezone.now())).data)
    except Round.DoesNotExist:
        raise NotFound from None
