"""Where a code or a passkey is given: to sign in, to confirm that it is she, and to set one up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from allauth.core import context
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    EditWebAuthnForm,
    LoginWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables

from accounts.password_attempts import begin_attempt

if TYPE_CHECKING:
    from allauth.mfa.models import Authenticator

LONGEST_NAME: Final = 80
NOT_ACCEPTED: Final = _("This passkey was not accepted. Please try again, or use another way.")
# what the libraries raise for what no browser sends
MALFORMED: Final = (AttributeError, IndexError, KeyError, TypeError, ValueError)


def passkey_field() -> forms.JSONField:
    """Return the field of what a device sends; the page's script fills it in."""
    told = dict.fromkeys(("required", "invalid"), NOT_ACCEPTED)
    return forms.JSONField(widget=forms.HiddenInput, error_messages=told)


def code_field() -> forms.CharField:
    """Return the field of a code, with its meaning in words that stay."""
    attributes = {"autocomplete": "one-time-code", "inputmode": "numeric", "autocapitalize": "none", "dir": "ltr"}
    return forms.CharField(
        label=_("One-time code"),
        max_length=32,
        help_text=_("From your authenticator app, or one of your recovery codes."),
        widget=forms.TextInput(attrs=attributes),
    )


class CountedCode:
    """A code is looked at as a password is: each attempt is counted, a right one is given back."""

    @sensitive_variables("code")
    def clean_code(self) -> str:
        """Return the code.

        Raises
        ------
        ValidationError
            It is none of hers, or it was used before.
        TooManyAttemptsError
            Too many wrong codes or passwords were tried; this one was not looked at.
        """
        attempt = begin_attempt(context.request, self.user.get_username())  # type: ignore[attr-defined]
        code = str(super().clean_code())  # type: ignore[misc]
        attempt.give_back()
        return code


class CodeForm(CountedCode, AuthenticateForm):  # type: ignore[misc]  # allauth is untyped
    """A code after the password."""

    code = code_field()


class ConfirmCodeForm(CountedCode, ReauthenticateForm):  # type: ignore[misc]
    """A code of somebody who is signed in."""

    code = code_field()


class FirstCodeForm(ActivateTOTPForm):  # type: ignore[misc]
    """The first code of an app, of a secret that stands on the same page: nothing here is to be guessed."""

    code = code_field()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Ask for the app's code: there may be no other yet."""
        super().__init__(*args, **kwargs)
        self.fields["code"].help_text = _("Six digits that the app shows now.")


class CountedPasskey:
    """A passkey's answer is looked at as a password is; for the account where it is known whose it should be."""

    def clean_credential(self) -> Authenticator:
        """Return the passkey.

        Raises
        ------
        ValidationError
            It is none of an open account, or did not sign what was asked.
        TooManyAttemptsError
            Too many attempts failed; this one was not looked at.
        """
        user = self.user  # type: ignore[attr-defined]
        attempt = begin_attempt(context.request, user and user.get_username())
        try:
            passkey: Authenticator = super().clean_credential()  # type: ignore[misc]
        except (ValidationError, *MALFORMED):
            raise _not_accepted() from None
        if not passkey.user.is_active:
            raise _not_accepted()
        attempt.give_back()
        return passkey


class PasskeyForm(CountedPasskey, AuthenticateWebAuthnForm):  # type: ignore[misc]
    """A passkey after the password."""

    credential = passkey_field()


class PasskeySignInForm(CountedPasskey, LoginWebAuthnForm):  # type: ignore[misc]
    """A passkey in the place of user name and password."""

    credential = passkey_field()


class ConfirmPasskeyForm(CountedPasskey, ReauthenticateWebAuthnForm):  # type: ignore[misc]
    """A passkey of somebody who is signed in."""

    credential = passkey_field()


class NewPasskeyForm(AddWebAuthnForm):  # type: ignore[misc]
    """A passkey to be added."""

    credential = passkey_field()

    name = forms.CharField(
        label=_("Name of the passkey"),
        required=False,
        max_length=LONGEST_NAME,
        help_text=_("So that you can tell it from others: where it is kept, for example."),
    )
    passwordless = forms.BooleanField(
        label=_("Sign in with it alone, without a password"),
        required=False,
        initial=True,
        help_text=_(
            "The device then asks for a fingerprint, a face or a PIN. Without this it only follows the password."
        ),
    )

    def clean(self) -> dict[str, Any]:
        """Refuse what is no new passkey.

        Raises
        ------
        ValidationError
            It did not sign what was asked.
        """
        try:
            cleaned: dict[str, Any] = super().clean()
        except (ValidationError, *MALFORMED):
            raise _not_accepted() from None
        return cleaned


class PasskeyNameForm(EditWebAuthnForm):  # type: ignore[misc]
    """Another name for a passkey."""

    name = forms.CharField(label=_("Name of the passkey"), max_length=LONGEST_NAME)


def _not_accepted() -> ValidationError:
    return ValidationError(NOT_ACCEPTED, code="passkey")
