"""Personal links: whose they are, and which devices are hers."""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import connection
from django.db.models import Q
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from surveys.errors import UnknownLinkError
from surveys.models import Link, Panelist, Round

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from django.db.models import QuerySet

# Every request behind a link asks these, and writing them anew each time would cost more than answering them.
OPENING = """
    SELECT p.*, l.id AS link_id, l.number, l.language AS link_language, l.taken_at
    FROM surveys_link l JOIN surveys_panelist p ON p.id = l.panelist_id
    WHERE l.token_hash = %s AND l.ended_at IS NULL AND p.withdrawn_at IS NULL
    AND (%s OR EXISTS (SELECT 1 FROM surveys_round r WHERE r.panel_id = p.panel_id
                       AND (r.state = 'open' OR (r.state = 'closed' AND r.closed_at > %s))))
"""
HERS = "SELECT 1 FROM surveys_device WHERE panelist_id = %s AND token_hash = %s"


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


def link_for(token: str, *, at: datetime | None = None) -> Link:
    """Return the link of a token with its panelist; the comparison runs over hashes, in the time of an index look-up.

    With ``at``, the link must also have something to open then: a round of the panel is open, or closed no longer than
    LINK_DAYS ago. It is one query, whatever the answer.

    Raises
    ------
    UnknownLinkError
        Unknown, ended, withdrawn and expired links, and those whose first round is not open yet, look alike.
    """
    hashed = token_hash(token)
    since = timezone.now() if at is None else at - timedelta(days=settings.LINK_DAYS)
    asked = [hashed, at is None, connection.ops.adapt_datetimefield_value(since)]
    found: Any = next(iter(Panelist.objects.raw(OPENING, asked)), None)
    if found is None:
        raise UnknownLinkError("this link is not known")
    taken_at = (
        parse_datetime(found.taken_at) if isinstance(found.taken_at, str) else found.taken_at
    )  # SQLite has no dates
    return Link(
        pk=found.link_id,
        panelist=found,
        number=found.number,
        language=found.link_language,
        token_hash=hashed,
        taken_at=taken_at,
    )


def opening_rounds(*, at: datetime) -> QuerySet[Round]:
    """Return the rounds that let links open: those open, and those closed no longer than LINK_DAYS ago."""
    lately = Q(state=Round.State.CLOSED, closed_at__gt=at - timedelta(days=settings.LINK_DAYS))
    return Round.objects.filter(Q(state=Round.State.OPEN) | lately)


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
    if not device:
        return False
    with connection.cursor() as cursor:
        cursor.execute(HERS, [panelist.pk, token_hash(device)])
        return cursor.fetchone() is not None
