"""A panel's files where fewer than five people answered a node, or differ from before: nothing is told person by person."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from exchange.number_texts import plain_number
from exchange.tables import csv_records, csv_text
from scoring.files.digits import json_text
from scoring.files.results import CONSENSUS
from scoring.numerics.ahp.disclosure import SMALLEST_GROUP
from scoring.rules import CodeRow

if TYPE_CHECKING:
    from collections.abc import Mapping

BY_PERSON: Final = ("judgements.csv", "consistency.csv")
AGREEMENT: Final = ("s_star", "homogeneity", "kendall_w")


def of_nobody(files: Mapping[str, str]) -> dict[str, str]:
    """Return the files that tell of people as they may be published where nothing is told person by person.

    Parameters
    ----------
    files
        ``judgements.csv``, ``consistency.csv``, ``consensus.csv`` and ``consensus.json`` as they were computed.
    """
    return {
        "consensus.csv": _agreement_of_five(files["consensus.csv"]),
        "consensus.json": _summary(files["consensus.json"]),
    }


def rows_told(judgements: str, people: Mapping[str, int]) -> list[CodeRow]:
    """Read what a file of judgements tells under each code; items in one order, so that only answers differ.

    Who ``people`` does not name by code is somebody whom nobody knows.
    """
    said: dict[tuple[str, str, str], set[tuple[str, str, str, str]]] = {}
    for row in csv_records(judgements):
        if value := plain_number(row["value"], is_ratio=True):
            (a, b), turned = sorted((row["a"], row["b"])), 1 / value if row["a"] > row["b"] else value
            one = (row["node"], a, b, f"{turned:.12g}")
            said.setdefault((row["expert"], row.get("group", ""), row.get("expert_weight", "")), set()).add(one)
    return [
        CodeRow(frozenset(answers), group, weight, people.get(code, -number))
        for number, ((code, group, weight), answers) in enumerate(said.items(), 1)
    ]


def _agreement_of_five(text: str) -> str:
    """Leave the agreement of fewer than five people empty: it tells what they answered."""
    rows = list(csv_records(text))
    for row in rows:
        if int(row["experts"]) < SMALLEST_GROUP:
            row.update(dict.fromkeys(AGREEMENT, ""))
    return csv_text(CONSENSUS, ([row[column] for column in CONSENSUS] for row in rows))


def _summary(text: str) -> str:
    """Leave out what the summary tells of single people."""
    summary: dict[str, Any] = json.loads(text)
    few = summary["experts"] < SMALLEST_GROUP
    agreement = {"s_star": None, "homogeneity": None} if few else {}
    return json_text({**summary, **agreement, "clusters": [], "excluded": [], "group_consistency": {}})
