"""Where a password is typed in: to sign in, and to change one's own."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.forms import LoginForm
from allauth.core import context
from django.contrib.admin.forms import AdminPasswordChangeForm
from django.contrib.auth import authenticate
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables


class SignInForm(LoginForm):  # type: ignore[misc]  # allauth is untyped
    """User name and password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Say in labels alone what goes where: a placeholder is gone once it is needed."""
        super().__init__(*args, **kwargs)
        for name, label in (("login", _("Mail address or username")), ("password", _("Password"))):
            field = self.fields[name]
            field.label = label
            field.widget.attrs.pop("placeholder", None)
        self.fields["login"].widget.attrs |= {"autocapitalize": "none", "spellcheck": "false"}
        if not self.is_bound:  # a refusal is read first
            self.fields["login"].widget.attrs["autofocus"] = True

    def add_prefix(self, field_name: str) -> str:
        """Return the name under which browsers know a field; they keep user names as ``username``."""
        return str(super().add_prefix("username" if field_name == "login" else field_name))

    def clean(self) -> dict[str, Any]:
        """Refuse a closed account in the words of a wrong password.

        Raises
        ------
        ValidationError
            The password is not that of an open account.
        """
        cleaned: dict[str, Any] = super().clean()
        if self.user is not None and not self.user.is_active:
            raise get_adapter().validation_error("username_password_mismatch")
        return cleaned


class OwnPasswordForm(AdminPasswordChangeForm):
    """A new password for oneself; the old one is looked at where all are, so that nobody guesses it here."""

    @sensitive_variables("old")
    def clean_old_password(self) -> str:
        """Return the old password.

        Raises
        ------
        ValidationError
            It is another one.
        """
        old = str(self.cleaned_data["old_password"])
        if authenticate(context.request, username=self.user.get_username(), password=old) != self.user:
            raise ValidationError(self.error_messages["password_incorrect"], code="password_incorrect")
        return old
