"""The one place where a password is looked at, whoever asks: pages, the admin or the API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from allauth.account.auth_backends import AuthenticationBackend
from asgiref.sync import sync_to_async
from django.views.decorators.debug import sensitive_variables

from accounts.password_attempts import begin_attempt

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser
    from django.http import HttpRequest


class PasswordBackend(AuthenticationBackend):  # type: ignore[misc]  # allauth is untyped
    """Accounts by user name and password; hashing costs the same for names that are known and unknown."""

    @sensitive_variables("credentials")
    def authenticate(self, request: HttpRequest | None, **credentials: Any) -> AbstractBaseUser | None:
        """Return whose password it is, or None.

        Raises
        ------
        TooManyAttemptsError
            Too many wrong ones were tried, for this account or from this address; nothing was hashed.
        """
        attempt = begin_attempt(request, str(credentials.get("username") or ""))
        user: AbstractBaseUser | None = super().authenticate(request, **credentials)
        if user is not None:
            attempt.give_back()
        return user

    @sensitive_variables("credentials")
    async def aauthenticate(self, request: HttpRequest | None, **credentials: Any) -> AbstractBaseUser | None:
        """Do the same for who cannot wait: Django's own would look at the password by itself."""
        return await sync_to_async(self.authenticate)(request, **credentials)
