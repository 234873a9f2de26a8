"""How work reaches the workers, from everywhere: the one place that speaks to the broker.

The row is the queue, so nobody needs the broker to listen: while it is out of reach one line of the log says so, and a
sweep hands the work over later.
"""

from __future__ import annotations

import logging
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from celery import current_app
from django.conf import settings
from django.db import transaction
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from celery.canvas import Signature
    from kombu import Connection

OUT_OF_REACH: Final = (OperationalError, RedisError, OSError)

log = logging.getLogger(__name__)


def queue(*work: Signature[Any]) -> None:
    """Hand work to the workers once the rows that it is about are committed; the first that is not taken ends it."""
    if work:
        names = ", ".join(sorted({str(one.task) for one in work}))
        transaction.on_commit(partial(_reach, partial(_send, work), f"{names} waits for the sweep"))


def revoke(names: Sequence[str]) -> None:
    """Let workers throw away queued tasks once it is committed that nobody wants them; who is not told finds no row to do."""
    if names:
        transaction.on_commit(partial(_reach, partial(current_app.control.revoke, names), "revoked tasks are not told"))


def _send(work: Sequence[Signature[Any]], *, connection: Connection) -> None:
    for one in work:
        one.apply_async(connection=connection)


def _reach(say: Callable[..., object], otherwise: str) -> None:
    """Say it to the broker, once, by a connection of its own: it answers within REDIS_SECONDS or counts as gone."""
    patience = dict.fromkeys(("socket_connect_timeout", "socket_timeout"), settings.REDIS_SECONDS)
    try:
        with current_app.connection_for_write(transport_options={"max_retries": 0, **patience}) as connection:
            say(connection=connection)
    except OUT_OF_REACH as error:
        log.warning("the broker is out of reach, %s: %s", otherwise, error)
