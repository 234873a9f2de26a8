"""Judgement files: the long table in and out, and three forms of other programs in."""

from __future__ import annotations

import csv
import io
import json
import math
import re
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import combinations
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from exchange.problems import FileProblem, FileProblemsError, nearest
from exchange.sheets import read_sheet
from scoring.numerics.ahp.pairwise import judgements_from_long

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from exchange.sheets import SheetRow, TableSheet
    from scoring.numerics.types import PanelJudgements, Scale, Tree

COLUMNS: Final = ("expert", "node", "a", "b", "value", "expert_weight", "group", "language", "comment")
NEEDED: Final = COLUMNS[:5]
AHP_OS: Final = ("pwc_part", "pwc_node", "pwc_ab", "pwc_intense")
RATIO: Final = re.compile(r"\d+(\.\d+)?([eE][+-]?\d+)?(/\d+(\.\d+)?)?|\.\d+", re.ASCII)
LARGEST: Final = 1e9
LAST_STEP: Final = 9 * (1 + 1e-9)
SIMPLE: Final = {round(float(Fraction(1, step)), 12): f"1/{step}" for step in range(2, 10)}


@dataclass(frozen=True, slots=True)
class JudgementRow:
    """One answer of a file: how many times ``a`` matters more than ``b`` under ``node``; None = not answered."""

    row: int | None
    expert: str
    node: str
    a: str
    b: str
    value: float | None
    weight: float = 1.0
    group: str = ""
    language: str = ""


def read_judgements(name: str, content: bytes, tree: Tree, scale: Scale = "linear") -> PanelJudgements:
    """Read a panel's judgements; what the file holds decides its form.

    - long: ``expert, node, a, b, value`` and optionally ``expert_weight, group, language, comment``; value ``3``, ``1/3``, ``0.2``, empty;
    - wide, as the R package ahpsurvey: one row a respondent, columns ``A_B``; -3 = A three times B, 3 = B three times A, 1 = equal;
    - AHP-OS: a project's JSON file, or its table of comparisons as CSV (``pwc_part, pwc_node, pwc_ab, pwc_intense``: one
      character a pair, row by row of the upper triangle; 0 or A = the first item is preferred).

    The linear scale takes any positive ratio (a group's matrix holds values like 2.57); the other scales take steps from
    1/9 to 9. An expert's pair may stand twice with the same value, in either direction; with different values both rows are
    refused, for nothing says which one counts.

    Raises
    ------
    FileProblemsError
        Everything wrong, each with row and column.
    """
    problems: list[FileProblem] = []
    rows = _rows(name, content, tree, problems)
    rows = [row for row in rows if _known(name, row, tree, problems)]
    _contradictions(name, rows, problems)
    if scale != "linear":
        problems += [
            FileProblem(name, f"off the {scale} scale", row.row, "value", "1/9 to 9", f"{row.value:.12g}")
            for row in rows
            if row.value is not None and not 1 / LAST_STEP <= row.value <= LAST_STEP
        ]
    if not problems and not rows:
        problems.append(FileProblem(name, "there is no judgement below the header", 2))
    if problems:
        raise FileProblemsError(sorted(problems, key=lambda problem: problem.row or 0))
    return _panel(name, rows, tree)


def _rows(name: str, content: bytes, tree: Tree, problems: list[FileProblem]) -> list[JudgementRow]:
    """Read the rows of whichever form the file has."""
    if content[:64].lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"{", b"[")):
        return _ahp_os_json(name, content, tree, problems)
    sheet = read_sheet(name, content)
    if set(AHP_OS) <= set(sheet.columns):
        return [
            answer
            for row in sheet.rows
            for answer in _ahp_os(name, {name: row.cells[name] for name in AHP_OS}, row.number, tree, problems)
        ]
    if set(NEEDED) <= set(sheet.columns):
        return [_long(sheet, row, problems) for row in sheet.rows]
    node = _wide_node(sheet, tree)
    if node is not None:
        return [answer for row in sheet.rows for answer in _wide(sheet, row, node, tree, problems)]
    problems += [
        FileProblem(sheet.file, f"the column is not there{nearest(name, sheet.columns)}", 1, name, ", ".join(NEEDED))
        for name in NEEDED
        if name not in sheet.columns
    ]
    return []


def ratio(text: str) -> float | None:
    """Read ``3``, ``1/3`` or ``0.2`` as a positive ratio; None when it is none."""
    if not RATIO.fullmatch(text):
        return None
    above, _, below = text.partition("/")
    value = float(above) / float(below or 1) if float(below or 1) else 0.0
    return value if 1 / LARGEST <= value <= LARGEST else None


