"""A cache in Redis that holds nothing while Redis is out of reach: pages and counters go on without it."""

from __future__ import annotations

import logging
import time
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

LEFT_ALONE_SECONDS: Final = 5.0

log = logging.getLogger(__name__)


class ForgetfulCache(RedisCache):
    """Answers as an empty cache does while Redis is away; a Redis that failed is left alone for five seconds.

    So a request that asks often waits once. What is counted in the cache counts as the first of its kind meanwhile.
    """

    _away_until = 0.0

    def _ask(self, question: Callable[[], Any], otherwise: Any = None) -> Any:
        if time.monotonic() < self._away_until:
            return otherwise
        try:
            return question()
        except RedisError as error:
            self._away_until = time.monotonic() + LEFT_ALONE_SECONDS
            log.warning("the cache is out of reach: %s", error)
            return otherwise

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        """Return what is kept."""
        return self._ask(partial(super().get, key, default, version), default)

    def get_many(self, keys: Iterable[Any], version: int | None = None) -> dict[Any, Any]:
        """Return what is kept of these."""
        found: dict[Any, Any] = self._ask(partial(super().get_many, keys, version), {})
        return found

    def has_key(self, key: Any, version: int | None = None) -> bool:
        """Say whether it is kept."""
        return bool(self._ask(partial(super().has_key, key, version)))

    def set(self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> None:
        """Keep it."""
        self._ask(partial(super().set, key, value, timeout, version))

    def set_many(self, data: dict[Any, Any], timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> list[Any]:
        """Keep these; return the keys of those that are not kept."""
        failed: list[Any] = self._ask(partial(super().set_many, data, timeout, version), list(data))
        return failed

    def add(self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        """Keep it unless something is kept; say whether nothing was."""
        return bool(self._ask(partial(super().add, key, value, timeout, version), otherwise=True))

    def touch(self, key: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        """Keep it longer; say whether it is kept."""
        return bool(self._ask(partial(super().touch, key, timeout, version)))

    def incr(self, key: Any, delta: int = 1, version: int | None = None) -> int:
        """Count on; return the count, which is only this one's while nothing is kept."""
        return int(self._ask(partial(super().incr, key, delta, version), delta))

    def delete(self, key: Any, version: int | None = None) -> bool:
        """Forget it; say whether it was kept."""
        return bool(self._ask(partial(super().delete, key, version)))

    def delete_many(self, keys: Iterable[Any], version: int | None = None) -> None:
        """Forget these."""
        self._ask(partial(super().delete_many, keys, version))

    def clear(self) -> None:
        """Forget everything."""
        self._ask(super().clear)
