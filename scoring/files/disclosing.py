"""A panel's files as they are published: nobody is told apart by the nodes she answered, nor in a panel of fewer than five."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, Any, Final

from scoring.files.digits import csv_text, json_text
from scoring.files.results import CONSENSUS, CONSISTENCY
from scoring.files.withheld import CODES, JUDGEMENTS
from scoring.numerics.ahp.disclosure import SMALLEST_GROUP, node_by_node
from surveys.files.judgements import write_judgements

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scoring.numerics.types import PanelJudgements

    NodeCodes = Mapping[str, Mapping[str, str]]

BY_PERSON: Final = ("judgements.csv", "consistency.csv")
AGREEMENT: Final = ("s_star", "homogeneity", "kendall_w")


def disclosed_files(
    files: Mapping[str, str], panel: PanelJudgements, node_codes: NodeCodes, *, by_person: bool
) -> dict[str, str]:
    """Return the files that tell of people, as they may be published.

    Parameters
    ----------
    files
        ``judgements.csv``, ``consistency.csv``, ``consensus.csv`` and ``consensus.json`` as they were computed.
    panel
        What they were computed from.
    node_codes
        By expert and node: the code under which her answers there stand.
    by_person
        Whether anything is told person by person.
    """
    if not by_person:
        told = {name: files[name] for name in files if name not in BY_PERSON}
        told["consensus.csv"] = _agreement_of_five(files["consensus.csv"])
        told["consensus.json"] = _of_nobody(files["consensus.json"])
        return told
    if not node_codes:
        return dict(files)
    codes = {(expert, node): code for expert, nodes in node_codes.items() for node, code in nodes.items()}
    return {
        **files,
        "judgements.csv": write_judgements(node_by_node(panel, codes)),
        "consistency.csv": _recoded(files["consistency.csv"], codes),
        "consensus.json": _excluded(files["consensus.json"], codes),
    }


def withheld_of(node_codes: NodeCodes, *, by_person: bool) -> list[dict[str, str]]:
    """Return what the manifest says is left out of the files on purpose."""
    if not by_person:
        return [{"what": JUDGEMENTS, "why": "fewer_than_five"}]
    return [{"what": CODES, "why": "told_by_nodes"}] if node_codes else []


def _recoded(text: str, codes: Mapping[tuple[str, str], str]) -> str:
    """Put the codes per node in the place of the experts' own, in order of the codes."""
    rows = [
        {**row, "expert": codes.get((row["expert"], row["node"]), row["expert"])}
        for row in csv.DictReader(io.StringIO(text))
    ]
    rows.sort(key=lambda row: row["expert"])  # stable: each expert's nodes stay in their order
    return csv_text(CONSISTENCY, ([row[column] for column in CONSISTENCY] for row in rows))


def _excluded(text: str, codes: Mapping[tuple[str, str], str]) -> str:
    """Name who is excluded at a node by her code there."""
    summary: dict[str, Any] = json.loads(text)
    for one in summary["excluded"]:
        one["expert"] = codes.get((one["expert"], one["node"]), one["expert"])
    return json_text(summary)


def _agreement_of_five(text: str) -> str:
    """Leave the agreement of fewer than five people empty: it tells what they answered."""
    rows = list(csv.DictReader(io.StringIO(text)))
    for row in rows:
        if int(row["experts"]) < SMALLEST_GROUP:
            row.update(dict.fromkeys(AGREEMENT, ""))
    return csv_text(CONSENSUS, ([row[column] for column in CONSENSUS] for row in rows))


def _of_nobody(text: str) -> str:
    """Leave out what the summary tells of single people."""
    summary: dict[str, Any] = json.loads(text)
    few = summary["experts"] < SMALLEST_GROUP
    agreement = {"s_star": None, "homogeneity": None} if few else {}
    return json_text({**summary, **agreement, "clusters": [], "excluded": [], "group_consistency": {}})
