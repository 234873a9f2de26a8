"""What allauth asks the project of second factors: names, and how their secrets are kept."""

from __future__ import annotations

import base64
import logging
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.stages import AuthenticateStage
from allauth.mfa.totp.internal.auth import generate_totp_secret
from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser
    from django.http import HttpRequest

log = logging.getLogger(__name__)


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth is untyped
    """Second factors as the house has them."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": _("This code is not right, or it was used before. An app shows a new one every 30 seconds."),
        "cannot_generate_recovery_codes": _("Recovery codes need an authenticator app or a passkey first."),
    }

    def encrypt(self, text: str) -> str:
        """Return a secret as it is stored: readable with SECRET_KEY alone."""
        return _lock().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Return a stored secret; one of another SECRET_KEY reads as a secret that nobody has, so that every code is wrong."""
        try:
            return _lock().decrypt(encrypted_text.encode()).decode()
        except InvalidToken:
            log.warning("a second factor was stored under another SECRET_KEY: no code fits it until it is set up anew")
            return str(generate_totp_secret())

    def get_totp_label(self, user: AbstractBaseUser) -> str:
        """Name the account in an app as it is named at sign-in."""
        return user.get_username()

    def generate_authenticator_name(self, user: AbstractBaseUser, type: str) -> str:  # noqa: A002  # allauth's name
        """Return a name with a number for a passkey that is given none."""
        number = Authenticator.objects.filter(user_id=user.pk, type=type).count() + 1
        return gettext("Passkey {number}").format(number=number)

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """Say for which host passkeys are: that of PUBLIC_URL; without TLS, on one's own machine, the host that is asked."""
        public = urlsplit(settings.PUBLIC_URL)
        host = public.hostname if public.scheme == "https" else context.request.get_host().partition(":")[0]
        return {"id": host or "", "name": settings.MFA_TOTP_ISSUER}

    def get_public_key_credential_user_entity(self, user: AbstractBaseUser) -> dict[str, Any]:
        """Name the account in a device as it is named at sign-in."""
        known: dict[str, Any] = super().get_public_key_credential_user_entity(user)
        return known | {"name": user.get_username()}


class SecondFactorStage(AuthenticateStage):  # type: ignore[misc]
    """Between the password and the desk, for who has a second factor."""

    def is_resumable(self, request: HttpRequest) -> bool:  # noqa: ARG002
        """Say whether it can still be passed: a factor that was removed meanwhile leaves the sign-in to begin anew."""
        kinds = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]
        return bool(SecondFactorAdapter().is_mfa_enabled(self.login.user, kinds))


def _lock() -> Fernet:
    derive = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"steelyard second factor")
    return Fernet(base64.urlsafe_b64encode(derive.derive(settings.SECRET_KEY.encode())))
