"""What is asked at the door of a personal link: a fresh one, or that the moderators look at who has it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from accounts.acts import note
from surveys.errors import BadPanelError, RoundStateError
from surveys.models import LinkRequest, Mail, Panelist
from surveys.queries.panelist.links import opening_rounds
from surveys.states import LINK_REQUEST, check
from surveys.usecases.panels import add_link, renew_link

if TYPE_CHECKING:
    from datetime import datetime

MOST_AT_ONCE = 500


def ask_by_address(email: str, *, at: datetime) -> LinkRequest:
    """Take a request for a fresh link by mail address; the same work whether the address is known or not.

    Raises
    ------
    BadPanelError
        It is no address.
    """
    given = email.strip()
    _check_address(given)
    return LinkRequest.objects.create(kind=LinkRequest.Kind.BY_ADDRESS, email=given, asked_at=at)


def answer_requests(*, at: datetime) -> int:
    """Mail a fresh link to every known address that asked for one, and keep no address; returns how many were asked.

    Who has withdrawn, or has no link that would open, is mailed nothing.
    """
    waiting = list(LinkRequest.objects.filter(kind=LinkRequest.Kind.BY_ADDRESS)[:MOST_AT_ONCE])
    for request in waiting:
        with transaction.atomic():
            if not LinkRequest.objects.filter(pk=request.pk).delete()[0]:
                continue  # another worker was faster
            known = Panelist.objects.filter(email__iexact=request.email, withdrawn_at__isnull=True)
            for panelist in known.select_related("panel"):
                _queue_fresh_link(panelist, at=at)
    return len(waiting)


@transaction.atomic
def ask_fresh_link(panelist: Panelist, *, at: datetime) -> Mail | LinkRequest | None:
    """Mail her a fresh link to the address that is known; without an address, the moderators are asked.

    The links that she has go on. While one such mail waits, asking again adds none (None is returned).
    """
    if panelist.email:
        return _queue_fresh_link(panelist, at=at)
    return _for_moderators(panelist, LinkRequest.Kind.NO_ADDRESS, email="", at=at)


@transaction.atomic
def ask_as_someone_else(panelist: Panelist, *, email: str = "", at: datetime) -> LinkRequest:
    """Tell the moderators that her link reached somebody else, who may leave an address; asking twice is once.

    Raises
    ------
    BadPanelError
        It is no address.
    """
    given = email.strip()
    if given:
        _check_address(given)
    return _for_moderators(panelist, LinkRequest.Kind.SOMEONE_ELSE, email=given, at=at)


@transaction.atomic
def settle_request(request: LinkRequest, *, by: str, at: datetime) -> LinkRequest:
    """Mark a request as done; the address that somebody left with it is kept no longer.

    Raises
    ------
    WrongStateError
        It is done already.
    """
    locked = LinkRequest.objects.select_for_update(of=("self",)).get(pk=request.pk)
    check(LINK_REQUEST, "settle_request", locked.state)
    locked.state, locked.done_at, locked.email = LinkRequest.State.DONE, at, ""
    locked.save(update_fields=["state", "done_at", "email"])
    note("settled", f"request {locked.uid}", by=by, at=at)
    return locked


@transaction.atomic
def mail_for_request(request: LinkRequest, *, email: str = "", by: str, at: datetime) -> Mail | None:
    """Mail the panelist of a request a fresh link, and settle the request; nobody but she reads the link.

    ``email`` becomes her address where none was known. Her earlier links go on, unless one of them reached somebody else:
    then they end.

    Raises
    ------
    BadPanelError
        She has no address, and ``email`` is none.
    WrongStateError
        The request is done, she has withdrawn, or no round would let her link open.
    """
    panelist = Panelist.objects.select_for_update(no_key=True).filter(link_requests=request.pk).first()
    if panelist is None or not opening_rounds(at=at).filter(panel=panelist.panel_id).exists():
        raise RoundStateError(
            "no round opens links of hers", state="closed", allowed=LINK_REQUEST.allowed("mail_for_request")
        )
    if not panelist.email:
        _check_address(email.strip())
        panelist.email = email.strip()
        panelist.save(update_fields=["email"])
    if settle_request(request, by=by, at=at).kind == LinkRequest.Kind.SOMEONE_ELSE:
        renew_link(panelist, by=by, at=at)
    return _queue_fresh_link(panelist, at=at)


def _queue_fresh_link(panelist: Panelist, *, at: datetime) -> Mail | None:
    """Queue the mail, and make a link for it unless her newest one is still unused."""
    Panelist.objects.select_for_update(no_key=True).get(pk=panelist.pk)
    round_ = opening_rounds(at=at).filter(panel=panelist.panel_id).order_by("-number").first()
    waiting = Mail.objects.filter(panelist=panelist, kind=Mail.Kind.FRESH_LINK, state=Mail.State.QUEUED)
    if round_ is None or waiting.exists():
        return None
    newest = panelist.links.filter(ended_at__isnull=True).order_by("-number").first()
    if newest is None or newest.taken_at is not None:
        add_link(panelist, at=at)
    note("asked for", f"a fresh link of panelist {panelist.uid}", by="its link or address", at=at)
    return Mail.objects.create(panelist=panelist, round=round_, kind=Mail.Kind.FRESH_LINK, queued_at=at)


def _for_moderators(panelist: Panelist, kind: LinkRequest.Kind, *, email: str, at: datetime) -> LinkRequest:
    request, created = LinkRequest.objects.get_or_create(
        panelist=panelist, kind=kind, email=email, state=LinkRequest.State.OPEN, defaults={"asked_at": at}
    )
    if created:
        note("asked", f"moderators: {kind}, panelist {panelist.uid}", by="its link", at=at)
    return request


def _check_address(email: str) -> None:
    try:
        validate_email(email)
    except ValidationError as error:
        raise BadPanelError("this is no e-mail address", field="email") from error
