"""A number of a release is computed once: wherever it stands it is the same text, in tables, JSON and the workbook."""

import io
import json
import re
from datetime import UTC, datetime

import numpy as np
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from exchange.tables import csv_records, csv_rows
from scoring.files.bundle import README
from scoring.files.dictionary import COLUMNS, GLOBAL, GLOBAL_LOW, LOCAL, RANK, RANK_LOW, SCORE, dictionary
from scoring.files.frozen import FrozenMethod
from scoring.files.results import consensus_files
from scoring.files.tables import write_data
from scoring.files.uncertainty_writer import scored_files
from scoring.files.workbook import workbook
from scoring.numerics.errors import NumericsError
from scoring.numerics.robustness.between import Basis
from scoring.numerics.robustness.draws import weigh_with_spread
from scoring.numerics.robustness.study import EarlierRelease
from scoring.numerics.types import (
    Aggregate,
    CompositeRecipe,
    ConsensusMethod,
    NodeJudgements,
    PanelJudgements,
    RobustnessChoices,
    Screen,
    Table,
)
from surveys.files.framework import write_framework
from surveys.files.judgements import write_judgements
from surveys.values.framework import FrameworkRow, tree_of

STEPS = [*np.arange(1.0, 10), *(1 / np.arange(2.0, 10))]
FACTORS = ("weights", "normalise", "leave_one_indicator")
OF_A_ROW = (
    "uCode",
    "iCode",
    "Time",
    "expert",
    "node",
    "a",
    "b",
    "language",
    "kind",
    "left_out",
    "factor",
    "draw",
    "group",
)
PART = ("kind", "left_out")
OWN_KEYS = {  # of these tables a column is not about all that the row is named by
    ("robustness/leave_one_out.csv", "rank"): ("uCode",),
    ("robustness/leave_one_out.csv", "rank_without"): (*PART, "uCode"),
    ("robustness/leave_one_out.csv", "mean_shift"): PART,
    ("robustness/leave_one_out.csv", "moved"): PART,
    ("robustness/leave_one_out.csv", "change"): PART,
    ("one_person.csv", "rank"): ("uCode",),
    ("one_person.csv", "weight"): ("iCode",),
    ("robustness/alike.csv", "first_rank"): ("group",),
    ("robustness/alike.csv", "last_rank"): ("group",),
}


# --- releases at random -------------------------------------------------------------------------------------------------


