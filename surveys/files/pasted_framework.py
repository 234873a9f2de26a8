"""Cells that somebody pasted, as a framework: a table with iMeta's columns, an outline, or AHP-OS' hierarchy.

It is typed text and no file from outside: one encoding, numbers with a decimal point, and nothing to say of how it is read.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from exchange.delimited import split_rows
from exchange.layouts import canonical
from exchange.names import key
from exchange.problems import FileProblem, FileProblemsError
from exchange.tables import csv_text
from surveys.files.ahp_os import hierarchy_of
from surveys.files.framework import LAYOUT, read_framework
from surveys.values.framework import ENGLISH, IN_TREE, FrameworkRow
from surveys.values.framework_edits import AGGREGATE, children_of, settled, suggested_code

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from exchange.grids import Grid
    from surveys.values.framework_edits import Rows

LONGEST_TEXT: Final = 300_000
NAME: Final = "paste"  # as problems name the file
TABS: Final = "\t"
SEPARATORS: Final = (TABS, ";", ",")
WIDTH_OF_A_TAB: Final = 4


def read_pasted(
    text: str, *, names: Mapping[str, str], language: str = ENGLISH, stands: Sequence[FrameworkRow] = ()
) -> Rows:
    """Read pasted cells; what form they have is seen in them.

    Parameters
    ----------
    names : Mapping[str, str]
        What the framework is called: the name of its top where an outline has several.
    language : str
        The language of an outline's names.
    stands : Sequence[FrameworkRow]
        The criteria that stand: one of the same name keeps its code, its texts and all that an outline does not say.

    Raises
    ------
    FileProblemsError
        Everything wrong with a table, each with row and column.
    CriterionError
        The criteria do not form one tree.
    """
    if not text.strip():
        raise FileProblemsError([FileProblem(NAME, "empty_file")])
    table = _table(text)
    if table is not None:
        return settled(read_framework(NAME, table.encode()))
    paths = list(_hierarchy_paths(text) if _is_hierarchy(text) else _outline_paths(text))
    return settled(_rows_of_paths(paths, _Outline(names, language, stands)))


def _table(text: str) -> str | None:
    """Return a table with iMeta's columns as this project writes CSV, each row in its own line; None if it is no such table."""
    for separator in SEPARATORS:
        head = text.lstrip("\n\r").partition("\n")[0]
        if separator in head and _is_header(head, separator):
            first, *others = _in_their_lines(split_rows(NAME, text, separator))
            return csv_text(first, others)
    return None


def _is_header(line: str, separator: str) -> bool:
    cells = {key(cell.strip('" \r')) for cell in line.split(separator)}
    return {key(needed) for needed in LAYOUT.needed} <= cells


def _in_their_lines(grid: Grid) -> Iterator[list[str]]:
    """Give the rows with the empty lines between them, the header as it is known, cells left out at the end filled up."""
    header = canonical(grid.rows[0][1], LAYOUT, LAYOUT.names())
    line = 1
    for number, cells in grid.rows:
        yield from ([] for _ in range(number - line))
        yield header if cells is grid.rows[0][1] else [*cells, *[""] * (len(header) - len(cells))]
        line = number + 1


# --- outlines -----------------------------------------------------------------------------------------------------------


def _outline_paths(text: str) -> Iterator[tuple[str, ...]]:
    """Give the names from the top to each row: cells left empty at its beginning are those of the row above.

    So an indented outline is read, and a table with a column for each level too.
    """
    above: list[str] = []
    for number, cells in _cells_of_outline(text):
        filled = [position for position, cell in enumerate(cells) if cell]
        start = filled[0]
        if start > len(above):
            raise FileProblemsError([FileProblem(NAME, "indented_too_far", number, None, cells[start])])
        end = next((position for position in range(start, len(cells)) if not cells[position]), len(cells))
        above = [*above[:start], *cells[start:end]]
        yield tuple(above)


