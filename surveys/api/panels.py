"""Panels and their people, for the moderators of a series."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import NotFound
from rest_framework.response import Response

from accounts.api.doors import Desk, validated
from accounts.doors import actor_and_time
from surveys.models import Panel
from surveys.queries.desk.panel_page import panel_page
from surveys.states import capability
from surveys.usecases.panel_people import change_panelist, take_in_people
from surveys.usecases.panels import begin_panel
from surveys.values.panel_people import NewPerson

if TYPE_CHECKING:
    from uuid import UUID

    from rest_framework.request import Request

    from accounts.models import Series


class NewPanelSerializer(serializers.Serializer[Any]):
    """A panel to begin; its short name is made from its name."""

    names = serializers.DictField(child=serializers.CharField(max_length=200), help_text="Name by language.")
    names_shown = serializers.BooleanField(
        default=False, help_text="Whether moderators see names beside progress; it is promised, and never changed."
    )


class PanelPersonSerializer(serializers.Serializer[Any]):
    """A panelist as moderators see her: by code, by name only where that was promised, without answers."""

    uid = serializers.UUIDField()
    code = serializers.CharField()
    name = serializers.CharField(help_text="Empty where names are not shown.")
    group = serializers.CharField(
        help_text="As field and language, empty once a round opened where names are not shown."
    )
    field = serializers.CharField()
    language = serializers.CharField(help_text="The language's own name.")
    state = serializers.CharField(
        help_text="`withdrawn`, `exempted`, `declined`, `done`, `started`, `invited`, or empty before a round opens."
    )
    invitation = serializers.CharField(help_text="`queued`, `sending`, `sent`, `failed`, or empty: none.")


class PanelDetailSerializer(serializers.Serializer[Any]):
    """A panel with its people, and the codes of those whom its open round has not invited."""

    uid = serializers.UUIDField()
    name = serializers.CharField()
    names_shown = serializers.BooleanField()
    owed_an_invitation = serializers.ListField(child=serializers.CharField(), source="owed")
    people = PanelPersonSerializer(many=True, source="listed")


class NewPersonSerializer(serializers.Serializer[Any]):
    """Somebody to be asked; her code is given."""

    email = serializers.CharField()
    name = serializers.CharField(default="", allow_blank=True)
    group = serializers.CharField(default="", allow_blank=True)
    language = serializers.CharField(help_text="Code of one of the site's languages.")
    time_zone = serializers.CharField(default="", allow_blank=True, help_text="Such as Africa/Casablanca.")
    field = serializers.CharField(default="", allow_blank=True)
    weight = serializers.FloatField(default=1.0)


class NewPeopleSerializer(serializers.Serializer[Any]):
    """People to be taken in, all of them or nobody."""

    people = NewPersonSerializer(many=True)


class TakenInSerializer(serializers.Serializer[Any]):
    """How many were taken in; in which order they got their codes is not told."""

    taken_in = serializers.IntegerField()


class PersonChangeSerializer(serializers.Serializer[Any]):
    """What is to change of a panelist; what is left out stays."""

    email = serializers.CharField(required=False)
    group = serializers.CharField(required=False, allow_blank=True)
    language = serializers.CharField(required=False)
    time_zone = serializers.CharField(required=False, allow_blank=True)
    field = serializers.CharField(required=False, allow_blank=True)
    weight = serializers.FloatField(required=False)
    ends_links = serializers.BooleanField(
        required=False, help_text="Whether the earlier address was somebody else's, whose links are to end."
    )


class PanelListView(Desk):
    """Beginning a panel."""

    needed = {"POST": capability("begin_panel", "panel_page")}

    @extend_schema(
        request=NewPanelSerializer,
        responses={201: PanelDetailSerializer},
        operation_id="begin_panel",
        tags=["panels"],
    )
    def post(self, request: Request, series: str) -> Response:
        """Begin a panel."""
        sent = validated(NewPanelSerializer(data=request.data))
        made = begin_panel(self.series, **sent, **actor_and_time(request))
        return Response(_told(made), status=status.HTTP_201_CREATED)


class PanelView(Desk):
    """One panel."""

    needed = {"GET": capability("panel_page")}

    @extend_schema(responses=PanelDetailSerializer, operation_id="panel", tags=["panels"])
    def get(self, request: Request, series: str, uid: UUID) -> Response:
        """Show who is asked, and how far each is."""
        return Response(_told(_panel(self.series, uid)))


class PanelPeopleView(Desk):
    """Taking people in."""

    needed = {"POST": capability("take_in_people")}

    @extend_schema(
        request=NewPeopleSerializer,
        responses={201: TakenInSerializer},
        operation_id="take_in_people",
        tags=["panels"],
    )
    def post(self, request: Request, series: str, uid: UUID) -> Response:
        """Take people into a panel, all of them or nobody; nobody is mailed."""
        sent = validated(NewPeopleSerializer(data=request.data))["people"]
        people = [NewPerson(**one) for one in sent]
        made = take_in_people(_panel(self.series, uid), people, **actor_and_time(request))
        return Response(TakenInSerializer({"taken_in": len(made)}).data, status=status.HTTP_201_CREATED)


class PanelPersonView(Desk):
    """Changing what is known of a panelist."""

    needed = {"PATCH": capability("change_panelist", "panel_page")}

    @extend_schema(
        request=PersonChangeSerializer,
        responses=PanelPersonSerializer,
        operation_id="change_panelist",
        tags=["panels"],
    )
    def patch(self, request: Request, series: str, uid: UUID, person: UUID) -> Response:
        """Change what is known of a panelist; her answers stay as they are."""
        panel = _panel(self.series, uid)
        found = panel.panelists.select_related("panel").filter(uid=person).first()
        if found is None:
            raise NotFound
        sent = validated(PersonChangeSerializer(data=request.data))
        change_panelist(found, **sent, **actor_and_time(request))
        (told,) = (one for one in panel_page(panel).people if one.uid == person)
        return Response(PanelPersonSerializer(told).data)


def _told(panel: Panel) -> dict[str, Any]:
    told: dict[str, Any] = PanelDetailSerializer(panel_page(panel)).data
    return told


def _panel(series: Series, uid: UUID) -> Panel:
    found = Panel.objects.select_related("series").filter(uid=uid, series=series).first()
    if found is None:
        raise NotFound
    return found
