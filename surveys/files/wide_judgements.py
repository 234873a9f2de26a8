"""Judgements a respondent a row, as questionnaires give them: a column ``A_B`` for each pair of any node."""

from __future__ import annotations

import math
import re
from collections import Counter
from itertools import permutations
from typing import TYPE_CHECKING, Final, NamedTuple

from exchange.names import key
from exchange.numbers import read_numbers
from exchange.problems import listed
from exchange.sheets import note_ignored
from surveys.files.judgement_rows import WEIGHT, JudgementRow, step_column
from surveys.files.long_judgements import labels

if TYPE_CHECKING:
    from collections.abc import Sequence

    from exchange.options import FileReading
    from exchange.problems import FileProblem
    from exchange.sheets import TableSheet
    from scoring.numerics.types import Tree

EXPERT: Final = "expert"
KNOWN: Final = (EXPERT, "expert_weight", "group", "language")
RESPONDENTS: Final = frozenset(
    {"id", "resp_id", "respid", "respondent", "respondent_id", "response id", "response_id", "responseid"}
    | {"participant", "participant_id", "expert_id", "panelist", "person", "code"}
)
"""What questionnaires call the column of who answered."""
SUBQUESTION: Final = re.compile(r"\[[^\]]*\]\s*$")
"""What a questionnaire tool adds to the name of a question: ``A_B[SQ001]``."""


class AskedPair(NamedTuple):
    """The pair that a column asks, ``a`` named first."""

    node: str
    a: str
    b: str


def pair_columns(columns: Sequence[str], tree: Tree) -> dict[str, list[AskedPair]]:
    """Return the columns that name pairs, each with the pairs it could be."""
    pairs: dict[str, list[AskedPair]] = {}
    for node in tree.nodes:
        for a, b in permutations(tree.children[node], 2):
            pairs.setdefault(key(f"{a}_{b}"), []).append(AskedPair(node, a, b))
    found = {}
    for column in columns:
        fitting = pairs.get(key(SUBQUESTION.sub("", column)))
        if fitting:
            exact = [pair for pair in fitting if f"{pair.a}_{pair.b}" == SUBQUESTION.sub("", column)]
            found[column] = exact or fitting
    return found


def wide_rows(sheet: TableSheet, tree: Tree, reading: FileReading, problems: list[FileProblem]) -> list[JudgementRow]:
    """Read the respondents of a wide table; what is wrong with them goes to ``problems``.

    The values are those of the R package ahpsurvey: -3 is A three times B, 3 is B three times A, 1 is equal.
    """
    pairs = pair_columns(sheet.columns, tree)
    for column, fitting in pairs.items():
        if len(fitting) > 1:
            one, other = (f"{pair.a} / {pair.b} ({pair.node})" for pair in fitting[:2])
            problems.append(sheet.problem("column_of_two", sheet.header, column, one=one, other=other))
    experts = _experts(sheet, pairs, reading, problems)
    kinds = {column: step_column(reading) for column in pairs}
    if "expert_weight" in sheet.columns:
        kinds["expert_weight"] = WEIGHT
    numbers = read_numbers(sheet, kinds, reading, problems)
    weights = numbers.values.get("expert_weight", [math.nan] * len(sheet.rows))
    rows = []
    for position, (row, expert, weight) in enumerate(zip(sheet.rows, experts, weights, strict=True)):
        group, language = labels(row, reading)
        for column, (pair, *_) in pairs.items():
            step = numbers.values[column][position]
            value = None if math.isnan(step) else -step if step < 0 else 1 / step
            rows.append(
                JudgementRow(
                    row.number,
                    column,
                    expert,
                    *pair,
                    value,
                    1.0 if math.isnan(weight) else weight,
                    group,
                    language,
                )
            )
    return rows


def _experts(
    sheet: TableSheet, pairs: dict[str, list[AskedPair]], reading: FileReading, problems: list[FileProblem]
) -> list[str]:
    """Return who answered, by row; which column says it is named or asked for."""
    column, is_said = _respondent(sheet, pairs, reading, problems)
    ignored = {*KNOWN, *pairs, *([column] if column else [])}
    note_ignored(sheet, ignored, reading)
    if column is None:
        return [f"R{position}" for position in range(1, len(sheet.rows) + 1)]
    named = [row.cells[column] for row in sheet.rows]
    counts = Counter(named)
    if is_said and max(counts.values(), default=0) > 1:
        reading.note(sheet.file, "row_experts", column=column)
        return [
            name if counts[name] == 1 else f"{name} ({row.number})" for name, row in zip(named, sheet.rows, strict=True)
        ]
    first: dict[str, int] = {}
    for name, row in zip(named, sheet.rows, strict=True):
        if not name:
            problems.append(sheet.problem("no_expert", row.number, column))
        elif name in first:
            problems.append(sheet.problem("expert_twice", row.number, column, name, earlier=first[name]))
        first.setdefault(name, row.number)
    return named


def _respondent(
    sheet: TableSheet, pairs: dict[str, list[AskedPair]], reading: FileReading, problems: list[FileProblem]
) -> tuple[str | None, bool]:
    """Return the column of who answered, and whether the sender named it."""
    said = reading.options.expert_column
    if said is not None:
        column = next((name for name in sheet.columns if key(name) == key(said)), None)
        if column is None:
            problems.append(sheet.problem("no_column", sheet.header, said, columns=listed(sheet.columns)))
        return column, True
    if EXPERT in sheet.columns:
        return EXPERT, False
    found = [name for name in sheet.columns if key(name) in RESPONDENTS]
    if len(found) == 1:
        return found[0], False
    others = found or [name for name in sheet.columns if name not in pairs]
    if not others:
        reading.note(sheet.file, "rows_are_experts")
        return None, False
    problems.append(sheet.problem("no_respondent", sheet.header, columns=listed(others) or EXPERT))
    return None, False
