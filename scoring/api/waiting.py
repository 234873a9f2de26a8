"""What waits on whoever asks, over all her series: what the desk's first page and the daily mail say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response

from accounts.api.doors import Door
from accounts.rules import series_of
from scoring.queries.desk.waiting import KINDS, waiting_on
from scoring.wording import waiting as wording

if TYPE_CHECKING:
    from rest_framework.request import Request


class MatterSerializer(serializers.Serializer[Any]):
    """One thing that waits. No panelist is named in it."""

    kind = serializers.ChoiceField(KINDS)
    series = serializers.CharField()
    edition = serializers.CharField(help_text="Its slug; empty where it waits at a panel or at the series.")
    step = serializers.CharField(help_text="The step of the edition's chain.")
    round = serializers.UUIDField(source="round_uid", allow_null=True, help_text="The round where it is settled.")
    work = serializers.CharField(help_text="`consensus`, `scoring`, `bundle` or `upload`; empty of anything else.")
    count = serializers.IntegerField(help_text="How many; of a round that ends, who has not handed in.")
    since = serializers.DateTimeField(help_text="Since when it waits; of a round that ends, three days before its end.")
    until = serializers.DateTimeField(allow_null=True, help_text="When the round ends.")
    text = serializers.SerializerMethodField(help_text="What waits, in words.")
    place = serializers.SerializerMethodField(help_text="Where, in words.")
    page = serializers.SerializerMethodField(help_text="The page of the desk where it is settled.")

    def get_text(self, matter: Any) -> str:
        """Say what waits."""
        return wording.what(matter)

    def get_place(self, matter: Any) -> str:
        """Say where."""
        return wording.place(matter)

    def get_page(self, matter: Any) -> str:
        """Return its page."""
        return str(self.context["request"].build_absolute_uri(wording.address(matter)))


class WaitingView(Door):
    """What waits."""

    permission_classes = (IsAuthenticated,)

    @extend_schema(responses=MatterSerializer(many=True), operation_id="waiting", tags=["desk"])
    def get(self, request: Request) -> Response:
        """List what waits on you in all your series and you may settle, the oldest first."""
        found = waiting_on(series_of(request.user), reader=request.user.get_username(), at=timezone.now())
        return Response(MatterSerializer(found, many=True, context={"request": request}).data)
