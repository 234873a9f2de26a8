"""Accounts, series and roles in the admin: how an institute begins, before anybody moderates anything."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from allauth.account.decorators import secure_admin_login
from allauth.account.models import EmailAddress
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.views import PasswordChangeView
from django.urls import reverse_lazy
from django.utils import timezone

from accounts.forms import OwnPasswordForm
from accounts.models import Role, Series, User

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.http.response import HttpResponseBase


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


def change_own_password(request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponseBase:
    """Change one's own password, as the admin's own page does but for who looks at the old one."""
    return PasswordChangeView.as_view(
        form_class=OwnPasswordForm,
        success_url=reverse_lazy("admin:password_change_done"),
        template_name="registration/password_change_form.html",
        extra_context={**admin.site.each_context(request), **(extra_context or {})},
    )(request)


admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]  # one door: the site's own
admin.site.password_change = change_own_password  # type: ignore[method-assign, assignment]
admin.site.unregister(EmailAddress)  # nothing reads these yet
admin.site.register(User, UserAdmin)
admin.site.register(Series, SeriesAdmin)
admin.site.register(Role, RoleAdmin)
