"""Judgements as people download them from AHP-OS: a project, its comparisons, the input of a group, or one calculation.

Source: the forms that AHP-OS writes, github.com/bpmsg/ahp-os: ``exportProjectDetails`` and ``set_txtbuf``.
"""

from __future__ import annotations

import json
import math
import re
from itertools import combinations
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from exchange.numbers import NumberColumn, read_numbers
from exchange.problems import FileProblem, listed
from exchange.sheets import SheetRow, TableSheet, note_ignored
from surveys.files.judgement_rows import JudgementRow, ratio_column

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from exchange.grids import Grid
    from exchange.options import FileReading
    from surveys.files.judgement_rows import ItemNames

COMPARISONS: Final = ("pwc_part", "pwc_node", "pwc_ab", "pwc_intense")
HIERARCHY: Final = "project_hText"
LONE_EXPERT: Final = "1"
GROUP_HEAD, PARTICIPANT, NODE = "session code", "participant", "node"
MATRIX: Final = re.compile(r"(\d+)\s*x\s*(\d+)\b")


class Comparisons(NamedTuple):
    """One expert's answers at a node: a character a pair, row by row of the upper triangle; 0 or A = the first preferred."""

    row: int
    expert: str
    node: str
    preferred: str
    steps: str


def is_project(content: bytes) -> bool:
    """Say whether a file is JSON, as a project is."""
    return content[:64].lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"{", b"["))


def project_rows(
    file: str, content: bytes, names: ItemNames, reading: FileReading, problems: list[FileProblem]
) -> list[JudgementRow]:
    """Read the comparisons of a project, whose items stand in the order of its own hierarchy."""
    try:
        project: Any = json.loads(content.decode("utf-8-sig"))
        told = [
            Comparisons(number, *(str(one[name]) for name in COMPARISONS))
            for number, one in enumerate(project["pwc"], 1)
        ]
        described = project.get("pj") or [{}]
        text = str(described[0].get(HIERARCHY, ""))
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError) as error:
        problems.append(FileProblem(file, "project_form", facts={"why": str(error)}))
        return []
    of = _Told(file, hierarchy_of(reading.options.hierarchy or text), names)
    return [row for one in told for row in _pairs(of, one, problems)]


def comparison_rows(
    sheet: TableSheet, names: ItemNames, reading: FileReading, problems: list[FileProblem]
) -> list[JudgementRow]:
    """Read the table of a project's comparisons; the order of its items is in a column of its hierarchy, or has to be said."""
    note_ignored(sheet, {*COMPARISONS, HIERARCHY}, reading)
    rows: list[JudgementRow] = []
    for row in sheet.rows:
        order = hierarchy_of(reading.options.hierarchy or row.cells.get(HIERARCHY, ""))
        told = Comparisons(row.number, *(row.cells[name] for name in COMPARISONS))
        rows += _pairs(_Told(sheet.file, order, names), told, problems)
    return rows


def hierarchy_of(text: str) -> dict[str, list[str]]:
    """Return the items of each node, in order, of a text such as ``Goal: A=0.6, B=0.4; A: a1, a2;``."""
    order: dict[str, list[str]] = {}
    for branch in text.split(";"):
        node, colon, items = branch.partition(":")
        if colon:
            order[node.strip()] = [item.partition("=")[0].strip() for item in items.split(",") if item.strip()]
    return order


class _Told(NamedTuple):
    """What is known of a file: its name, the order in which it takes items by node, and the names of the framework."""

    file: str
    order: Mapping[str, Sequence[str]]
    names: ItemNames


def _items(told: _Told, node: str, row: int, problems: list[FileProblem]) -> tuple[str, ...] | None:
    """Return the items of a node in the file's own order; None where node or order are not known."""
    file, order, names = told
    code = names.node(node)
    if code is None:
        problems.append(FileProblem(file, "no_node", row, "pwc_node", node, {"nodes": listed(names.tree.nodes)}))
        return None
    listed_items = next((items for name, items in order.items() if names.node(name) == code), None)
    facts = {"node": code, "items": listed(names.tree.children[code])}
    if listed_items is None:
        problems.append(FileProblem(file, "project_items", row, "pwc_node", node, facts))
        return None
    found = [names.item(code, item) for item in listed_items]
    for item, known in zip(listed_items, found, strict=True):
        if known is None:
            problems.append(FileProblem(file, "no_item", row, HIERARCHY, item, facts))
    known_items = tuple(item for item in found if item is not None)
    if len(known_items) == len(found) and set(known_items) != set(names.tree.children[code]):
        problems.append(FileProblem(file, "project_items", row, "pwc_node", node, facts))
        return None
    return known_items if len(known_items) == len(found) else None


def _pairs(of: _Told, told: Comparisons, problems: list[FileProblem]) -> Iterator[JudgementRow]:
    """Read one expert's answers at a node."""
    items = _items(of, told.node, told.row, problems)
    if items is None:
        return
    pairs = list(combinations(items, 2))
    first, steps = told.preferred, told.steps
    if not (len(first) == len(steps) == len(pairs) and set(first) <= set("01AB") and set(steps) <= set("123456789")):
        facts = {"pairs": len(pairs)}
        problems.append(FileProblem(of.file, "project_pairs", told.row, "pwc_ab", f"{first} {steps}", facts))
        return
    for (a, b), which, step in zip(pairs, first, steps, strict=True):
        value = float(step) if which in "0A" else 1 / float(step)
        yield JudgementRow(told.row, "pwc_ab", told.expert, told.node, a, b, value)


