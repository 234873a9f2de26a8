"""Personal links: whose they are."""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import TYPE_CHECKING

from django.conf import settings

from surveys.errors import UnknownLinkError
from surveys.models import Panelist

if TYPE_CHECKING:
    from uuid import UUID


def personal_token(panelist: Panelist) -> str:
    """Return the token of the panelist's personal link.

    It is derived from the server's secret and the panelist's uid, so that a reminder can carry it again; the database keeps
    its hash alone, and a copy of the database opens no link.
    """
    return _token(panelist.uid, panelist.token_version)


def _token(uid: UUID, version: int) -> str:
    message = f"panelist {uid} {version}".encode()
    digest = hmac.new(settings.SECRET_KEY.encode(), message, hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest[:24]).decode()


def token_hash(token: str) -> str:
    """Return what the database keeps of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def panelist_for(token: str) -> Panelist:
    """Return the panelist whose link this is; the comparison runs over hashes, in the time of an index look-up.

    Raises
    ------
    UnknownLinkError
        Unknown and withdrawn links look alike.
    """
    panelist = (
        Panelist.objects.select_related("panel__series")
        .filter(token_hash=token_hash(token), withdrawn_at__isnull=True)
        .first()
    )
    if panelist is None:
        raise UnknownLinkError("this link is not known")
    return panelist
