"""Published matrices and panels, at the tolerances their sources allow."""

import json
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from scoring.numerics.ahp.consensus import agreement
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
from scoring.numerics.types import ConsensusMethod, Tree, TreeCriterion

CASES = sorted((Path(__file__).parents[1] / "cases" / "ahp").glob("*.json"))
GOLDEN_TABLES = {
    "alonso-lamata": "alonso_lamata_2006_table",
    "saaty": "npm_ahp",
    "saaty-2005": "saaty_2005",
    "donegan-dodd": "donegan_dodd_1991",
    "tummala-ling": "tummala_ling_1998",
    "alonso-lamata-linear": "alonso_lamata_linear",
}
SCALE_MAXIMA = {
    "linear": "M=9",
    "root-square": "M=3",
    "log": "M=3.321928095",
    "power": "M=81",
    "geometric": "M=256",
}


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


def test_matrices_agree_with_golden(golden):
    cases = json.loads((golden / "matrices.json").read_text())["cases"]
    assert len(cases) == 18
    for case in cases:
        matrix, expected = np.array(case["matrix"], dtype=float), case["expected"]
        weights, lambda_max = eigenvector(matrix)
        assert weights == pytest.approx(expected["eigenvector_weights"], abs=1e-9), case["name"]
        assert lambda_max == pytest.approx(expected["lambda_max"], abs=1e-9), case["name"]
        assert geometric(matrix) == pytest.approx(expected["row_geometric_mean_weights"], abs=1e-9), case["name"]
        for table, key in GOLDEN_TABLES.items():
            if key not in expected["CR"] or expected["CR"][key] is None:
                continue
            measured = consistency(matrix[None], table=table, beyond="linear")
            assert measured.cr[0] == pytest.approx(expected["CR"][key], abs=1e-5 if "linear" in table else 1e-9)
            assert measured.ci[0] == pytest.approx(expected["CI"], abs=1e-9)
            assert measured.gci[0] == pytest.approx(expected["GCI"], abs=1e-9)


def test_worst_pairs_agree_with_golden(golden):
    for case in json.loads((golden / "matrices.json").read_text())["cases"]:
        matrix = np.array(case["matrix"], dtype=float)
        found = pairs_to_look_at(matrix, eigenvector(matrix)[0])[: len(case["expected"]["top3_inconsistent"])]
        for pair, expected in zip(found, case["expected"]["top3_inconsistent"], strict=True):
            assert pair.off_by == pytest.approx(expected["ratio"], abs=1e-9)


def test_random_index_tables_agree_with_golden(golden):
    tables = json.loads((golden / "ri_tables.json").read_text())
    for name, key in GOLDEN_TABLES.items():
        for n, value in tables[key]["values"].items():
            if int(n) >= 3:
                assert random_index(int(n), name) == pytest.approx(value, abs=1e-6), (name, n)
        if name in TABLES:
            assert {str(n) for n in TABLES[name]} == {n for n in tables[key]["values"] if int(n) >= 3}


def test_incomplete_random_index_is_near_simulation(golden):
    for name, case in json.loads((golden / "ri_incomplete_simulated.json").read_text())["values"].items():
        n, m = (int(part.split("=")[1]) for part in name.split(","))
        formula = random_index_incomplete(n, np.array(m), "alonso-lamata", beyond="refuse")
        assert formula == pytest.approx(case["RI"], rel=0.06), name


def test_incomplete_methods_agree_with_golden(golden, make):
    cases = json.loads((golden / "incomplete.json").read_text())["cases"]
    assert len(cases) == 4
    for case in cases:
        place = {label: position for position, label in enumerate(case["labels"])}
        matrix = make.matrix(len(place), {(place[a], place[b]): value for a, b, value in case["judgements"]})
        expected = case["expected"]
        assert llsm(matrix) == pytest.approx(expected["llsm_graph_laplacian"], abs=1e-9)
        assert harker(matrix)[0] == pytest.approx(expected["harker_eigenvector"], abs=1e-9)
        weights, lambda_max = lambda_optimal(matrix)
        assert weights == pytest.approx(expected["lambda_optimal_weights"], abs=1e-6)
        assert lambda_max == pytest.approx(expected["lambda_optimal_lambda"], abs=1e-9)
        complete_index = consistency(matrix[None], table="alonso-lamata", incomplete_index="complete").cr[0]
        if case["name"] != "spanning_chain_4":
            expected_cr = expected["lambda_optimal_CR"]["alonso_lamata_2006_table"]
            assert complete_index == pytest.approx(expected_cr, abs=1e-6)