# --- matrices -------------------------------------------------------------------------------------------------------------


class _Matrix(NamedTuple):
    """A full matrix of a file: whose, of which node and items as the file names them, and its rows."""

    expert: str
    node: str
    items: tuple[str, ...]
    rows: Sequence[tuple[int, Sequence[str]]]


def is_calculation(grid: Grid) -> bool:
    """Say whether a file holds one matrix as the calculator writes it: a title, how many items, their names, then numbers."""
    if len(grid.rows) < 5:
        return False
    (_, size), (_, items) = grid.rows[1:3]
    filled = [cell for cell in size if cell]
    return len(filled) == 1 and filled[0].isdecimal() and int(filled[0]) == len([cell for cell in items if cell]) > 1


def calculation_rows(
    file: str, grid: Grid, names: ItemNames, reading: FileReading, problems: list[FileProblem]
) -> list[JudgementRow]:
    """Read one matrix of the calculator; its node is the one with these items."""
    number, cells = grid.rows[2]
    items = tuple(cell for cell in cells if cell)
    nodes = names.nodes_of(items)
    if len(nodes) != 1:
        code, facts = "node_of_items", {"items": listed(items)}
        if nodes:
            code, facts = "nodes_of_items", {"nodes": listed(nodes)}
        problems.append(FileProblem(file, code, number, facts=facts))
        return []
    expert = reading.options.expert or LONE_EXPERT
    if reading.options.expert is None:
        reading.note(file, "one_expert", expert=expert)
    matrix = _Matrix(expert, nodes[0], items, grid.rows[3 : 3 + len(items)])
    return list(_matrix_rows(file, [matrix], reading, problems))


def is_group_input(grid: Grid) -> bool:
    """Say whether a file holds the input of a group: the head of a session, then matrices by participant and node."""
    first = [(cells[0] if cells else "").casefold() for _, cells in grid.rows]
    return GROUP_HEAD in first[:5] and PARTICIPANT in first and NODE in first


def group_rows(
    file: str, grid: Grid, names: ItemNames, reading: FileReading, problems: list[FileProblem]
) -> list[JudgementRow]:
    """Read the matrices of a group; the file names no items, so that their order has to be said."""
    of = _Told(file, hierarchy_of(reading.options.hierarchy or ""), names)
    matrices: list[_Matrix] = []
    expert, position = "", 0
    while position < len(grid.rows):
        number, cells = grid.rows[position]
        position += 1
        head, told = (*(cell for cell in cells if cell), "", "")[:2]
        if head.casefold() == PARTICIPANT:
            expert = told
        elif head.casefold() == NODE:
            shape = MATRIX.search(" ".join(cells[2:]))
            size = int(shape[1]) if shape else 0
            items = _items(of, told, number, problems)
            rows = [(row, [cell for cell in texts if cell]) for row, texts in grid.rows[position : position + size]]
            if items is not None and len(items) == size:
                matrices.append(_Matrix(expert, names.node(told) or told, items, rows))
            elif items is not None:
                problems.append(FileProblem(file, "matrix_size", number, facts={"size": len(items)}))
            position += size
    return list(_matrix_rows(file, matrices, reading, problems))


def _matrix_rows(
    file: str, matrices: Iterable[_Matrix], reading: FileReading, problems: list[FileProblem]
) -> Iterator[JudgementRow]:
    """Read full matrices; both triangles are answers, which agree within what is printed."""
    square = []
    for matrix in matrices:
        cells = [(number, [cell for cell in texts if cell]) for number, texts in matrix.rows]
        if len(cells) == len(matrix.items) and all(len(texts) == len(matrix.items) for _, texts in cells):
            square.append(matrix._replace(rows=cells))
        else:
            row = cells[0][0] if cells else None
            problems.append(FileProblem(file, "matrix_size", row, facts={"size": len(matrix.items)}))
    widest = max((len(matrix.items) for matrix in square), default=0)
    columns = tuple(str(column + 1) for column in range(widest))
    rows = tuple(
        SheetRow(number, dict(zip(columns, (*texts, *[""] * widest), strict=False)))
        for matrix in square
        for number, texts in matrix.rows
    )
    kinds: dict[str, NumberColumn] = dict.fromkeys(columns, ratio_column(reading))
    numbers = read_numbers(TableSheet(file, columns, rows), kinds, reading, problems)
    position = 0
    for matrix in square:
        for a, (number, _) in zip(matrix.items, matrix.rows, strict=True):
            for column, b in zip(columns, matrix.items, strict=False):
                value, half = numbers.values[column][position], numbers.half_units[column][position]
                if not math.isnan(value):
                    yield JudgementRow(number, column, matrix.expert, matrix.node, a, b, value, half_unit=half)
            position += 1
