"""A round that follows another, for its moderators: which pairs divide the panel, planning it and opening it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import NotFound
from rest_framework.response import Response

from accounts.api.doors import Desk
from surveys import handover
from surveys.api import answers
from surveys.models import Round
from surveys.queries.panelist.previous_round import DIVIDED, divided_pairs
from surveys.states import ROUND, capability, check
from surveys.usecases.rounds import open_round, plan_round

if TYPE_CHECKING:
    from uuid import UUID

    from rest_framework.request import Request

    from accounts.models import Series


class DividedPairItemSerializer(serializers.Serializer[Any]):
    """How the panel answered one pair, as ratios of a over b."""

    node = serializers.CharField(source="node.code")
    a = serializers.CharField(source="a.code")
    b = serializers.CharField(source="b.code")
    answered = serializers.IntegerField(source="spread.answered")
    median = serializers.FloatField(source="spread.median")
    low = serializers.FloatField(source="spread.low", help_text="Lower quartile.")
    high = serializers.FloatField(source="spread.high", help_text="Upper quartile.")
    is_divided = serializers.BooleanField(help_text="The upper quartile is at least four times the lower one.")


class DividedPairListSerializer(serializers.Serializer[Any]):
    """Pairs with five answers or more, those that divide the panel most first."""

    limit = serializers.FloatField(help_text="Interquartile range of the logarithms from which a pair is divided.")
    results = DividedPairItemSerializer(many=True)


class PlanAgainSerializer(serializers.Serializer[Any]):
    """What the next round asks, and until when."""

    pairs = serializers.ListField(
        child=serializers.ListField(child=serializers.CharField(), min_length=2, max_length=2),
        help_text="Two codes a pair, in either order.",
    )
    opens_at = answers.MomentField(required=False, allow_null=True, help_text="When it opens by itself; else by hand.")
    closes_at = answers.MomentField()


class DividedView(Desk):
    """The pairs of a closed round by how divided the panel is."""

    needed = {"GET": capability("divided_pairs")}

    @extend_schema(responses=DividedPairListSerializer, operation_id="divided_pairs", tags=["rounds"])
    def get(self, request: Request, series: str, uid: UUID) -> Response:
        """List the pairs that five or more answered."""
        round_ = _round(self.series, uid)
        check(ROUND, "divided_pairs", round_.state)
        return Response(DividedPairListSerializer({"limit": DIVIDED, "results": divided_pairs(round_)}).data)


class FollowView(Desk):
    """Planning a round that follows."""

    needed = {"POST": capability("plan_round")}

    @extend_schema(
        request=PlanAgainSerializer,
        responses={201: answers.RoundItemSerializer},
        operation_id="plan_following_round",
        tags=["rounds"],
    )
    def post(self, request: Request, series: str, uid: UUID) -> Response:
        """Plan a round that asks these pairs of a closed one again; nobody is invited before it is opened."""
        round_ = _round(self.series, uid)
        sent = PlanAgainSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        planned = plan_round(
            round_.panel,
            version=round_.version,
            opens_at=sent.validated_data.get("opens_at"),
            closes_at=sent.validated_data["closes_at"],
            seed=round_.seed,
            drafts_count=round_.drafts_count,
            follows=round_,
            pairs=[(a, b) for a, b in sent.validated_data["pairs"]],
            by=request.user.get_username(),
            at=timezone.now(),
        )
        summary = handover.round_summary(planned.uid)
        return Response(answers.RoundItemSerializer(summary).data, status=status.HTTP_201_CREATED)


class OpenView(Desk):
    """Opening a planned round."""

    needed = {"POST": capability("open_round")}

    @extend_schema(request=None, responses=answers.RoundItemSerializer, operation_id="open_round", tags=["rounds"])
    def post(self, request: Request, series: str, uid: UUID) -> Response:
        """Open a planned round: every panelist with an address is invited."""
        round_ = _round(self.series, uid)
        open_round(round_, by=request.user.get_username(), at=timezone.now())
        return Response(answers.RoundItemSerializer(handover.round_summary(uid)).data)


def _round(owner: Series, uid: UUID) -> Round:
    found = Round.objects.select_related("panel", "version").filter(uid=uid, panel__series=owner).first()
    if found is None:
        raise NotFound
    return found
