"""A panelist's own file: everything that is kept of her answers, as JSON and as CSV."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from exchange.tables import csv_text
from surveys.files.receipts import FORMULA

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from surveys.values.own import OwnNode, OwnPage, OwnPair, OwnRound

FORMAT = "steelyard-mine-2"
COLUMNS = ("round", "node", "a", "b", "status", "value", "version", "at", "comment", "receipt")


def write_mine(page: OwnPage) -> str:
    """Write everything as JSON; ``receipt_inputs``, her secret among them, give the receipt by the formula beside them."""
    content = {
        "format": FORMAT,
        "series": page.series,
        "panel": page.panel,
        "publication_codes": [
            {"consensus": str(one.consensus), "question": one.node or None, "code": one.code} for one in page.codes
        ],
        "value": "how many times a matters more than b",
        "receipt_formula": FORMULA,
        "rounds": [_round(one) for one in page.rounds],
    }
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def _round(one: OwnRound) -> dict[str, Any]:
    return {
        "round": str(one.uid),
        "number": one.number,
        "follows": str(one.follows) if one.follows else None,
        "state": one.state,
        "receipt": one.receipt or None,
        "handed_in_at": _time(one.submitted_at),
        "submissions": [
            {"version": given.number, "receipt": given.receipt or None, "at": _time(given.at)}
            for given in one.submissions
        ],
        "receipt_inputs": one.inputs or None,
        "questions": [
            {"question": node.item.code, "choice": node.choice or "all", "pairs": [_pair(pair) for pair in node.pairs]}
            for node in one.nodes
        ],
    }


def _pair(pair: OwnPair) -> dict[str, Any]:
    return {
        "a": pair.a,
        "b": pair.b,
        "status": pair.status,
        "value": pair.value,
        "versions": [
            {"version": one.number, "value": one.value, "at": _time(one.at), "comment": one.comment}
            for one in pair.versions
        ],
    }


def write_mine_csv(page: OwnPage) -> str:
    """Write one row a version of every pair, and one for a pair that was never answered; the last version counts."""
    rows = (row for one in page.rounds for node in one.nodes for pair in node.pairs for row in _rows(one, node, pair))
    return csv_text(COLUMNS, rows)


def _rows(one: OwnRound, node: OwnNode, pair: OwnPair) -> Iterator[tuple[object, ...]]:
    head = (one.number, node.item.code, pair.a, pair.b, pair.status)
    for version in pair.versions:
        value = "" if version.value is None else f"{version.value:.12g}"
        yield (*head, value, version.number, _time(version.at), version.comment, one.receipt)
    if not pair.versions:
        yield (*head, "", "", "", "", one.receipt)


def _time(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
