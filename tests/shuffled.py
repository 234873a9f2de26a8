"""Rows that nobody put in order come in any order.

PostgreSQL returns rows without ``ORDER BY`` as it finds them, which in a small, fresh table is the order they were made in:
a page that forgot its order looks right in every test. Here each test gets such rows shuffled.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

from django.db.models.query import QuerySet

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pytest


def shuffle_unordered(monkeypatch: pytest.MonkeyPatch, seed: str) -> None:
    """Shuffle the rows of every queryset without an order, explicit or of its model, the same way for the same seed.

    Nothing is changed in the SQL, so that DISTINCT, GROUP BY, unions and subqueries stay what they are; of a slice all
    rows are read, shuffled and then cut, since which rows come is as open as their order.
    """
    chance = random.Random(seed)  # of its own: what a test draws from the global one does not change
    fetch_all, iterator = QuerySet._fetch_all, QuerySet._iterator

    def shuffled(rows: list[Any]) -> list[Any]:
        chance.shuffle(rows)
        return rows

    def _fetch_all(self: QuerySet) -> None:
        if self._result_cache is None and not self.ordered:
            start, end = self.query.low_mark, self.query.high_mark
            whole = self._chain() if self.query.is_sliced else self
            whole.query.clear_limits()
            self._result_cache = shuffled(list(whole._iterable_class(whole)))[start:end]
        fetch_all(self)

    def _iterator(self: QuerySet, *args: object) -> Iterator[Any]:
        rows = iterator(self, *args)
        yield from rows if self.ordered or self.query.is_sliced else shuffled(list(rows))

    monkeypatch.setattr(QuerySet, "_fetch_all", _fetch_all)
    monkeypatch.setattr(QuerySet, "_iterator", _iterator)
