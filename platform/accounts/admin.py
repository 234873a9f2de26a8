"""Accounts, series and roles in the admin: how an institute begins, before anybody moderates anything."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from allauth.account.decorators import secure_admin_login
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import UserChangeForm
from django.core.exceptions import ValidationError
from django.shortcuts import redirect
from django.utils import timezone

from accounts.doors import actor_and_time
from accounts.models import Role, Series, User
from accounts.read_only import ReadOnly
from accounts.role_words import KEEPS_OWNER
from accounts.usecases.people import remove_second_factor
from accounts.usecases.roles import give_role, is_last_owner, take_role

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest, HttpResponse


class SeriesAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # the stubs' parameter does not exist at run time
    """A series: its names, languages and contact."""

    list_display = ["slug", "name", "is_demonstration"]

    def get_readonly_fields(self, request: HttpRequest, obj: Series | None = None) -> list[str]:  # noqa: ARG002
        """Keep what it ranks once a release speaks of it."""
        return ["unit_kind"] if obj is not None and obj.is_unit_kind_fixed else []

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:  # noqa: ARG002
        """Offer today, and one name to fill in."""
        return {"created_at": timezone.now(), "names": {"en": ""}, "languages": ["en"]}


class RoleAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Who does what in a series: given and taken as owners do it, and not changed."""

    list_display = ["user", "series", "kind", "last_day", "successor", "deputy"]
    list_filter = ["series", "kind"]
    fields = ["user", "series", "kind"]
    actions = None  # one at a time: of several the last owner is seen only when the others are gone

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:  # noqa: ARG002
        """Refuse."""
        return False

    def save_model(self, request: HttpRequest, obj: Role, form: object, change: bool) -> None:  # noqa: ARG002
        """Give one."""
        kind = Role.Kind(obj.kind)
        obj.pk = give_role(obj.user, series=obj.series, kind=kind, **actor_and_time(request)).pk

    def has_delete_permission(self, request: HttpRequest, obj: Role | None = None) -> bool:
        """Refuse it of the last owner, also where her account would go."""
        return super().has_delete_permission(request, obj) and not (obj is not None and is_last_owner(obj))

    def delete_model(self, request: HttpRequest, obj: Role) -> None:
        """Take one."""
        take_role(obj, **actor_and_time(request))


class AccountForm(UserChangeForm):  # type: ignore[type-arg]
    """An account; that of a series' last owner stays open."""

    def clean_is_active(self) -> bool:
        """Refuse to close it."""
        is_active: bool = self.cleaned_data["is_active"]
        if not is_active and any(is_last_owner(role) for role in self.instance.roles.select_related("series")):
            raise ValidationError(KEEPS_OWNER)
        return is_active


class AccountAdmin(UserAdmin):  # type: ignore[type-arg]
    """Accounts, as Django has them."""

    form = AccountForm
    actions = None  # as with roles

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Keep the name of an account: acts and approvals are signed with it."""
        return [*super().get_readonly_fields(request, obj), *(["username"] if obj else [])]


class SecondFactorAdmin(ReadOnly):
    """Who has which second factor, without its secret; one whose owner lost it is deleted here, and she signs in without it."""

    list_display = ["user", "type", "created_at", "last_used_at"]
    list_filter = ["type"]
    search_fields = ["user__username"]
    fields = ["user", "type", "created_at", "last_used_at"]

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Allow it to who has the right."""
        return admin.ModelAdmin.has_delete_permission(self, request, obj)

    def delete_model(self, request: HttpRequest, obj: Authenticator) -> None:
        """Remove one."""
        remove_second_factor(obj, **actor_and_time(request))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """Remove several."""
        for factor in queryset:
            self.delete_model(request, factor)


def change_own_password(request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:  # noqa: ARG001
    """Lead to the one page where somebody changes her own password."""
    return redirect("account_change_password")


admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]  # one door: the site's own
admin.site.password_change = change_own_password  # type: ignore[method-assign, assignment]
admin.site.unregister(EmailAddress)  # nothing reads these yet
admin.site.unregister(Authenticator)  # it would show secrets, and let them be changed
admin.site.register(Authenticator, SecondFactorAdmin)
admin.site.register(User, AccountAdmin)
admin.site.register(Series, SeriesAdmin)
admin.site.register(Role, RoleAdmin)
