"""The rows of the surveys, to look at: what a use-case guards is changed through its use-case alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import admin

from surveys.models import Criterion, Framework, FrameworkVersion, Mail, Panel, Round, Submission

if TYPE_CHECKING:
    from django.http import HttpRequest


class ReadOnly(admin.ModelAdmin):  # type: ignore[type-arg]  # the stubs' parameter does not exist at run time
    """Show rows; add, change and delete nothing."""

    def has_add_permission(self, request: HttpRequest, obj: object = None) -> bool:  # noqa: ARG002
        """Refuse."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:  # noqa: ARG002
        """Refuse."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:  # noqa: ARG002
        """Refuse."""
        return False


for model in (Criterion, Framework, FrameworkVersion, Mail, Panel, Round, Submission):
    admin.site.register(model, ReadOnly)
