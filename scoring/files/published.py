"""The units of a release as pages read them, gathered from the release's own files."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from exchange.tables import csv_records
from scoring.files.results import SCORES
from scoring.files.sources import Source, read_sources
from scoring.files.tables import read_data
from scoring.files.uncertainty_reader import RANKS
from scoring.files.units import UnitRow, read_units
from scoring.numerics.composite.times import latest

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from scoring.files.licences import SourceLicence
    from scoring.numerics.types import Table, Tree


@dataclass(frozen=True)
class PublishedUnit:
    """One unit: who it is, where it stands (None when the screen left it out), and every indicator with its origin."""

    row: UnitRow
    rank: int | None
    tier: int | None
    rank_low: float | None
    rank_high: float | None
    rank_joint_low: float | None
    rank_joint_high: float | None
    rank_q1: float | None
    rank_q3: float | None
    modal_tier: int | None
    score: float | None
    aggregates: dict[str, float | None]
    values: list[dict[str, Any]]
    left_out: dict[str, Any]


def published_units(
    files: Mapping[str, str],
    tree: Tree,
    *,
    others: Collection[str],
    needed: float,
    licences: Mapping[str, SourceLicence] | None = None,
) -> list[PublishedUnit]:
    """Gather every unit of the data, ranked or not.

    Parameters
    ----------
    files : Mapping[str, str]
        The files of a scoring: data, sources, units, scores, steps and summary.
    tree : Tree
        The framework.
    others : Collection[str]
        Columns of the data that are no indicators.
    needed : float
        The share of values that the screen asks of a unit.
    licences : Mapping[str, SourceLicence]
        What is known of the sources, by their texts; a value that may not be passed on is told as withheld.
    """
    data, sources, units = ((name, files[name].encode()) for name in ("data.csv", "sources.csv", "units.csv"))
    table = latest(read_data(*data, tree, others=others))
    rows = {row.code: row for row in read_units(*units)}
    summary = json.loads(files["summary.json"])
    gathered = _Gathered(
        table=table,
        sources={(one.unit, one.time, one.indicator): one for one in read_sources(*sources)},
        scores={row["uCode"]: row for row in csv_records(files["scores.csv"])},
        drawn={row["uCode"]: row for row in csv_records(files.get(RANKS, ""))},
        normalised={row["uCode"]: row for row in csv_records(files["steps/5_normalised.csv"])},
        dropped={one["code"]: one for one in summary["dropped"] if one["kind"] == "unit"},
        imputed=frozenset((unit, indicator) for unit, indicator in summary["imputed"]),
        needed=needed,
        licences=licences or {},
    )
    return [gathered.unit(position, rows[code]) for position, code in enumerate(table.units)]


@dataclass(frozen=True)
class _Gathered:
    """The files, read."""

    table: Table
    sources: Mapping[tuple[str, str, str], Source]
    scores: Mapping[str, Mapping[str, str]]
    drawn: Mapping[str, Mapping[str, str]]
    normalised: Mapping[str, Mapping[str, str]]
    dropped: Mapping[str, Mapping[str, Any]]
    imputed: frozenset[tuple[str, str]]
    needed: float
    licences: Mapping[str, SourceLicence]

    def unit(self, position: int, row: UnitRow) -> PublishedUnit:
        """Put one unit together."""
        score, drawn = self.scores.get(row.code, {}), self.drawn.get(row.code, {})
        rank = _number(score, "rank")
        return PublishedUnit(
            row=row,
            rank=None if rank is None else int(rank),
            tier=int(score["tier"]) if score.get("tier") else None,
            rank_low=_number(score, "rank_low"),
            rank_high=_number(score, "rank_high"),
            rank_joint_low=_number(score, "rank_joint_low"),
            rank_joint_high=_number(score, "rank_joint_high"),
            rank_q1=_number(drawn, "rank_q1"),
            rank_q3=_number(drawn, "rank_q3"),
            modal_tier=int(drawn["modal_tier"]) if drawn.get("modal_tier") else None,
            score=_number(score, "score"),
            aggregates={node: _number(score, node) for node in score if node not in SCORES},
            values=list(self._values(position, row.code)),
            left_out={} if rank is not None else self._left_out(position, row.code),
        )

    def _values(self, position: int, code: str) -> Iterator[dict[str, Any]]:
        """Give the unit's indicators in the order of the tree."""
        time = self.table.times[position]
        for indicator, value in zip(self.table.columns, self.table.values[position].tolist(), strict=True):
            source = self.sources.get((code, time, indicator))
            licence = self.licences.get(source.source) if source else None
            withheld = licence is not None and licence.redistribution is False
            yield {
                "indicator": indicator,
                "value": None if withheld or np.isnan(value) else value,
                "normalised": None if withheld else _number(self.normalised.get(code, {}), indicator),
                "year": source.year if source else None,
                "resolution": source.resolution if source else "",
                "source": source.source if source else "",
                "given": source.given if source else None,
                "licence": licence.licence if licence else "",
                "withheld": withheld,
                "imputed": (code, indicator) in self.imputed,
            }

    def _left_out(self, position: int, code: str) -> dict[str, Any]:
        """Return the share of values the unit has, and the share asked for; the reason where it is its circumstances."""
        if code in self.dropped:
            return {
                name: self.dropped[code][name] for name in ("share", "needed", "reason") if name in self.dropped[code]
            }
        return {"share": float((~np.isnan(self.table.values[position])).mean()), "needed": self.needed}


def _number(row: Mapping[str, str], column: str) -> float | None:
    return float(row[column]) if row.get(column) else None
