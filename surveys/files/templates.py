"""Empty files of a framework and of judgements, ready to fill in, in the reader's language."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Final

from accounts.names import localised
from exchange.names import languages
from exchange.problems import FileProblem, FileProblemsError
from exchange.templates import template_text
from surveys.files.framework import COLUMNS as FRAMEWORK_COLUMNS
from surveys.files.framework import IN_LANGUAGES
from surveys.files.long_judgements import COLUMNS as LONG_COLUMNS
from surveys.files.long_judgements import NAMES
from surveys.files.wide_judgements import KNOWN, AskedPair, pair_columns
from surveys.values.framework import ENGLISH, LEVER, tree_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scoring.numerics.types import Tree
    from surveys.values.framework import FrameworkRow

FILE: Final = "framework.csv"


def framework_template() -> str:
    """Return a framework without criteria, with names and definitions in every language."""
    others = [language for language in languages() if language != ENGLISH]
    spoken = [column for name in IN_LANGUAGES for column in (name, *(f"{name}_{other}" for other in others))]
    columns = [name for name in FRAMEWORK_COLUMNS if name not in spoken]
    return template_text("framework", [*columns, LEVER, "Source", *spoken])


def long_template(rows: Sequence[FrameworkRow]) -> str:
    """Return every pair of every node, a row a pair, with the names of node and items."""
    names = names_of(rows)
    told = len(LONG_COLUMNS) - 4
    return template_text(
        "long",
        (*LONG_COLUMNS, *NAMES),
        (["", *pair, *[""] * told, *(names[code] for code in pair)] for pair in _pairs(tree_of(rows))),
    )


def wide_template(rows: Sequence[FrameworkRow]) -> str:
    """Return a column for every pair of every node, below the names of its items.

    Raises
    ------
    FileProblemsError
        Two pairs would have one column.
    """
    names, tree = names_of(rows), tree_of(rows)
    pairs = {f"{pair.a}_{pair.b}": pair for pair in _pairs(tree)}
    for column, (one, *others) in pair_columns([*pairs], tree).items():
        if others:
            facts = {"one": _place(one), "other": _place(others[0])}
            raise FileProblemsError([FileProblem(FILE, "column_of_two", None, column, facts=facts)])
    above = [f"{names[pair.a]} / {names[pair.b]}" for pair in pairs.values()]
    return template_text("wide", [*KNOWN, *pairs], names=[*[""] * len(KNOWN), *above])


def names_of(rows: Sequence[FrameworkRow]) -> dict[str, str]:
    """Return names by code, in the active language or the nearest there is."""
    return {row.code: localised(row.names) or row.code for row in rows}


def _pairs(tree: Tree) -> list[AskedPair]:
    return [AskedPair(node, a, b) for node in tree.nodes for a, b in combinations(tree.children[node], 2)]


def _place(pair: AskedPair) -> str:
    return f"{pair.a} / {pair.b} ({pair.node})"
