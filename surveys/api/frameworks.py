"""Indicator systems for the people of a series: which there are, one as a table, and building one by tables and outlines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.response import Response

from accounts.api.doors import Desk, validated
from accounts.doors import actor_and_time
from surveys.files.framework import write_framework
from surveys.files.pasted_framework import LONGEST_TEXT, read_pasted
from surveys.models import FrameworkVersion
from surveys.queries.desk.frameworks import FrameworkPage, framework_list, framework_page
from surveys.queries.frameworks import versions_for
from surveys.states import capability
from surveys.usecases.framework_drafts import begin_framework, redraft_framework, replace_criteria
from surveys.usecases.frameworks import freeze_framework

if TYPE_CHECKING:
    from uuid import UUID

    from rest_framework.request import Request

TABLE = "A table with the columns of COINr's iMeta, an outline, or the hierarchy of AHP-OS."
SEEN = "The revision of the draft that was read; another one is refused."


class FrameworkVersionSerializer(serializers.Serializer[Any]):
    """A version in the list."""

    uid = serializers.UUIDField()
    name = serializers.CharField()
    number = serializers.IntegerField()
    is_draft = serializers.BooleanField()
    is_shared = serializers.BooleanField(help_text="It belongs to no series, and none may change it.")
    indicators = serializers.IntegerField()
    groups = serializers.IntegerField()


class FrameworkListSerializer(serializers.Serializer[Any]):
    """The versions that a series may use, its own first."""

    results = FrameworkVersionSerializer(many=True, source="versions")


class FrameworkVersionPageSerializer(serializers.Serializer[Any]):
    """A version with its criteria."""

    uid = serializers.UUIDField()
    name = serializers.CharField()
    number = serializers.IntegerField()
    is_draft = serializers.BooleanField()
    is_shared = serializers.BooleanField()
    revision = serializers.IntegerField(help_text="Rises with every change of a draft.")
    pairs = serializers.IntegerField(source="tree.pairs", help_text="How many pairs a person is asked.")
    minutes = serializers.IntegerField(source="tree.minutes")
    missing = serializers.IntegerField(
        source="tree.missing", help_text="Names and definitions, all languages together."
    )
    table = serializers.SerializerMethodField(help_text="The criteria as CSV with the columns of COINr's iMeta.")

    def get_table(self, page: FrameworkPage) -> str:
        """Write the criteria."""
        return write_framework(page.rows)


class NewFrameworkSerializer(serializers.Serializer[Any]):
    """What a framework is called, and its criteria where there are some."""

    names = serializers.DictField(child=serializers.CharField(max_length=200), help_text="Name by language.")
    text = serializers.CharField(
        required=False, default="", allow_blank=True, trim_whitespace=False, max_length=LONGEST_TEXT, help_text=TABLE
    )


class CriteriaSerializer(serializers.Serializer[Any]):
    """Criteria that take the place of all."""

    text = serializers.CharField(trim_whitespace=False, max_length=LONGEST_TEXT, help_text=TABLE)
    seen = serializers.IntegerField(min_value=0, help_text=SEEN)


class SeenSerializer(serializers.Serializer[Any]):
    """What was read."""

    seen = serializers.IntegerField(min_value=0, help_text=SEEN)


class FrameworkView(Desk):
    """What every call about a version stands on."""

    def version(self, uid: UUID, *, is_own: bool = True) -> FrameworkVersion:
        """Find a version that the series may use, or change."""
        found: FrameworkVersion | None = versions_for(self.series.uid).filter(uid=uid).first()
        if found is None or (is_own and found.framework.series_id is None):
            raise Http404
        return found

    def answer(self, version: FrameworkVersion, code: int = status.HTTP_200_OK) -> Response:
        """Answer with the version as it stands."""
        fresh = FrameworkVersion.objects.select_related("framework").get(pk=version.pk)
        return Response(FrameworkVersionPageSerializer(framework_page(self.series, fresh)).data, status=code)


class FrameworkListView(FrameworkView):
    """The frameworks of a series."""

    needed = {"GET": capability("framework_list"), "POST": capability("begin_framework", "framework_page")}

    @extend_schema(responses=FrameworkListSerializer, operation_id="frameworks", tags=["frameworks"])
    def get(self, request: Request, series: str) -> Response:
        """List the framework versions that the series may use."""
        return Response(FrameworkListSerializer(framework_list(self.series)).data)

    @extend_schema(
        request=NewFrameworkSerializer,
        responses={201: FrameworkVersionPageSerializer},
        operation_id="begin_framework",
        tags=["frameworks"],
    )
    def post(self, request: Request, series: str) -> Response:
        """Begin a framework of the series; its first version is a draft."""
        said = validated(NewFrameworkSerializer(data=request.data))
        rows = read_pasted(said["text"], names=said["names"]) if said["text"].strip() else ()
        made = begin_framework(self.series, names=said["names"], rows=rows, **actor_and_time(request))
        return self.answer(made, status.HTTP_201_CREATED)


class FrameworkVersionView(FrameworkView):
    """One version."""

    needed = {"GET": capability("framework_page"), "PUT": capability("replace_criteria", "framework_page")}

    @extend_schema(responses=FrameworkVersionPageSerializer, operation_id="framework", tags=["frameworks"])
    def get(self, request: Request, series: str, uid: UUID) -> Response:
        """Show a version with its criteria."""
        return self.answer(self.version(uid, is_own=False))

    @extend_schema(
        request=CriteriaSerializer,
        responses=FrameworkVersionPageSerializer,
        operation_id="replace_criteria",
        tags=["frameworks"],
    )
    def put(self, request: Request, series: str, uid: UUID) -> Response:
        """Put other criteria in the place of all of a draft."""
        version = self.version(uid)
        said = validated(CriteriaSerializer(data=request.data))
        rows = read_pasted(said["text"], names=version.framework.names)
        replace_criteria(version, rows=rows, seen=said["seen"], **actor_and_time(request))
        return self.answer(version)


class FreezeFrameworkView(FrameworkView):
    """Freezing a version."""

    needed = {"POST": capability("freeze_framework", "framework_page")}

    @extend_schema(
        request=SeenSerializer,
        responses=FrameworkVersionPageSerializer,
        operation_id="freeze_framework",
        tags=["frameworks"],
    )
    def post(self, request: Request, series: str, uid: UUID) -> Response:
        """Freeze a draft: from then on it never changes."""
        version = self.version(uid)
        seen = validated(SeenSerializer(data=request.data))["seen"]
        freeze_framework(version, seen=seen, **actor_and_time(request))
        return self.answer(version)


class RedraftFrameworkView(FrameworkView):
    """The version after a frozen one."""

    needed = {"POST": capability("redraft_framework", "framework_page")}

    @extend_schema(
        request=None, responses=FrameworkVersionPageSerializer, operation_id="redraft_framework", tags=["frameworks"]
    )
    def post(self, request: Request, series: str, uid: UUID) -> Response:
        """Begin the next version as a copy of a frozen one; a draft that is there already is answered."""
        made = redraft_framework(self.version(uid), **actor_and_time(request))
        return self.answer(made)
