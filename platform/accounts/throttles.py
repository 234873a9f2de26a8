"""How often the API may be read without signing in."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from redis.exceptions import RedisError
from rest_framework.throttling import AnonRateThrottle

if TYPE_CHECKING:
    from rest_framework.request import Request
    from rest_framework.views import APIView

log = logging.getLogger(__name__)


class AnonymousThrottle(AnonRateThrottle):
    """So many requests an address; while the counter is out of reach everybody is let in, since reading does not need it."""

    def allow_request(self, request: Request, view: APIView) -> bool:
        """Say whether the request may go on."""
        try:
            return bool(super().allow_request(request, view))
        except RedisError as error:
            log.warning("requests are not counted: %s", error)
            return True
