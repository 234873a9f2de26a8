"""What the links in mails about accounts carry: derived from the server's secret, so that a copy of the database opens none."""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import TYPE_CHECKING, Final
from uuid import UUID

from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.core.signing import BadSignature, Signer
from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from accounts.models import Invitation

if TYPE_CHECKING:
    from datetime import datetime

    from accounts.models import User

SIGNER: Final = Signer(salt="accounts.invitation", sep="~")
FIRST_OWNER: Final = "accounts.first owner"
GROUP: Final = 5  # letters of the key between two hyphens


def invitation_address(invitation: Invitation) -> str:
    """Return where an invitation is taken up."""
    return _absolute("invitation", token=SIGNER.sign(invitation.uid.hex))


def invitation_of(token: str) -> Invitation | None:
    """Return the invitation that a link was made for, whatever became of it."""
    try:
        uid = UUID(SIGNER.unsign(token))
    except (BadSignature, ValueError):
        return None
    return Invitation.objects.select_related("series", "invited_by").filter(uid=uid).first()


def password_address(user: User) -> str:
    """Return where the user chooses a new password: once, within PASSWORD_RESET_TIMEOUT."""
    uid = urlsafe_base64_encode(force_bytes(user.pk))
    return _absolute("account_new_password", uidb64=uid, token=default_token_generator.make_token(user))


def first_owner_key(at: datetime) -> str:
    """Return the key that makes the first account on the day of ``at`` and on the next one (UTC): four groups of letters."""
    digest = salted_hmac(FIRST_OWNER, at.date().isoformat(), secret=settings.SECRET_KEY, algorithm="sha256").digest()
    letters = base64.b32encode(digest).decode().lower()
    return "-".join(letters[start : start + GROUP] for start in range(0, 4 * GROUP, GROUP))


def is_first_owner_key(typed: str, *, at: datetime) -> bool:
    """Say whether this is the key of today or of yesterday, however it is spaced and in whichever letters."""
    letters = "".join(one for one in typed.lower() if one.isalnum())
    keys = (first_owner_key(at - timedelta(days=ago)) for ago in (0, 1))
    return any(constant_time_compare(letters, key.replace("-", "")) for key in keys)


def _absolute(name: str, **places: str) -> str:
    return f"{settings.PUBLIC_URL}{reverse(name, kwargs=places)}"
