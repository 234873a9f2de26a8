"""The simulated panel: same seed, same answers; nobody's answers depend on who else is asked."""

from collections import Counter
from fractions import Fraction
from itertools import combinations

import pytest

from demo import data
from demo.judgements import SCALE, SimulatedJudgement, simulate


@pytest.fixture(scope="module")
def children() -> dict[str, list[str]]:
    rows = data.framework(next(e for e in data.editions() if not e.without))
    found: dict[str, list[str]] = {}
    for row in rows:
        if row["Parent"]:
            found.setdefault(row["Parent"], []).append(row["iCode"])
    return found


def answers(children: dict[str, list[str]], **choices: float) -> list[SimulatedJudgement]:
    return list(simulate(data.panelists(), data.group_means(), children, **{"seed": 7, **choices}))


def test_simulate_repeats_itself(children: dict[str, list[str]]) -> None:
    assert answers(children) == answers(children)
    assert answers(children) != answers(children, seed=0)


def test_simulate_leaves_others_answers_alone(children: dict[str, list[str]]) -> None:
    few = list(simulate(data.panelists()[3:5], data.group_means(), {"Digital": children["Digital"]}, seed=7))

    assert few == [row for row in answers(children) if row.panelist in {"P04", "P05"} and row.node == "Digital"]


def test_simulate_stays_on_the_scale_and_asks_each_pair_once(children: dict[str, list[str]]) -> None:
    rows = answers(children)

    assert {row.value for row in rows} <= set(SCALE)
    assert max(Counter((row.panelist, row.node, row.a, row.b) for row in rows).values()) == 1


def test_simulate_skips_nodes_and_at_most_one_pair_of_a_node(children: dict[str, list[str]]) -> None:
    pairs = {node: len(list(combinations(items, 2))) for node, items in children.items()}
    answered = Counter((row.panelist, row.node) for row in answers(children))
    missing = Counter(pairs[node] - answered[panelist.code, node] for panelist in data.panelists() for node in pairs)

    assert len(answered) < len(data.panelists()) * len(pairs)
    assert all(0 <= pairs[node] - n <= 1 for (_, node), n in answered.items())
    assert missing[1] > 0


def test_simulate_without_noise_answers_with_the_ratio_of_the_points(children: dict[str, list[str]]) -> None:
    rows = answers(children, spread=0, noise=0, skip_node=0, skip_pair=0)
    means = data.group_means()
    groups = {panelist.code: panelist.group for panelist in data.panelists()}

    industry = {(r.a, r.b): r.value for r in rows if groups[r.panelist] == "industry" and r.node == "Digital"}
    assert means["industry"]["Digital"] == {"Internet": 30, "Broadband": 55, "Mobile": 15}
    assert industry == {
        ("Internet", "Broadband"): Fraction(1, 2),
        ("Internet", "Mobile"): Fraction(2),
        ("Broadband", "Mobile"): Fraction(4),
    }