def test_scales_agree_with_golden(golden):
    tables = json.loads((golden / "ahpos_scales.json").read_text())
    for key, rows in tables["values"].items():
        n = int(key.removeprefix("n="))
        for position, row in enumerate(rows):
            name = tables["names"][str(position)].replace("logarithmic", "log")
            assert scaled(np.arange(1.0, 10), name, n) == pytest.approx(row, rel=1e-12), (name, n)


def test_agreement_constants_agree_with_golden(golden):
    for key, values in json.loads((golden / "ahpos_consensus_constants.json").read_text())["values"].items():
        n = int(key.removeprefix("n="))
        rows = np.full((n, n), 1 / (n + 8)) + np.eye(n) * (8 / (n + 8))
        assert agreement(rows, 9.0)[0] == pytest.approx(0.0, abs=1e-12)  # everybody at another extreme
        for scale, name in SCALE_MAXIMA.items():
            least = 1 / values[name]["cor"]
            expected = (np.exp(-_beta(rows[:2])) - least) / (1 - least)
            assert agreement(rows[:2], largest(scale, n))[0] == pytest.approx(expected, abs=1e-9)


def _beta(rows):
    mean = rows.mean(axis=0)
    return -(mean * np.log(mean)).sum() + (rows * np.log(rows)).sum(axis=1).mean()


def test_two_opposed_experts_still_agree_somewhat():
    # Goepel's S* stays at .28 (n=3) and .43 (n=5) for two opposed experts
    for n, expected in ((3, 0.276), (5, 0.429)):
        rows = np.full((2, n), 1 / (n + 8))
        rows[0, 0] = rows[1, 1] = 9 / (n + 8)
        assert agreement(rows, 9.0)[0] == pytest.approx(expected, abs=5e-4)


@pytest.mark.parametrize(("group", "key"), [("aij", "aij_global"), ("aip-geometric", "aip_geometric_of_locals_global")])
def test_five_experts_agree_with_golden(five_experts, group, key):
    panel, expected = five_experts

    result = weigh(panel, ConsensusMethod(group=group))

    assert {code: result.global_[code] for code in expected[key]} == pytest.approx(expected[key], abs=1e-9)


def test_five_experts_nodes_agree_with_golden(five_experts):
    panel, expected = five_experts

    result = weigh(panel, ConsensusMethod())

    assert result.s_star == pytest.approx(expected["global_S_star_ahpos_definition"], abs=1e-9)
    for node in result.nodes:
        golden_node = expected["nodes"][node.node]
        assert node.weights == pytest.approx(golden_node["aij_eigen"], abs=1e-9)
        assert node.group_lambda_max == pytest.approx(golden_node["aij_lambda"], abs=1e-9)
        assert node.group_cr == pytest.approx(golden_node["aij_CR"]["alonso_lamata_2006_table"], abs=1e-9)
        assert node.s_star == pytest.approx(golden_node["consensus"]["S_star"], abs=1e-9)
        assert node.homogeneity == pytest.approx(golden_node["consensus"]["relative_homogeneity_S"], abs=1e-9)
        for k, one in enumerate(golden_node["individual"]):
            assert node.individual[k] == pytest.approx(one["weights"], abs=1e-9)
            assert node.cr[k] == pytest.approx(one["CR"]["alonso_lamata_2006_table"], abs=1e-9)
            assert node.gci[k] == pytest.approx(one["GCI"], abs=1e-9)


@pytest.mark.parametrize(
    ("group", "key"),
    [("aij", "aij_eigen"), ("aip-geometric", "aip_geometric_normalised"), ("aip-arithmetic", "aip_arithmetic")],
)
def test_weighted_experts_agree_with_golden(five_experts, make, group, key):
    _, expected = five_experts
    node = expected["nodes"]["Goal"]
    weights = np.array(node["weighted_experts"]["weights"]) * 7  # any common factor

    result = weigh(make.panel(node["matrices"], weights), ConsensusMethod(group=group)).nodes[0]

    assert result.weights == pytest.approx(node["weighted_experts"][key], abs=1e-9)
    if group == "aij":
        assert result.group_cr == pytest.approx(
            node["weighted_experts"]["aij_CR"]["alonso_lamata_2006_table"], abs=1e-9
        )


