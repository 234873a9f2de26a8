"""How a city could move up, and against whom it is strong."""

import re

import numpy as np
import pytest
from django.test import Client

from scoring.numerics.robustness.advice import reachable
from scoring.queries.explore.advice import advice_page
from scoring.queries.published.peers import PeerQuery, size_of
from scoring.queries.published.release_head import release_head
from scoring.queries.published.unit import profile_page
from tests.scoring import factories
from tests.scoring.exploring import page, source, text

pytestmark = pytest.mark.django_db


# --- how could it move up -----------------------------------------------------------------------------------------------


def test_advice_lists_what_peers_have_by_places_gained(field, last):
    found = reachable(field, last, field.nominal.units)
    response = page(f"{last}/advice/?peers=all")
    html = text(response)

    assert response.status_code == 200
    assert f"How could City {last} move up?" in html
    assert "Change what the number stands for, not only the number." in html
    for step in found.steps[:2]:
        low, high = min(step.gained, int(np.floor(step.low))), max(step.gained, int(np.ceil(step.high)))
        assert re.search(
            rf"City {step.peer} (best|next quarter) of the peers {step.gained} {low} to {high} {step.rank}", html
        )
    assert "The interval holds nine of ten results of 40 recomputations, varying: the panel’s weights" in html


def test_advice_tells_the_fewest_changes_to_the_next_tier(head, last):
    found = advice_page(head, last, PeerQuery("all"), {})
    html = text(page(f"{last}/advice/?peers=all"))

    assert found.fewest.state == "found"
    many = len(found.fewest.changes)
    assert f"{many} change" in html
    assert f"to rank {found.fewest.rank} with a score of {found.fewest.score:.1f}" in html


def test_advice_says_what_would_not_help_and_why(head, release):
    best = release.units.get(rank=1)
    found = advice_page(head, best.code, PeerQuery("all"), {})

    assert found.would_not_help
    for line in found.would_not_help:
        assert line.criterion.name in text(page(f"{best.code}/advice/?peers=all")).partition("What would not help")[2]


@pytest.mark.parametrize(
    ("query", "asked", "codes"),
    [
        ("peers=all", "all", 6),
        ("peers=Region", "Region", None),
        ("peers=Size", "Size", None),
        ("peers=nonsense", "all", 6),
        ("peers=chosen&cities=U1, city u2 ،مدينة 3，U4、U5", "chosen", 5),
        ("cities=U1,Town 2,U3,U4", "chosen", 4),
    ],
)
def test_peers_are_chosen_by_group_or_by_name(head, query, asked, codes):
    fields_ = dict(part.split("=") for part in query.split("&"))
    found = advice_page(head, "U7", PeerQuery.of(fields_), {}).peers
    region = {"U1", "U3", "U5"}

    assert found.asked == asked
    assert "U7" not in found.codes
    assert len(found.codes) == codes if codes else set(found.codes) == (region if asked == "Region" else {"U5", "U6"})


def test_peers_by_default_are_those_of_its_size_where_they_are_enough(head):
    assert advice_page(head, "U7", PeerQuery(), {}).peers.asked == "all"  # two others of its size are too few
    assert [size_of(people) for people in (1_500_000, 1_499_999, 500_000, 200_000, 199_999)] == [
        "large metropolitan",
        "metropolitan",
        "metropolitan",
        "medium",
        "small",
    ]


def test_unknown_and_too_few_peers_are_told(release):
    html = text(page("U7/advice/?peers=chosen&cities=Atlantis, U1"))

    assert "No ranked city here has this name: Atlantis" in html
    assert "Too few peers: a comparison needs at least 3 other ranked cities." in html
    assert "Within reach of its peers" not in html


def test_costs_give_places_for_their_cost_and_the_cheapest_way(head, last):
    steps = advice_page(head, last, PeerQuery("all"), {}).steps
    code = steps[0].criterion.code
    response = page(f"{last}/advice/?peers=all&cost.{code}=2")
    html = text(response)

    assert response.status_code == 200
    assert "Places for its cost" in html
    assert "The cheapest way to the next tier" in html
    assert f'name="cost.{code}" value="2"' in source(response)


@pytest.mark.parametrize("cost", ["0", "-1", "x", "1e400", "NaN", "1e12"])
def test_impossible_costs_are_refused_beside_the_field(last, cost):
    response = page(f"{last}/advice/?peers=all&cost.A1={cost}")
    html = source(response)

    assert response.status_code == 422
    assert 'id="cost.A1_error"' in html
    assert "0.01 to 1,000,000,000" in text(response)
    assert f'name="cost.A1" value="{cost}"' in html


def test_city_without_a_rank_has_no_advice_and_it_is_said(release):
    for path in ("U8/advice/", "U8/what-if/"):
        response = page(path)
        assert response.status_code == 200
        assert "The city has no rank in this release" in text(response)
    assert "/advice/" not in page("U8/").content.decode()


def test_release_that_keeps_no_yardstick_says_so():
    factories.make_release(factories.make_edition(factories.make_series()))
    for part in ("advice/", "what-if/"):
        response = Client().get(f"/s/las/2024/v1.0/units/doha/{part}")
        assert response.status_code == 200
        assert "does not keep the parameters that other values could be placed on" in text(response)


# --- strong and weak ----------------------------------------------------------------------------------------------------


def test_city_page_tells_strengths_against_all_and_against_peers_with_the_rule(release):
    html = text(page("U1/?peers=Region"))

    assert "Against all ranked cities" in html
    assert "Against its peers N (3)" in html
    assert "at or above the 90th percentile of the group, weak at or below the 10th" in html
    assert "less than 65 % of the values are given" in html
    assert "the group has 3 other ranked cities, and a claim takes 10 or more" in html
    assert "Against its peers" not in text(page("U1/?peers=all"))


def test_strengths_follow_the_percentiles_of_the_group(db):
    release = factories.make_release(factories.make_edition(factories.make_series()))
    near = factories.add_cities(release, np.random.default_rng(3).integers(0, 40, (15, 4)).astype(float))
    head = release_head("las", "2024")
    ranked = {
        unit.code: {one["indicator"]: one["normalised"] for one in unit.values}
        for unit in release.units.filter(rank__isnull=False)
    }
    for code, own in ranked.items():
        found = profile_page(head, code, PeerQuery("chosen", ",".join(near)))
        for points, group in (
            (found.against_all, [*ranked]),
            (found.against_peers, [*{code: 0, **dict.fromkeys(near)}]),
        ):
            strong, unclaimed = set(), set()
            for indicator, value in own.items():
                column = [ranked[one][indicator] for one in group]
                low, high = np.quantile(column, (0.1, 0.9))
                is_shared = column.count(value) > 0.15 * len(column)
                strong |= {indicator} if value >= high and not is_shared else set()
                unclaimed |= {indicator} if is_shared and (value >= high or value <= low) else set()
            assert {value.criterion.code for value in points.strong} == strong
            assert {one.value.criterion.code for one in points.unclaimed} == unclaimed


def test_a_hand_picked_group_that_is_too_small_claims_nothing(release):
    html = text(page("U1/?peers=chosen&cities=U2,U3"))

    assert "Too few peers" in html
    assert "Against its peers" not in html
