"""What a ranking allows to say follows from its counted pairs; without them, from its intervals."""

import pytest

from scoring.queries.published.headline import Finding, RankedPlace, Separability, Untypical, finding, untypical


def places(*spans):
    return [RankedPlace(f"city {rank}", rank, low, high) for rank, (low, high) in enumerate(spans, start=1)]


def test_finding_leader_apart_from_all_leads_and_highest_doubt_is_named():
    found = finding(places((1, 1), (2, 2), (3, 5), (3, 6), (4, 6), (6, 9), (6, 9), (6, 9), (6, 9)))

    assert found == Finding("leads", "city 1", 1, 3, 5)


def test_finding_clear_order_names_no_doubt():
    assert finding(places((1, 1), (2, 2), (3, 3), (4, 4))) == Finding("leads", "city 1", 1, 0, 0, is_clear=True)


def test_finding_leader_that_overlaps_the_next_does_not_lead():
    assert finding(places((1, 3), (1, 3), (2, 4), (4, 4))) == Finding("tied", "city 1", 1, 1, 3)


def test_finding_places_that_overlap_only_in_a_chain_are_not_called_alike():
    found = finding(places((1, 1), (2, 3), (3, 4), (4, 5), (5, 6)))

    assert found == Finding("leads", "city 1", 1, 2, 3)


def test_finding_without_intervals_states_the_first_only():
    assert finding([RankedPlace("a", 1, None, None), RankedPlace("b", 2, None, None)]) == Finding("plain", "a", 1, 0, 0)


def test_finding_shared_first_place_counts_the_holders():
    assert finding([RankedPlace("a", 1, 1, 2), RankedPlace("b", 1, 1, 2), RankedPlace("c", 3, 3, 3)]) == Finding(
        "shared", "a", 2, 0, 0
    )


def test_finding_of_nothing_is_nothing():
    assert finding([]) is None


@pytest.mark.parametrize(
    ("apart", "told"),
    [
        (Separability((), 0.95, 0.95), ("leads", 0, 0, True)),
        (Separability((), 0.96, 0.92), ("leads", 0, 0, False)),  # neighbours apart, others not
        (Separability((), 0.04, 0.04), ("unsure", 0, 0, False)),  # the draws put another one first
        (Separability(((2, 3),), 0.9, 0.5), ("unsure", 0, 0, False)),  # not apart from one further down
        (Separability(((1, 2),), 0.6, 0.6), ("tied", 1, 2, False)),
        (Separability(((2, 3), (3, 4)), 0.99, 0.6), ("leads", 2, 3, False)),
        (Separability(((3, 4), (1, 3)), 0.5, 0.5), ("tied", 1, 3, False)),
        (Separability(((3, 3),), 1.0, 1.0), ("leads", 0, 0, False)),  # a tie is no doubt, and no clear order either
    ],
)
def test_counted_pairs_decide_whatever_the_intervals_have_in_common(apart, told):
    rows = places((1, 4), (1, 4), (1, 4), (1, 4))
    kind, first, last, is_clear = told

    assert finding(rows, apart) == Finding(kind, "city 1", 1, first, last, is_clear)
    assert finding(rows) == Finding("tied", "city 1", 1, 1, 4)


def test_shared_first_place_is_said_before_pairs():
    rows = [RankedPlace("a", 1, 1, 2), RankedPlace("b", 1, 1, 2)]

    assert finding(rows, Separability(((1, 1),), 1.0, 1.0)) == Finding("shared", "a", 2, 0, 0)


def test_single_ranked_unit_leads_nobody():
    assert finding(places((1, 1)), Separability((), 1.0, 1.0)) == Finding("plain", "city 1", 1, 0, 0)


@pytest.mark.parametrize(
    ("place", "is_fixed", "is_outside"),
    [
        (RankedPlace("a", 2, 2, 2, 2, 2), True, False),
        (RankedPlace("a", 2, 2, 2), True, False),  # a release without joint sets
        (RankedPlace("a", 2, 2, 2, 1, 3), False, False),  # one draw in twenty may still move it
        (RankedPlace("a", 2, 3, 3, 2, 4), False, True),
        (RankedPlace("a", 5, 6, 9, 4, 9), False, True),
        (RankedPlace("a", 5, 4, 9, 4, 9), False, False),
        (RankedPlace("a", 5, None, None), False, False),
    ],
)
def test_what_never_moves_is_told_from_what_lies_elsewhere(place, is_fixed, is_outside):
    assert (place.is_fixed, place.is_outside) == (is_fixed, is_outside)


@pytest.mark.parametrize(
    ("half", "tiers", "is_off_half", "is_other_tier"),
    [
        ((26, 47), (3, 2), True, True),
        ((63, 70), (3, 3), False, False),
        ((40, 63), (3, 2), False, True),
        ((64, 70), (3, 3), True, False),
        ((3, 62), (None, None), True, False),
        (None, (3, None), False, False),  # a release that does not tell
    ],
)
def test_place_is_compared_with_where_its_draws_mostly_are(half, tiers, is_off_half, is_other_tier):
    place = RankedPlace("Cairo", 63, 16, 73, half=half, tier_number=tiers[0], modal_tier=tiers[1])

    assert (place.is_off_half, place.is_other_tier) == (is_off_half, is_other_tier)
    assert untypical([place, place]) == Untypical(2 * is_off_half, 2 * is_other_tier)


def test_first_that_its_draws_mostly_put_elsewhere_does_not_lead():
    rows = places((1, 4), (2, 3), (3, 3))
    rows[0] = RankedPlace("city 1", 1, 1, 4, half=(2, 4))

    assert finding(rows, Separability((), 1.0, 1.0)) == Finding("elsewhere", "city 1", 1, 2, 4)
    assert finding(rows) == Finding("elsewhere", "city 1", 1, 2, 4)
