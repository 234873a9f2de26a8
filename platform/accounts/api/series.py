"""What a series is called and how it speaks, for its owners and moderators."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from accounts.api import answers
from accounts.api.doors import Desk, validated
from accounts.doors import actor_and_time
from accounts.states import capability
from accounts.usecases.series import change_series

if TYPE_CHECKING:
    from rest_framework.request import Request


class SettingsView(Desk):
    """The settings of a series."""

    needed = {"GET": capability("change_series"), "PUT": capability("change_series")}

    @extend_schema(responses=answers.SettingsSerializer, operation_id="series_settings", tags=["people"])
    def get(self, request: Request, series: str) -> Response:
        """Tell what a series is called, in which languages it speaks, whom to ask, and the time zone of its desk."""
        return Response(answers.SettingsSerializer(self.series).data)

    @extend_schema(
        request=answers.SettingsSerializer,
        responses=answers.SettingsSerializer,
        operation_id="change_series",
        tags=["people"],
    )
    def put(self, request: Request, series: str) -> Response:
        """Change all of them: what is sent stands from now on, also on public pages."""
        sent = validated(answers.SettingsSerializer(data=request.data))
        changed = change_series(self.series, **sent, **actor_and_time(request))
        return Response(answers.SettingsSerializer(changed).data)
