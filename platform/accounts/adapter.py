"""What allauth asks the project: our words, pages alone, and a line in the log for what somebody changes of her sign-in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from allauth.account.adapter import DefaultAccountAdapter
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.acts import note

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser
    from django.http import HttpRequest

WAYS: Final = {
    "reauthenticate": _("Use your password"),
    "mfa_reauthenticate": _("Use a code"),
    "mfa_reauthenticate:webauthn": _("Use a passkey"),
}
ACTS: Final = {  # by the mail that allauth would send
    "account/email/password_changed": ("changed", "own password"),
    "mfa/email/totp_activated": ("added", "own authenticator app"),
    "mfa/email/totp_deactivated": ("removed", "own authenticator app"),
    "mfa/email/recovery_codes_generated": ("renewed", "own recovery codes"),
    "mfa/email/webauthn_added": ("added", "own passkey"),
    "mfa/email/webauthn_removed": ("removed", "own passkey"),
}


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth is untyped
    """Sign-in as the house has it."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "username_password_mismatch": _("The username or the password is not right."),
        "incorrect_password": _("The password is not right."),
    }

    def is_ajax(self, request: HttpRequest) -> bool:  # noqa: ARG002  # the signature is allauth's
        """Answer programs as browsers are answered."""
        return False

    def get_login_stages(self) -> list[str]:
        """Return what lies between the password and the desk: ours of the second factor in the place of allauth's."""
        ours = {"allauth.mfa.stages.AuthenticateStage": "accounts.second_factor.SecondFactorStage"}
        return [ours.get(stage, stage) for stage in super().get_login_stages()]

    def get_reauthentication_methods(self, user: AbstractBaseUser) -> list[dict[str, Any]]:
        """Return how somebody who is signed in may confirm that it is she, in our words."""
        return [way | {"description": WAYS[way["id"]]} for way in super().get_reauthentication_methods(user)]

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:  # noqa: ARG002
        """Lead back to the account."""
        return reverse("mfa_index")

    def send_notification_mail(
        self,
        template_prefix: str,
        user: AbstractBaseUser,
        context: dict[str, Any] | None = None,  # noqa: ARG002
        email: str | None = None,  # noqa: ARG002
    ) -> None:
        """Note the act that allauth would tell by mail; no mail is sent."""
        verb, subject = ACTS.get(template_prefix, ("changed", template_prefix))
        note(verb, subject, by=user.get_username(), at=timezone.now())