def _long(sheet: TableSheet, row: SheetRow, problems: list[FileProblem]) -> JudgementRow:
    """Read one row of the long form."""
    cells = row.cells
    value: float | None = None
    if cells["value"]:
        value = ratio(cells["value"])
        if value is None:
            allowed = "a positive ratio such as 3, 1/3 or 0.2, or empty when not answered"
            problems.append(FileProblem(sheet.file, "is not a ratio", row.number, "value", allowed, cells["value"]))
    weight = 1.0
    if cells.get("expert_weight"):
        text = cells["expert_weight"]
        read = ratio(text) if text not in {"0", "0.0"} else 0.0
        if read is None:
            problems.append(FileProblem(sheet.file, "is not a weight", row.number, "expert_weight", "0 or more", text))
        weight = 1.0 if read is None else read
    if not cells["expert"]:
        problems.append(
            FileProblem(sheet.file, "the row has no expert", row.number, "expert", "a code", "an empty cell")
        )
    label = {name: cells.get(name, "") for name in ("group", "language")}
    return JudgementRow(row.number, cells["expert"], cells["node"], cells["a"], cells["b"], value, weight, **label)


def _wide_node(sheet: TableSheet, tree: Tree) -> str | None:
    """Return the node whose children name the wide columns ``A_B``."""
    for node in tree.nodes:
        children = tree.children[node]
        names = {f"{a}_{b}" for a in children for b in children if a != b}
        if len(names & set(sheet.columns)) >= 1 and names & set(sheet.columns) == {
            name for name in sheet.columns if name in names or ("_" in name and name not in COLUMNS)
        }:
            return node
    return None


def _wide(
    sheet: TableSheet, row: SheetRow, node: str, tree: Tree, problems: list[FileProblem]
) -> Iterator[JudgementRow]:
    """Read one respondent of the wide form."""
    pairs = {f"{a}_{b}": (a, b) for a in tree.children[node] for b in tree.children[node] if a != b}
    named = next((name for name in sheet.columns if name not in pairs), None)
    expert = row.cells[named] if named else f"R{row.number - 1}"
    for column, (a, b) in pairs.items():
        text = row.cells.get(column, "")
        if not text or text == "NA":
            continue
        value = ratio(text.removeprefix("-"))
        if value is None or value < 1:
            allowed = "1 to 9, or -1 to -9 when the first is preferred"
            problems.append(FileProblem(sheet.file, "is not a step", row.number, column, allowed, text))
            continue
        yield JudgementRow(row.number, expert, node, a, b, value if text.startswith("-") else 1 / value)


def _ahp_os_json(name: str, content: bytes, tree: Tree, problems: list[FileProblem]) -> list[JudgementRow]:
    """Read the comparisons of an AHP-OS project file."""
    try:
        project: Any = json.loads(content.decode("utf-8-sig"))
        comparisons = project["pwc"]
        texts = [{name: str(one[name]) for name in AHP_OS} for one in comparisons]
    except (ValueError, KeyError, TypeError) as error:
        what = "is not an AHP-OS project: it needs the list pwc of pwc_part, pwc_node, pwc_ab, pwc_intense"
        problems.append(FileProblem(name, what, got=str(error)))
        return []
    return [answer for number, cells in enumerate(texts, 1) for answer in _ahp_os(name, cells, number, tree, problems)]


def _ahp_os(
    file: str, cells: dict[str, str], number: int, tree: Tree, problems: list[FileProblem]
) -> Iterator[JudgementRow]:
    """Read one expert's node: one character a pair in two texts of equal length."""
    node = _by_name(tree, cells["pwc_node"])
    if node is None:
        what = f"the framework has no such node{nearest(cells['pwc_node'], tree.nodes)}"
        problems.append(FileProblem(file, what, number, "pwc_node", ", ".join(tree.nodes), cells["pwc_node"]))
        return
    pairs = list(combinations(tree.children[node], 2))
    first, steps = cells["pwc_ab"], cells["pwc_intense"]
    if not (len(first) == len(steps) == len(pairs) and set(first) <= set("01AB") and set(steps) <= set("123456789")):
        allowed = f"{len(pairs)} characters of 0 and 1, and {len(pairs)} of 1 to 9"
        problems.append(FileProblem(file, "the pairs are not readable", number, "pwc_ab", allowed, f"{first} {steps}"))
        return
    for (a, b), which, step in zip(pairs, first, steps, strict=True):
        yield JudgementRow(number, cells["pwc_part"], node, a, b, float(step) if which in "0A" else 1 / float(step))