@pytest.mark.parametrize(
    ("method", "key"),
    [
        ({"priorities": "geometric"}, "aij_rgm"),
        ({"group": "aip-geometric"}, "aip_geometric_normalised"),
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
        golden_node, key = expected["nodes"][node.node], GOLDEN_TABLES[table]
        near = 1e-6 if "linear" in table else 1e-9  # there RI is rounded to six decimals
        assert node.group_cr == pytest.approx(golden_node["aij_CR"][key], rel=near)
        assert node.cr == pytest.approx([one["CR"][key] for one in golden_node["individual"]], rel=near, abs=1e-9)


def test_drinks_agree_with_what_was_drunk(golden, make):
    case = json.loads((golden / "saaty2008_drinks.json").read_text())

    node = weigh(make.panel([case["matrix"]]), ConsensusMethod(random_index="saaty-2005")).nodes[0]

    assert node.weights == pytest.approx(list(case["published_weights"].values()), abs=1e-3)
    assert node.cr[0] == pytest.approx(case["published_CR"], abs=5e-4)
    assert node.weights == pytest.approx(list(case["actual_consumption"].values()), abs=0.015)


def test_real_panel_of_141_agrees_with_published(shared, rows_of):
    # Kasper & John 2023, doi 10.5281/zenodo.7774935 (GPL-3.0, stays outside the project)
    folder = shared / "data" / "edible_cities"
    expected = rows_of(folder / "edible_cities_expected_group.csv")
    rows = rows_of(folder / "edible_cities_judgements_long.csv")
    below = {"Envi": "env", "Soci": "soc", "Econ": "eco"}
    criteria = [TreeCriterion("crit", None)]
    for row in expected:
        code = below.get(row["attribute"], row["attribute"])
        criteria.append(TreeCriterion(code, row["matrix"], is_indicator=row["matrix"] != "crit"))
    tree = Tree(tuple(criteria))
    experts = sorted({row["respondent"] for row in rows})
    place = [{item: position for position, item in enumerate(tree.children[row["matrix"]])} for row in rows]
    panel = judgements_from_long(
        tree,
        experts=experts,
        expert=np.array([experts.index(row["respondent"]) for row in rows]),
        node=np.array([tree.nodes.index(row["matrix"]) for row in rows]),
        a=np.array([at[below.get(row["left"], row["left"])] for at, row in zip(place, rows, strict=True)]),
        b=np.array([at[below.get(row["right"], row["right"])] for at, row in zip(place, rows, strict=True)]),
        value=np.array([float(row["ratio_left_over_right"]) for row in rows]),
    )

    result = weigh(panel, ConsensusMethod(random_index="saaty", cr_max=0.1, group="aip-geometric"))

    assert len(experts) == 141
    counted = {node.node: node.experts for node in result.nodes}
    for row in expected:
        code = below.get(row["attribute"], row["attribute"])
        assert result.local[code] == pytest.approx(float(row["local_weight_published"]), abs=1e-6)
        assert counted[row["matrix"]] == int(row["n_consistent_CR_le_0_1"])
        if row["global_weight_published"]:
            assert result.global_[code] == pytest.approx(float(row["global_weight_published"]), abs=1e-6)


def test_city200_agrees_with_published(golden, rows_of):
    expected = json.loads((golden / "city200_expected.json").read_text())
    names = expected["attributes"]
    place = {name: position for position, name in enumerate(names)}
    rows = rows_of(golden / "city200_simulated_wide.csv")
    matrices = np.ones((len(rows), 5, 5))
    for k, row in enumerate(rows):
        for column, text in row.items():
            if column == "respondent":
                continue
            left, right = (place[name] for name in column.split("_"))
            code = float(text)
            ratio = -code if code < 0 else 1 / code
            matrices[k, left, right], matrices[k, right, left] = ratio, 1 / ratio

    individual = individual_priorities(matrices, complete="eigenvector", incomplete="llsm")
    published = np.array([expected["published_aggpref"][name] for name in names])

    for k, values in enumerate(expected["published_individual_1_to_3"]):
        assert individual[k] == pytest.approx(values[:5], abs=1e-6)
    together = aggregate_priorities_geometric(individual, np.ones(len(rows)))
    assert together == pytest.approx(published / published.sum(), abs=1e-6)
