"""Published matrices and panels, at the tolerances their sources allow; sources and licences: cases/README.md."""

import json
from fractions import Fraction
from pathlib import Path
from typing import get_args

import numpy as np
import pytest

from scoring.numerics.ahp.consensus import agreement, s_star_unbounded
from scoring.numerics.ahp.consistency import (
    TABLES,
    consistency,
    pairs_to_look_at,
    random_index,
    random_index_incomplete,
)
from scoring.numerics.ahp.group import aggregate_priorities_geometric
from scoring.numerics.ahp.incomplete import harker, individual_priorities, lambda_optimal, llsm
from scoring.numerics.ahp.pairwise import judgements_from_long
from scoring.numerics.ahp.priorities import eigenvector, geometric
from scoring.numerics.ahp.scales import largest, scaled
from scoring.numerics.pipeline import weigh
from scoring.numerics.types import ConsensusMethod, RandomIndex, Scale, Tree, TreeCriterion

CASES = sorted((Path(__file__).parents[1] / "cases" / "ahp").glob("*.json"))
GOLDEN_TABLES = get_args(RandomIndex)


def test_cases_are_there():
    assert len(CASES) >= 4


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_published_weights_agree(path, make):
    case = json.loads(path.read_text())
    matrix = [[np.nan if value is None else float(Fraction(value)) for value in row] for row in case["matrix"]]
    choices = {key: case[key] for key in ("incomplete", "random_index") if key in case}

    node = weigh(make.panel([matrix]), ConsensusMethod(**choices)).nodes[0]

    # the last printed digit may have been rounded either way
    assert np.abs(node.weights - case["weights"]).max() <= 1.01 * 10.0 ** -case["digits"]
    if "cr" in case:
        assert round(node.cr[0], 3) == case["cr"]
    if "lambda_max" in case:
        assert round(node.lambda_max[0], 2) == case["lambda_max"]


def matrix_of(case):
    return np.array([[float(Fraction(value)) for value in row] for row in case["matrix"]])


def test_matrices_agree_with_golden(golden):
    cases = golden("matrices")["cases"]
    assert len(cases) == 18
    for case in cases:
        matrix, expected = matrix_of(case), case["expected"]
        weights, lambda_max = eigenvector(matrix)
        assert weights == pytest.approx(expected["eigenvector"], abs=1e-9), case["name"]
        assert lambda_max == pytest.approx(expected["lambda_max"], abs=1e-9), case["name"]
        assert geometric(matrix) == pytest.approx(expected["geometric"], abs=1e-9), case["name"]
        assert len(expected["cr"]) == len(GOLDEN_TABLES)
        for table, cr in expected["cr"].items():
            measured = consistency(matrix[None], table=table, beyond="linear")
            assert measured.cr[0] == pytest.approx(cr, abs=1e-5 if "linear" in table else 1e-9)
            assert measured.ci[0] == pytest.approx(expected["ci"], abs=1e-9)
            assert measured.gci[0] == pytest.approx(expected["gci"], abs=1e-9)


def test_worst_pairs_agree_with_golden(golden):
    for case in golden("matrices")["cases"]:
        matrix, expected = matrix_of(case), case["expected"]["most_off"]
        found = pairs_to_look_at(matrix, eigenvector(matrix)[0])[: len(expected)]
        assert [pair.off_by for pair in found] == pytest.approx(expected, abs=1e-9)


def test_random_index_tables_agree_with_golden(golden):
    tables = golden("random_index")
    assert set(tables) == set(GOLDEN_TABLES)
    for name, table in tables.items():
        for n, value in table["values"].items():
            assert random_index(int(n), name) == pytest.approx(value, abs=1e-6), (name, n)
        if name in TABLES:
            assert {str(n) for n in TABLES[name]} == set(table["values"])


def test_incomplete_random_index_is_near_simulation(golden):
    for n, m, simulated, _, _ in golden("random_index_incomplete")["rows"]:
        formula = random_index_incomplete(n, np.array(m), "alonso-lamata", beyond="refuse")
        assert formula == pytest.approx(simulated, rel=0.06), (n, m)


