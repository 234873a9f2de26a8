"""What moves scores and weights, as tables: the importance of every part beside its weight, and the most one person could do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from exchange.tables import csv_records, csv_text
from scoring.files.digits import computed_text
from scoring.numerics.errors import NoImportanceError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from scoring.numerics.robustness.importance import NodeImportance
    from scoring.numerics.robustness.one_person import OnePerson

IMPORTANCE: Final = "importance.csv"
ONE_PERSON: Final = "one_person.csv"
IMPORTANCE_COLUMNS: Final = (
    "iCode", "Parent", "weight", "importance", "importance_error", "correlation", "first_order", "not_explained", "units",
    "undefined",
)  # fmt: skip
ONE_PERSON_COLUMNS: Final = (
    "node", "experts", "iCode", "weight", "weight_then", "reach", "moved", "uCode", "rank", "rank_then",
)  # fmt: skip
NOISE: Final = 12  # decimals of shares and correlations: what is left beyond is none


@dataclass(frozen=True, slots=True)
class ImportanceRow:
    """A criterion's weight among its siblings and what it moves of the score above it; None where that is not defined.

    ``not_explained`` and ``undefined`` (why, else empty) are those of the score above.
    """

    code: str
    parent: str
    weight: float | None
    importance: float | None
    correlation: float | None
    not_explained: float | None
    undefined: str


@dataclass(frozen=True, slots=True)
class OnePersonRow:
    """The most that one of a node's ``experts`` could do there; ``unit`` is empty where no rank changes."""

    node: str
    experts: int
    code: str
    weight: float
    weight_then: float
    reach: str
    moved: int
    unit: str
    rank: int | None
    rank_then: int | None

    @property
    def change(self) -> float:
        """By how much the weight would move."""
        return self.weight_then - self.weight


def importance_csv(found: Iterable[NodeImportance]) -> str:
    """Return ``importance.csv``: every criterion with data under its node, in the order of the tree."""
    return csv_text(IMPORTANCE_COLUMNS, (row for node in found for row in _importance(node)))


def _importance(found: NodeImportance) -> Iterator[list[object]]:
    weights = zip(found.children, map(computed_text, found.weights.tolist()), strict=True)
    shares = found.shares
    if isinstance(shares, NoImportanceError):
        units, why = shares.facts["units"], shares.facts["reason"]
        yield from ([code, found.node, weight, *[""] * 5, units, why] for code, weight in weights)
        return
    errors = [None] * len(found.children) if shares.errors is None else shares.errors.tolist()
    columns = (shares.importance, shares.correlation, shares.first_order)
    texts = [[computed_text(value) for value in np.round(column, NOISE).tolist()] for column in columns]
    rest = computed_text(abs(round(shares.unexplained, NOISE)))
    for position, (code, weight) in enumerate(weights):
        own, correlation, first = (column[position] for column in texts)
        error = computed_text(errors[position])
        yield [code, found.node, weight, own, error, correlation, first, rest, shares.units, ""]


def one_person_csv(found: Iterable[OnePerson]) -> str:
    """Return ``one_person.csv``: a row a node; nothing in it says who the person is."""
    return csv_text(ONE_PERSON_COLUMNS, map(_one_person, found))


def _one_person(one: OnePerson) -> list[object]:
    moved: list[object] = [0, "", "", ""]
    if one.moved is not None:
        moved = [one.moved.many, one.moved.unit, one.moved.rank, one.moved.rank_then]
    weights = (computed_text(one.weight), computed_text(one.weight_then))
    return [one.node, one.experts, one.item, *weights, one.reach, *moved]


def read_importance(files: Mapping[str, bytes]) -> tuple[ImportanceRow, ...]:
    """Read a release's ``importance.csv``; nothing where it has none, as before format 5."""
    return tuple(
        ImportanceRow(
            code=row["iCode"],
            parent=row["Parent"],
            undefined=row["undefined"],
            **{name: _number(row[name]) for name in ("weight", "importance", "correlation", "not_explained")},
        )
        for row in _rows(files.get(IMPORTANCE, b""))
    )


def read_one_person(files: Mapping[str, bytes]) -> tuple[OnePersonRow, ...]:
    """Read a release's ``one_person.csv``; nothing where it has none."""
    return tuple(
        OnePersonRow(
            node=row["node"],
            experts=int(row["experts"]),
            code=row["iCode"],
            weight=float(row["weight"]),
            weight_then=float(row["weight_then"]),
            reach=row["reach"],
            moved=int(row["moved"]),
            unit=row["uCode"],
            rank=_place(row["rank"]),
            rank_then=_place(row["rank_then"]),
        )
        for row in _rows(files.get(ONE_PERSON, b""))
    )


def _rows(content: bytes) -> Iterator[dict[str, str]]:
    return csv_records(content.decode())


def _number(cell: str) -> float | None:
    return float(cell) if cell else None


def _place(cell: str) -> int | None:
    return int(cell) if cell else None