def _by_name(tree: Tree, text: str) -> str | None:
    """Return the node with this code or this name."""
    return next((node for node in tree.nodes if text.strip() in {node, tree.by_code[node].name}), None)


def _known(file: str, row: JudgementRow, tree: Tree, problems: list[FileProblem]) -> bool:
    """Say whether node and items are known and belong together; problems say what is not."""
    before = len(problems)
    if row.node not in tree.children:
        what = f"the framework has no such node{nearest(row.node, tree.nodes)}"
        problems.append(FileProblem(file, what, row.row, "node", ", ".join(tree.nodes), row.node or "an empty cell"))
        return False
    items = tree.children[row.node]
    for column, item in (("a", row.a), ("b", row.b)):
        if item not in items:
            what = f"{row.node} has no such item{nearest(item, items)}"
            problems.append(FileProblem(file, what, row.row, column, ", ".join(items), item or "an empty cell"))
    if row.a == row.b:
        problems.append(FileProblem(file, "an item is compared with itself", row.row, "b", "another item", row.b))
    return len(problems) == before


def _contradictions(file: str, rows: Iterable[JudgementRow], problems: list[FileProblem]) -> None:
    """Find experts' pairs that stand twice with different values, and experts with two weights, groups or languages."""
    seen: dict[tuple[str, str, str], JudgementRow] = {}
    experts: dict[str, JudgementRow] = {}
    for row in rows:
        earlier = experts.setdefault(row.expert, row)
        for column, one, other in (
            ("expert_weight", earlier.weight, row.weight),
            ("group", earlier.group, row.group),
            ("language", earlier.language, row.language),
        ):
            if one != other:
                what = f"{row.expert} has another {column} in row {earlier.row}"
                problems.append(FileProblem(file, what, row.row, column, str(one), str(other)))
        if row.value is None:
            continue
        key = (row.expert, min(row.a, row.b), max(row.a, row.b))
        first = seen.setdefault(key, row)
        value = row.value if (row.a, row.b) == (first.a, first.b) else 1 / row.value
        if first.value is not None and abs(value / first.value - 1) > 1e-9:
            what = f"{row.expert} answered {row.a} and {row.b} otherwise in row {first.row}"
            problems.append(FileProblem(file, what, row.row, "value", "one answer a pair", f"{row.value:.12g}"))


def _panel(file: str, rows: list[JudgementRow], tree: Tree) -> PanelJudgements:
    """Put the answers into matrices; experts in order of their code."""
    experts = {row.expert: row for row in rows}
    codes = sorted(experts)
    place = {code: position for position, code in enumerate(codes)}
    node = {code: position for position, code in enumerate(tree.nodes)}
    item = {child: position for code in tree.nodes for position, child in enumerate(tree.children[code])}
    answers = [row for row in rows if row.value is not None]
    if not answers:
        raise FileProblemsError([FileProblem(file, "nothing is answered", 2, "value")])
    return judgements_from_long(
        tree,
        experts=codes,
        expert_weights=np.array([experts[code].weight for code in codes]),
        groups=[experts[code].group for code in codes],
        languages=[experts[code].language for code in codes],
        expert=np.array([place[row.expert] for row in answers]),
        node=np.array([node[row.node] for row in answers]),
        a=np.array([item[row.a] for row in answers]),
        b=np.array([item[row.b] for row in answers]),
        value=np.array([row.value for row in answers], dtype=np.float64),
    )


def write_judgements(panel: PanelJudgements) -> str:
    """Write a panel as a long CSV table, all pairs of every expert in order; empty = not answered.

    Languages have a column where there are any.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    told_languages = any(panel.languages)
    writer.writerow(COLUMNS[: 8 if told_languages else 7])
    nodes = []
    for judged in panel.nodes:
        above = np.triu_indices(len(judged.items), 1)
        nodes.append((judged.node, [*combinations(judged.items, 2)], judged.matrices[:, above[0], above[1]].tolist()))
    people = zip(panel.experts, panel.expert_weights, panel.groups, panel.languages, strict=True)
    for k, (expert, weight, group, language) in enumerate(people):
        told = (f"{weight:.12g}", group, *([language] if told_languages else []))
        for node, pairs, values in nodes:
            writer.writerows(
                (expert, node, a, b, _ratio_text(value), *told) for (a, b), value in zip(pairs, values[k], strict=True)
            )
    return out.getvalue()


@lru_cache(maxsize=1024)
def _ratio_text(value: float) -> str:
    """Write 1/3 as it was meant, anything else with all its digits; not answered is empty."""
    if math.isnan(value):
        return ""
    simple = SIMPLE.get(round(value, 12))
    return simple or (str(int(value)) if value.is_integer() else repr(value))
