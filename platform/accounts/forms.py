"""Where a password is typed in: to sign in, to confirm that it is she, and to change one's own; and an account's language and daily mail."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.forms import LoginForm, ReauthenticateForm
from allauth.core import context
from django import forms
from django.conf import settings
from django.contrib.auth import authenticate
from django.contrib.auth.forms import PasswordChangeForm
from django.contrib.auth.password_validation import password_validators_help_texts
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


class ConfirmPasswordForm(ReauthenticateForm):  # type: ignore[misc]
    """The password of somebody who is signed in; it is looked at where all are."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Say in the label alone what goes there."""
        super().__init__(*args, **kwargs)
        password = self.fields["password"]
        password.label, password.help_text = _("Password"), ""
        password.widget.attrs.pop("placeholder", None)


class OwnPasswordForm(PasswordChangeForm):
    """A new password for oneself; the old one is looked at where all are, so that nobody guesses it here."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Say the rules of passwords as sentences; a refusal is read before any field."""
        super().__init__(*args, **kwargs)
        self.fields["new_password1"].help_text = " ".join(password_validators_help_texts())
        if self.is_bound:
            self.fields["old_password"].widget.attrs.pop("autofocus", None)

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


class LanguageForm(forms.Form):
    """In which language the site writes to somebody."""

    language = forms.ChoiceField(
        label=_("Language"),
        help_text=_("In which language this site writes to you. Pages follow the choice above."),
        choices=settings.LANGUAGES,
    )


class DailyMailForm(forms.Form):
    """Whether somebody is mailed once a day what waits on her."""

    is_wanted = forms.BooleanField(
        label=_("Daily mail of what waits"),
        help_text=_("One mail a day at most, on days when something waits on you. It has no panelist’s name in it."),
        required=False,
    )
