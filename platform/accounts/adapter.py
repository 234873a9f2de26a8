"""What allauth asks the project: our words, and pages alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from allauth.account.adapter import DefaultAccountAdapter
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth is untyped
    """Sign-in as the house has it."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "username_password_mismatch": _("The username or the password is not right."),
    }

    def is_ajax(self, request: HttpRequest) -> bool:  # noqa: ARG002  # the signature is allauth's
        """Answer programs as browsers are answered."""
        return False