def _cells_of_outline(text: str) -> Iterator[tuple[int, list[str]]]:
    """Give the rows that hold anything, with the number of each; spaces at the beginning indent as tabs do."""
    if TABS in text:
        yield from split_rows(NAME, text, TABS).rows
        return
    indents: list[int] = []
    for number, line in enumerate(text.splitlines(), 1):
        name = line.strip()
        if name:
            indent = len(line.expandtabs(WIDTH_OF_A_TAB)) - len(line.expandtabs(WIDTH_OF_A_TAB).lstrip())
            indents = [*(one for one in indents if one < indent), indent]
            yield number, [*[""] * (len(indents) - 1), name]


def _is_hierarchy(text: str) -> bool:
    """Say whether it is a hierarchy such as ``Goal: A, B; A: a1, a2;``."""
    return TABS not in text and ":" in text and ";" in text


def _hierarchy_paths(text: str) -> Iterator[tuple[str, ...]]:
    """Give the names from the top to each criterion of a hierarchy; its priorities are not taken over."""
    order = hierarchy_of(" ".join(text.split()))
    items = {item for below in order.values() for item in below}
    waiting: list[tuple[str, ...]] = [(node,) for node in order if node not in items]
    if not waiting:
        raise FileProblemsError([FileProblem(NAME, "no_top")])
    waiting.reverse()
    while waiting:
        path = waiting.pop()
        yield path
        below = [item for item in order.get(path[-1], ()) if item not in path]
        waiting.extend((*path, item) for item in reversed(below))


@dataclass(frozen=True)
class _Outline:
    """What is known beside the names of an outline."""

    names: Mapping[str, str]
    language: str
    stands: Sequence[FrameworkRow]
    codes: list[str] = field(default_factory=list)

    def row(self, name: str, parent: str | None, *, is_group: bool) -> FrameworkRow:
        """Return the criterion of a name: the one that stands, or a new one."""
        known = self._known(name)
        kind = AGGREGATE if is_group else "Indicator"
        if known is None:
            taken = [*self.codes, *(row.code for row in self.stands)]
            names = {self.language: name}
            known = FrameworkRow(suggested_code(names, taken), names=names)
        self.codes.append(known.code)
        return replace(known, parent=parent, kind=kind)

    def _known(self, name: str) -> FrameworkRow | None:
        for row in self.stands:
            is_named = key(name) in {key(text) for text in row.names.values()}
            if is_named and row.kind in IN_TREE and row.code not in self.codes:
                return row
        return None


def _rows_of_paths(paths: Iterable[tuple[str, ...]], outline: _Outline) -> list[FrameworkRow]:
    """Return a criterion for each name along the paths, each once under its parent."""
    ordered = dict.fromkeys(path[:length] for path in paths for length in range(1, len(path) + 1))
    if len({path[0] for path in ordered}) > 1:
        top = next(text for text in (outline.names.get(outline.language), *outline.names.values()) if text)
        ordered = dict.fromkeys([(top,), *((top, *path) for path in ordered)])
    parents = {path[:-1] for path in ordered}
    rows: dict[tuple[str, ...], FrameworkRow] = {}
    for path in ordered:
        above = rows[path[:-1]].code if len(path) > 1 else None
        rows[path] = outline.row(path[-1], above, is_group=path in parents)
    return [*rows.values(), *(row for row in outline.stands if row.kind not in IN_TREE)]


# --- and out ------------------------------------------------------------------------------------------------------------


def write_hierarchy(rows: Sequence[FrameworkRow], language: str = ENGLISH) -> str:
    """Write the tree as AHP-OS takes it, a line a node; signs that part names there become spaces, and equal names codes."""
    below = children_of(rows)
    tree = [row for row in rows if row.kind in IN_TREE]
    named = {row.code: _plain(row.names.get(language) or row.names.get(ENGLISH) or row.code) for row in tree}
    told: dict[str, str] = {}
    for code, name in named.items():
        told[code] = name if name and list(named.values()).count(name) == 1 else _plain(code)
    lines = (
        f"{told[row.code]}: {', '.join(told[one.code] for one in below[row.code])};"
        for row in tree
        if row.code in below
    )
    return "".join(f"{line}\n" for line in lines)


def _plain(name: str) -> str:
    return " ".join("".join(" " if sign in ":;,=" else sign for sign in name).split())
