"""Personal links: whose they are, and which devices are hers."""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import TYPE_CHECKING

from django.conf import settings

from surveys.errors import UnknownLinkError
from surveys.models import Device, Link

if TYPE_CHECKING:
    from uuid import UUID

    from surveys.models import Panelist


def personal_token(panelist: Panelist) -> str:
    """Return the token of the panelist's newest link that opens.

    Raises
    ------
    UnknownLinkError
        Every link of hers has ended.
    """
    link = panelist.links.filter(ended_at__isnull=True).order_by("-number").first()
    if link is None:
        raise UnknownLinkError("no link of hers opens")
    return link_token(panelist.uid, link.number, link.language)


def link_token(uid: UUID, number: int, language: str) -> str:
    """Return the token of a link: its language, so that even a mistyped one is answered in it, and what nobody can guess.

    It is derived from the server's secret and the panelist's uid, so that a reminder can carry it again; the database keeps
    its hash alone, and a copy of the database opens no link.
    """
    message = f"panelist {uid} {number}".encode()
    digest = hmac.new(settings.SECRET_KEY.encode(), message, hashlib.sha256).digest()
    secret = base64.urlsafe_b64encode(digest[:24]).decode()
    return f"{language}-{secret}" if language else secret


def token_hash(token: str) -> str:
    """Return what the database keeps of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def link_language(token: str) -> str:
    """Return the language that a token, known or not, was written for; empty without one."""
    languages = sorted((code for code, _ in settings.LANGUAGES), key=len, reverse=True)
    return next((code for code in languages if token.startswith(f"{code}-")), "")


def link_for(token: str) -> Link:
    """Return the link of a token with its panelist; the comparison runs over hashes, in the time of an index look-up.

    Raises
    ------
    UnknownLinkError
        Unknown, ended and withdrawn links look alike.
    """
    link = (
        Link.objects.select_related("panelist__panel__series")
        .filter(token_hash=token_hash(token), ended_at__isnull=True, panelist__withdrawn_at__isnull=True)
        .first()
    )
    if link is None:
        raise UnknownLinkError("this link is not known")
    return link


def panelist_for(token: str) -> Panelist:
    """Return the panelist whose link this is.

    Raises
    ------
    UnknownLinkError
        As `link_for`.
    """
    return link_for(token).panelist


def is_hers(panelist: Panelist, device: str) -> bool:
    """Say whether this device (the value of its cookie) began with a link of hers."""
    return bool(device) and Device.objects.filter(panelist=panelist, token_hash=token_hash(device)).exists()