def test_incomplete_methods_agree_with_golden(golden, make):
    cases = golden("incomplete")["cases"]
    assert len(cases) == 4
    for case in cases:
        matrix = make.matrix(case["items"], {(i, j): float(Fraction(ratio)) for i, j, ratio in case["judgements"]})
        expected = case["expected"]
        assert llsm(matrix) == pytest.approx(expected["llsm"], abs=1e-9)
        assert harker(matrix)[0] == pytest.approx(expected["harker"], abs=1e-9)
        weights, lambda_max = lambda_optimal(matrix)
        assert weights == pytest.approx(expected["lambda_optimal"], abs=1e-6)
        assert lambda_max == pytest.approx(expected["lambda_max"], abs=1e-9)
        complete_index = consistency(matrix[None], table="alonso-lamata", incomplete_index="complete").cr[0]
        if case["name"] != "spanning_chain_4":
            assert complete_index == pytest.approx(expected["cr"], abs=1e-6)


def test_scales_agree_with_golden(golden):
    for n, rows in golden("scales")["values"].items():
        assert set(rows) == set(get_args(Scale))
        for name, row in rows.items():
            assert scaled(np.arange(1.0, 10), name, int(n)) == pytest.approx(row, rel=1e-12), (name, n)


def test_agreement_constants_agree_with_golden(golden):
    for text, factors in golden("agreement")["values"].items():
        n = int(text)
        rows = np.full((n, n), 1 / (n + 8)) + np.eye(n) * (8 / (n + 8))
        assert agreement(rows, 9.0)[0] == pytest.approx(0.0, abs=1e-12)  # everybody at another extreme
        for scale, factor in factors.items():
            least = 1 / factor
            expected = (np.exp(-_beta(rows[:2])) - least) / (1 - least)
            assert s_star_unbounded(rows[:2], largest(scale, n)) == pytest.approx(expected, abs=1e-9)
            told = agreement(rows[:2], largest(scale, n))[0]
            assert told is None if expected < -1e-9 else told == pytest.approx(expected, abs=1e-9)


def _beta(rows):
    mean = rows.mean(axis=0)
    return -(mean * np.log(mean)).sum() + (rows * np.log(rows)).sum(axis=1).mean()


def test_two_opposed_experts_still_agree_somewhat():
    # Goepel's S* stays at .28 (n=3) and .43 (n=5) for two opposed experts
    for n, expected in ((3, 0.276), (5, 0.429)):
        rows = np.full((2, n), 1 / (n + 8))
        rows[0, 0] = rows[1, 1] = 9 / (n + 8)
        assert agreement(rows, 9.0)[0] == pytest.approx(expected, abs=5e-4)


@pytest.mark.parametrize("group", ["aij", "aip-geometric"])
def test_five_experts_agree_with_golden(five_experts, group):
    panel, expected = five_experts

    result = weigh(panel, ConsensusMethod(group=group))

    leaves = expected["global"][group]
    assert {code: result.global_[code] for code in leaves} == pytest.approx(leaves, abs=1e-9)


def test_five_experts_nodes_agree_with_golden(five_experts):
    panel, expected = five_experts

    result = weigh(panel, ConsensusMethod())

    assert result.s_star == pytest.approx(expected["s_star"], abs=1e-9)
    for node in result.nodes:
        golden_node = expected["nodes"][node.node]
        assert node.weights == pytest.approx(golden_node["aij_eigenvector"], abs=1e-9)
        assert node.group_lambda_max == pytest.approx(golden_node["aij_lambda_max"], abs=1e-9)
        assert node.group_cr == pytest.approx(golden_node["aij_cr"]["alonso-lamata"], abs=1e-9)
        assert node.s_star == pytest.approx(golden_node["s_star"], abs=1e-9)
        assert node.homogeneity == pytest.approx(golden_node["homogeneity"], abs=1e-9)
        individual = golden_node["individual"]
        assert np.allclose(node.individual, individual["weights"], rtol=0, atol=1e-9)
        assert node.cr == pytest.approx(individual["cr"]["alonso-lamata"], abs=1e-9)
        assert node.gci == pytest.approx(individual["gci"], abs=1e-9)


