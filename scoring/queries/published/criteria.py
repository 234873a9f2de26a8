"""The criteria of a frozen edition: names, units and definitions, read from the freeze alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from accounts.names import localised
from scoring.models import Freeze
from surveys.values.framework import LEVER

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@dataclass(frozen=True, slots=True)
class NamedCriterion:
    """A node of the tree in the reader's language; ``depth`` is 0 at the root, ``direction`` −1 where less is better.

    ``lever`` says who could change an indicator: city, country or nobody, empty where it is not known. ``names`` and ``definitions`` hold every language.
    """

    code: str
    parent: str
    name: str
    definition: str
    unit: str
    direction: int
    target: float | None
    denominator: str
    source: str
    lever: str
    depth: int
    is_indicator: bool
    names: Mapping[str, str]
    definitions: Mapping[str, str]


def criteria(freeze_id: int) -> tuple[NamedCriterion, ...]:
    """Return the criteria of a frozen framework from the root down, each before its children; one query."""
    rows = Freeze.objects.values_list("content__framework", flat=True).get(pk=freeze_id)
    return walk(rows)


def walk(rows: Sequence[Mapping[str, Any]]) -> tuple[NamedCriterion, ...]:
    """Return the rows that belong to the tree, each before its children."""
    children: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        if row["kind"] in ("Indicator", "Aggregate"):
            children.setdefault(row["parent"] or "", []).append(row)
    found: list[NamedCriterion] = []

    def visit(parent: str, depth: int) -> None:
        for row in children.get(parent, ()):
            found.append(_criterion(row, depth))
            visit(row["code"], depth + 1)

    visit("", 0)
    return tuple(found)


def _criterion(row: Mapping[str, Any], depth: int) -> NamedCriterion:
    return NamedCriterion(
        code=row["code"],
        parent=row["parent"] or "",
        name=localised(row["names"]) or row["code"],
        definition=localised(row["definitions"]),
        unit=localised({"en": row["unit"], **_columns(row["extra"], "Unit_")}),
        direction=row["direction"],
        target=row["target"],
        denominator=row["denominator"],
        source=row["source"],
        lever=row["extra"].get(LEVER, ""),
        depth=depth,
        is_indicator=row["kind"] == "Indicator",
        names=row["names"],
        definitions=row["definitions"],
    )


def _columns(extra: Mapping[str, str], prefix: str) -> dict[str, str]:
    """Return the further columns of a framework that hold a text per language, such as Unit_ar."""
    return {name.removeprefix(prefix): text for name, text in extra.items() if name.startswith(prefix)}
