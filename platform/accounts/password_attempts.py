"""How many wrong passwords and codes an account and a network address may still try: asked before any is looked at.

An attempt is counted when it begins and given back when the password was right, so that many at once pass no limit.
Counters are in Redis for all processes; while it is out of reach each process counts for itself, and nobody is locked out
by that. Names that belong to no account are counted like those that do: the limit tells nobody which ones exist.
"""

from __future__ import annotations

import hashlib
import ipaddress
import logging
import math
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.cache import caches
from redis.exceptions import RedisError
from rest_framework.exceptions import Throttled
from rest_framework.throttling import BaseThrottle

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.core.cache.backends.base import BaseCache
    from django.http import HttpRequest

OWN_NETWORK = 64  # bits of an IPv6 address that say whose it is; its owner chooses the others as she likes
OUTLIVES_SECONDS = 60  # a counter is there as long as the window it counts for, whichever was stored first
log = logging.getLogger(__name__)


class TooManyAttemptsError(Throttled):
    """No password is looked at for ``wait`` seconds: pages say so in words, the API as a problem; both with status 429."""

    wait: int


@dataclass(frozen=True)
class Attempt:
    """One attempt, counted under each of its names."""

    store: BaseCache
    counters: tuple[str, ...]

    def give_back(self) -> None:
        """Count it no longer; where the counters went in between there is nothing to give back."""
        with suppress(RedisError, ValueError):
            for counter in self.counters:
                self.store.decr(counter)


def begin_attempt(request: HttpRequest | None, account: str | None) -> Attempt:
    """Count an attempt at a password or code, for the account's name as it was typed and for the address that asks.

    ``account`` is None where only what is tried says whose it is, as a passkey does: then the address alone is counted.

    Raises
    ------
    TooManyAttemptsError
        The account or the address has tried too many wrong ones; this attempt is not counted, nor does it prolong the wait.
    """
    names = [] if account is None else [_name("account", account.strip().lower())]  # as accounts are found
    if request is not None:
        names.insert(0, _name("address", _network(BaseThrottle().get_ident(request))))  # type: ignore[arg-type]  # it reads META alone
    try:
        return _begin(caches["attempts"], names)
    except RedisError as error:
        log.warning("each process counts wrong passwords for itself: %s", error)
        return _begin(caches["process"], names)


def _begin(store: BaseCache, names: Iterable[str]) -> Attempt:
    counters: tuple[str, ...] = ()
    for name in names:
        until: Any = store.get_or_set(name, _window_end, settings.PASSWORD_WINDOW_SECONDS)
        counter = f"{name}_{until}"
        counters += (counter,)
        store.add(counter, 0, settings.PASSWORD_WINDOW_SECONDS + OUTLIVES_SECONDS)
        if store.incr(counter) > settings.PASSWORD_FAILURES:
            Attempt(store, counters).give_back()
            raise TooManyAttemptsError(wait=max(1, until - _now()))
    return Attempt(store, counters)


def _window_end() -> int:
    return _now() + settings.PASSWORD_WINDOW_SECONDS


def _now() -> int:
    return math.floor(time.time())


def _name(kind: str, subject: str) -> str:
    """Return the counter's name, which tells neither account nor address."""
    return f"password_{kind}_{hashlib.sha256(subject.encode(errors='replace')).hexdigest()}"


def _network(address: str | None) -> str:
    """Return what one owner of addresses cannot change: an IPv4 address, or the first half of an IPv6 address."""
    try:
        known = ipaddress.ip_address(address or "")
    except ValueError:
        return address or ""
    if isinstance(known, ipaddress.IPv4Address):
        return str(known)
    return str(known.ipv4_mapped or ipaddress.ip_network((known, OWN_NETWORK), strict=False))
