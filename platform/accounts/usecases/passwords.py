"""Ask for a new password by mail."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accounts.models import AccountMail

if TYPE_CHECKING:
    from datetime import datetime


def ask_for_password_link(email: str, *, language: str, at: datetime) -> AccountMail:
    """Queue a mail with the way to a new password; the same work whether the address is known or not.

    The worker that sends it finds whose address it is. Where it is nobody's, nothing is sent and the address is forgotten.
    """
    return AccountMail.objects.create(kind=AccountMail.Kind.PASSWORD, email=email, language=language, queued_at=at)
