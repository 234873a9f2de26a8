"""Whether the parts that the site needs answer: asked by containers, load balancers and ``make demo``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.http import JsonResponse
from redis.backoff import NoBackoff
from redis.retry import Retry

from accounts.methods import require_safe

if TYPE_CHECKING:
    from django.http import HttpRequest

PATIENCE: Final = ("socket_connect_timeout", "socket_timeout")


@require_safe
def healthz(_request: HttpRequest) -> JsonResponse:
    """Answer 200 where the database answers, else 503; the body also tells of the broker, which the site can do without."""
    parts = {"database": _database(), "broker": _broker()}
    return JsonResponse(parts, status=200 if parts["database"] else 503)


def _database() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True


def _broker() -> bool:
    options = {"retry": Retry(NoBackoff(), 0), **dict.fromkeys(PATIENCE, settings.REDIS_SECONDS)}
    try:
        with redis.Redis.from_url(settings.REDIS_URL, **options) as client:
            return bool(client.ping())
    except redis.RedisError:
        return False