@pytest.mark.parametrize("group", ["aij", "aip-geometric", "aip-arithmetic"])
def test_weighted_experts_agree_with_golden(five_experts, make, group):
    panel, expected = five_experts
    goal = expected["weighted_goal"]
    weights = np.array(goal["weights"]) * 7  # any common factor

    result = weigh(make.panel(panel.nodes[0].matrices, weights), ConsensusMethod(group=group)).nodes[0]

    assert result.weights == pytest.approx(goal[group], abs=1e-9)
    if group == "aij":
        assert result.group_cr == pytest.approx(goal["aij_cr"], abs=1e-9)


@pytest.mark.parametrize(
    ("method", "key"),
    [
        ({"priorities": "geometric"}, "aij_geometric"),
        ({"group": "aip-geometric"}, "aip_geometric"),
        ({"group": "aip-arithmetic"}, "aip_arithmetic"),
    ],
)
def test_five_experts_agree_with_golden_by_every_method(five_experts, method, key):
    panel, expected = five_experts

    for node in weigh(panel, ConsensusMethod(**method)).nodes:
        assert node.weights == pytest.approx(expected["nodes"][node.node][key], abs=1e-9)


@pytest.mark.parametrize("table", GOLDEN_TABLES)
def test_five_experts_ratios_agree_with_golden_by_every_table(five_experts, table):
    panel, expected = five_experts

    for node in weigh(panel, ConsensusMethod(random_index=table)).nodes:
        golden_node = expected["nodes"][node.node]
        near = 1e-6 if "linear" in table else 1e-9  # there RI is rounded to six decimals
        assert node.group_cr == pytest.approx(golden_node["aij_cr"][table], rel=near)
        assert node.cr == pytest.approx(golden_node["individual"]["cr"][table], rel=near, abs=1e-9)


def test_drinks_agree_with_what_was_drunk(cases, make):
    case = json.loads((cases / "ahp" / "saaty_2008_drinks.json").read_text(encoding="utf-8"))

    node = weigh(make.panel([matrix_of(case)]), ConsensusMethod()).nodes[0]

    assert node.weights == pytest.approx(case["drunk"], abs=0.015)


SURVEY = {  # two levels of three, the form of the real survey
    "crit": ("env", "soc", "eco"),
    "env": ("climate", "species", "cycles"),
    "soc": ("food", "health", "meeting"),
    "eco": ("income", "savings", "supply"),
}


def survey_of(below, rows):
    """Panel of rows (person, node, left, right, ratio of left over right) on a tree of two levels."""
    criteria = [TreeCriterion("crit", None)]
    criteria += [TreeCriterion(code, node, is_indicator=node != "crit") for node in below for code in below[node]]
    tree = Tree(tuple(criteria))
    people, nodes, left, right, ratios = zip(*rows, strict=True)
    experts = sorted(set(people))
    return judgements_from_long(
        tree,
        experts=experts,
        expert=np.array([experts.index(person) for person in people]),
        node=np.array([tree.nodes.index(node) for node in nodes]),
        a=np.array([tree.children[node].index(item) for node, item in zip(nodes, left, strict=True)]),
        b=np.array([tree.children[node].index(item) for node, item in zip(nodes, right, strict=True)]),
        value=np.array(ratios, dtype=float),
    )


@pytest.fixture(scope="module")
def simulated_survey():
    """141 simulated people (seed 141): (weights they were drawn from, rows, {node: their matrices}).

    Everybody holds the drawn weights of a node up to a deviation of 0.4 in their logarithms, answers each pair with noise of
    0.5, and gives the nearest value on Saaty's scale.
    """
    rng = np.random.default_rng(141)
    scale = np.concatenate([1 / np.arange(9.0, 1, -1), np.arange(1.0, 10)])
    drawn, rows, matrices = {}, [], {}
    for node, items in SURVEY.items():
        drawn[node] = rng.permutation([0.5, 0.3, 0.2])
        matrices[node] = np.ones((141, 3, 3))
        for person in range(141):
            view = np.log(drawn[node]) + rng.normal(0, 0.4, 3)
            for i, j in ((0, 1), (0, 2), (1, 2)):
                answer = view[i] - view[j] + rng.normal(0, 0.5)
                ratio = scale[np.abs(np.log(scale) - answer).argmin()]
                rows.append((f"P{person:03}", node, items[i], items[j], ratio))
                matrices[node][person, i, j], matrices[node][person, j, i] = ratio, 1 / ratio
    return drawn, [rows[row] for row in rng.permutation(len(rows))], matrices