@st.composite
def questions(draw):
    """A frozen method, the data scored by it and, where one is drawn, an earlier release to compare with."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    rows = frame(draw(st.lists(st.integers(1, 4), min_size=2, max_size=3)), draw(st.integers(0, 2)))
    method = ConsensusMethod(
        group=draw(st.sampled_from(["aij", "aip-geometric", "aip-arithmetic"])),
        priorities=draw(st.sampled_from(["eigenvector", "geometric"])),
        draws=draw(st.sampled_from([0, 9, 20, 31])),
        seed=draw(st.integers(0, 99)),
        cr_max=draw(st.sampled_from([None, 0.5])),
    )
    recipe = CompositeRecipe(
        screen=Screen(unit_availability=0.3, indicator_availability=0.6),
        aggregate=Aggregate(method=draw(st.sampled_from(["arithmetic", "power"])), power=2.0),
        robustness=RobustnessChoices(
            draws=draw(st.sampled_from([0, 13, 20])),
            seed=draw(st.integers(0, 99)),
            factors=draw(st.sampled_from([FACTORS, FACTORS[:1], FACTORS[1:]])),
            sensitivity=draw(st.sampled_from([0, 2])),
        ),
    )
    tree = tree_of(rows)
    table = data(rng, tree, draw(st.integers(3, 6)), missing=draw(st.sampled_from([0.0, 0.2])))
    earlier = None
    if draw(st.booleans()):
        before = table.with_values(table.values * rng.uniform(0.9, 1.1, table.values.shape))
        earlier = EarlierRelease(Basis(tree, dict.fromkeys(tree.by_code, 1.0), recipe, before))
    return rows, panel(rng, tree, draw(st.integers(1, 5))), method, recipe, table, earlier


def frame(pillars, beside):
    """Rows of an index of pillars with so many indicators each, and of some indicators beside the pillars."""
    yield_ = [FrameworkRow("Index", None, kind="Aggregate")]
    for pillar, many in enumerate(pillars):
        yield_.append(FrameworkRow(f"P{pillar}", "Index", kind="Aggregate"))
        yield_ += [FrameworkRow(f"P{pillar}I{number}", f"P{pillar}") for number in range(many)]
    return tuple(yield_ + [FrameworkRow(f"I{number}", "Index") for number in range(beside)])


def panel(rng, tree, experts):
    nodes = []
    for node in tree.nodes:
        n = len(tree.children[node])
        matrices = np.ones((experts, n, n))
        above = np.triu_indices(n, 1)
        answers = rng.choice(STEPS, (experts, len(above[0])))
        matrices[:, above[0], above[1]], matrices[:, above[1], above[0]] = answers, 1 / answers
        nodes.append(NodeJudgements(node, tree.children[node], matrices))
    codes = tuple(f"E{number}" for number in range(experts))
    return PanelJudgements(tree, codes, np.ones(experts), ("",) * experts, tuple(nodes))


def data(rng, tree, units, *, missing):
    values = rng.lognormal(sigma=2, size=(units, len(tree.indicators)))
    values[rng.random(values.shape) < missing] = np.nan
    codes = tuple(f"u{number}" for number in range(units))
    return Table(codes, codes, ("2024",) * units, tree.indicators, values)


def released(rows, panel, method, recipe, table, earlier):
    """The files of a release, by the functions that make it: weigh, freeze, score."""
    consensus = weigh_with_spread(panel, method)
    stored = consensus_files(consensus, panel.tree)
    frozen = FrozenMethod(
        rows, method, recipe, consensus.local, ("r1",), {**stored, "judgements.csv": write_judgements(panel)}
    )
    content = json.loads(json.dumps(frozen.to_content()))  # as the database keeps it
    question = FrozenMethod.from_content(content).question(table, earlier)
    files = {**frozen.release_files(), "data.csv": write_data(table), **scored_files(question)}
    return files | {"dictionary.csv": dictionary(files), "framework.csv": write_framework(rows)}


# --- what stands where --------------------------------------------------------------------------------------------------


def standing(files):
    """Every number by what it is of and what it means: the files where it stands, with its text there."""
    found = {}
    meanings = {}
    for row in csv_records(files["dictionary.csv"]):
        if row["type"] != "text" and not row["file"].startswith("steps/"):  # each table of steps/ is its own
            meanings.setdefault(row["file"], {})[row["column"]] = row["meaning"]
    for name, table in tables(files):
        for row in table:
            for column, text in row.items():
                meaning, codes = quantity(name, column, row, meanings.get(name, {}))
                if meaning:
                    found.setdefault((codes, meaning), []).append((name, "" if text is None else text))
    return found


def tables(files):
    """Every table, from CSV and from JSON, as rows of texts."""
    for name, text in files.items():
        if name.endswith(".csv"):
            yield name, csv_records(text)
    as_text = {"parse_float": str, "parse_int": str}
    for name, rows in json.loads(files.get("robustness/tables.json", "{}"), **as_text).items():
        yield f"robustness/{name}.csv", rows
    yield "robustness/change.csv", json.loads(files.get("robustness/change.json", "[]"), **as_text)
    pairs = json.loads(files.get("robustness/pairs.json", '{"units": [], "above": []}'), **as_text)
    for unit, row in zip(pairs["units"], pairs["above"], strict=True):
        yield "robustness/pairs.csv", [{"uCode": unit, **dict(zip(pairs["units"], row, strict=True))}]
    weights = json.loads(files["consensus.json"], **as_text)["weights"]
    yield "weights.csv", [{"iCode": code, "global_weight": weight} for code, weight in weights.items()]
    summary = json.loads(files["summary.json"], **as_text)
    if not [one for one in summary["dropped"] if one["kind"] == "indicator"]:  # else they are divided anew
        yield "weights.csv", [{"iCode": code, "local_weight": weight} for code, weight in summary["weights"].items()]


def quantity(name, column, row, meanings):
    """What a cell means, and what it is of; no meaning where it is a text or names the row."""
    if column in OF_A_ROW:
        return "", ()
    wide = next((any_of for any_of in ("<iCode>", "<uCode>") if any_of in meanings), "")
    meaning = meanings.get(column) or meanings.get(re.sub(r"^tier_\d+$", "tier_<n>", column))
    keys = OWN_KEYS.get((name, column), [key for key in OF_A_ROW if key in row])
    codes = tuple(row[key] for key in keys)
    if meaning is None and wide and column not in {"uName", "expert_weight"}:
        return meanings[wide], (*codes, column)
    if column.startswith("tier_") and meaning:
        return meaning, (*codes, column)
    return meaning or "", codes


def test_no_two_columns_of_a_table_mean_the_same():
    for name, columns in COLUMNS.items():
        meanings = [meaning for _, kind, _, meaning in columns if kind != "text"]
        assert len(set(meanings)) == len(meanings), name


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(questions())
def test_a_number_is_one_text_wherever_it_stands(asked):
    try:
        files = released(*asked)
    except NumericsError:
        reject()
    found = standing(files)

    two = {key: told for key, told in found.items() if len({text for _, text in told}) > 1}
    assert two == {}
    for row in csv_records(files["scores.csv"]):
        assert row["score"] == row["Index"]
    _, _, method, recipe, _, earlier = asked
    where = places_of(found)
    if recipe.robustness.draws:
        assert {"scores.csv", "robustness/ranks.csv"} <= where[RANK] & where[RANK_LOW]
    if recipe.robustness.draws and method.draws and "weights" in recipe.robustness.factors:
        assert {"weights.csv", "robustness/weights.csv"} <= where[LOCAL] & where[GLOBAL] & where[GLOBAL_LOW]
    else:
        assert "robustness/weights.csv" not in files
    if earlier is not None:
        assert {"scores.csv", "robustness/change.csv"} <= where[SCORE] & where[RANK]


def places_of(found):
    """The files in which a meaning stands."""
    where = {}
    for (_, meaning), told in found.items():
        where.setdefault(meaning, set()).update(name for name, _ in told)
    return where


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(questions())
def test_the_workbook_has_the_numbers_of_the_files(asked):
    try:
        files = released(*asked)
    except NumericsError:
        reject()
    texts = {README: "Notes", "sources.csv": "uCode\n"} | files

    content = workbook({name: text.encode() for name, text in texts.items()}, at=datetime(2026, 1, 1, tzinfo=UTC))

    book = load_workbook(io.BytesIO(content))
    for sheet, name in (("Ranking", "scores.csv"), ("Weights", "weights.csv"), ("Data", "data.csv")):
        rows = list(csv_rows(files[name]))
        cells = list(book[sheet].iter_rows(values_only=True))
        assert len(cells) == len(rows)
        for own, row in zip(cells, rows, strict=True):
            assert [number(cell) for cell in own] == [number(text or None) for text in row]


def number(cell):
    try:
        return float(cell)
    except (TypeError, ValueError):
        return cell
