"""Accounts, series and roles in the admin: how an institute begins, before anybody moderates anything."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.utils import timezone

from accounts.models import Role, Series, User

if TYPE_CHECKING:
    from django.http import HttpRequest


class SeriesAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # the stubs' parameter does not exist at run time
    """A series: its names, languages and contact."""

    list_display = ["slug", "name", "is_demonstration"]

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:  # noqa: ARG002
        """Offer today, and one name to fill in."""
        return {"created_at": timezone.now(), "names": {"en": ""}, "languages": ["en"]}


class RoleAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Who moderates what."""

    list_display = ["user", "series", "kind"]
    list_filter = ["series", "kind"]


admin.site.register(User, UserAdmin)
admin.site.register(Series, SeriesAdmin)
admin.site.register(Role, RoleAdmin)