def test_simulated_panel_of_141_agrees_with_plain_numpy(simulated_survey):
    # the same path as the real panel below, whose licence keeps it outside: CR ≤ 0.1 under RI 0.58, geometric mean
    drawn, rows, matrices = simulated_survey
    local, counted = {}, {}
    for node, items in SURVEY.items():
        values, vectors = np.linalg.eig(matrices[node])
        first = values.real.argmax(axis=1)
        persons = np.abs(vectors.real[np.arange(141), :, first])
        persons /= persons.sum(axis=1, keepdims=True)
        consistent = (values.real.max(axis=1) - 3) / 2 / 0.58 <= 0.1
        together = np.exp(np.log(persons[consistent]).mean(axis=0))
        local.update(zip(items, together / together.sum(), strict=True))
        counted[node] = int(consistent.sum())

    result = weigh(survey_of(SURVEY, rows), ConsensusMethod(random_index="saaty", cr_max=0.1, group="aip-geometric"))

    assert {node.node: node.experts for node in result.nodes} == counted
    assert all(60 < number < 141 for number in counted.values())  # some are left out at every node
    assert {code: result.local[code] for code in local} == pytest.approx(local, abs=1e-9)
    for node, items in SURVEY.items():
        assert [local[item] for item in items] == pytest.approx(drawn[node], abs=0.05)
        for item in () if node == "crit" else items:
            assert result.global_[item] == pytest.approx(local[node] * local[item], abs=1e-9)


def test_real_panel_of_141_agrees_with_published(survey_of_141, rows_of):
    # Kasper & John 2023, doi 10.5281/zenodo.7774935 (GPL-3.0, stays outside the project)
    expected = rows_of(survey_of_141 / "edible_cities_expected_group.csv")
    codes = {"Envi": "env", "Soci": "soc", "Econ": "eco"}
    below = {"crit": [], "env": [], "soc": [], "eco": []}
    for row in expected:
        below[row["matrix"]].append(codes.get(row["attribute"], row["attribute"]))
    rows = [
        (row["respondent"], row["matrix"], codes.get(row["left"], row["left"]), codes.get(row["right"], row["right"]),
         row["ratio_left_over_right"])
        for row in rows_of(survey_of_141 / "edible_cities_judgements_long.csv")
    ]  # fmt: skip
    panel = survey_of(below, rows)

    result = weigh(panel, ConsensusMethod(random_index="saaty", cr_max=0.1, group="aip-geometric"))

    assert len(panel.experts) == 141
    counted = {node.node: node.experts for node in result.nodes}
    for row in expected:
        code = codes.get(row["attribute"], row["attribute"])
        assert result.local[code] == pytest.approx(float(row["local_weight_published"]), abs=1e-6)
        assert counted[row["matrix"]] == int(row["n_consistent_CR_le_0_1"])
        if row["global_weight_published"]:
            assert result.global_[code] == pytest.approx(float(row["global_weight_published"]), abs=1e-6)


def test_city200_agrees_with_published(golden, cases, rows_of):
    expected = golden("city200")
    names = expected["attributes"]
    place = {name: position for position, name in enumerate(names)}
    rows = rows_of(cases / "ahp" / "golden" / "city200.csv")
    assert len(rows) == 200
    matrices = np.ones((len(rows), 5, 5))
    for k, row in enumerate(rows):
        for column, text in row.items():
            left, right = (place[name] for name in column.split("_"))
            code = float(text)
            ratio = -code if code < 0 else 1 / code
            matrices[k, left, right], matrices[k, right, left] = ratio, 1 / ratio

    individual = individual_priorities(matrices, complete="eigenvector", incomplete="llsm")
    published = np.array(expected["published_aggpref"])

    assert individual[:3] == pytest.approx(np.array(expected["published_individual"]), abs=1e-6)
    together = aggregate_priorities_geometric(individual, np.ones(len(rows)))
    assert together == pytest.approx(published / published.sum(), abs=1e-6)
