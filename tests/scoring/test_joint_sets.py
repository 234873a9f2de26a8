"""Sets of ranks that hold for all units at once, from the study to the files, the pages and the API."""

import csv
import io
import json
import math
from dataclasses import replace

import numpy as np
import pytest
from django.utils.translation import override

from scoring.files.bundle import unpack
from scoring.files.frozen import FrozenMethod
from scoring.files.uncertainty_reader import read_study
from scoring.files.uncertainty_writer import study_files
from scoring.files.verification import verify
from scoring.models import ReleaseUnit
from scoring.numerics.robustness.intervals import rank_draws
from scoring.numerics.robustness.study import study
from scoring.queries.published.ranking import ranking_page, tier_rules
from scoring.queries.published.release_head import release_head
from scoring.usecases.edition_data import request_scoring, score_edition, use_dataset
from scoring.usecases.editions import choose_consensus, settle_recipe
from scoring.usecases.freezes import freeze_method
from scoring.usecases.releases import build_bundle, release_edition
from tests.scoring.conftest import RECIPE
from tests.scoring.test_verify_release import left_out, repacked

pytestmark = pytest.mark.django_db
ENOUGH = RECIPE.replace("draws = 40", "draws = 600")


@pytest.fixture
def question(frozen):
    """Ask about eight cities, with as many draws as wanted."""

    def ask(table, *, draws, seed=3):
        asked = FrozenMethod.from_content(frozen.freezes.get().content).question(table)
        robustness = replace(asked.recipe.robustness, draws=draws, seed=seed)
        return replace(asked, recipe=replace(asked.recipe, robustness=robustness))

    return ask


def rows(text):
    return {row["uCode"]: row for row in csv.DictReader(io.StringIO(text))}


def test_files_have_whole_ends_exact_ones_beside_and_joint_sets(question, make_table):
    files = study_files(study(asked := question(make_table(), draws=600)), asked.tree)
    scores, ranks = rows(files["scores.csv"]), rows(files["robustness/ranks.csv"])
    ranked = [code for code, row in scores.items() if row["rank"]]

    assert len(ranked) == 7
    for code in ranked:
        row = ranks[code]
        assert int(row["rank_low"]) == math.floor(float(row["rank_low_exact"]))
        assert int(row["rank_high"]) == math.ceil(float(row["rank_high_exact"]))
        for end in ("rank_low", "rank_high", "rank_joint_low", "rank_joint_high"):
            assert row[end] == scores[code][end]
        assert 1 <= int(row["rank_joint_low"]) <= int(row["rank_joint_high"]) <= len(ranked)
    assert json.loads(files["robustness/summary.json"])["joint"].items() >= {
        "share": 0.9, "rule": "sure", "shape": 300, "checked": 300, "set_aside": 0
    }.items()  # fmt: skip


def test_ends_between_two_ranks_are_rounded_outward(question, make_table):
    found = []
    for draws in range(21, 61, 4):
        asked = question(make_table(), draws=draws)
        found += rows(study_files(study(asked), asked.tree)["robustness/ranks.csv"]).values()

    assert any("." in row["rank_low_exact"] + row["rank_high_exact"] for row in found)
    for row in found:
        if row["rank"]:
            assert int(row["rank_low"]) <= float(row["rank_low_exact"]) < int(row["rank_low"]) + 1
            assert int(row["rank_high"]) - 1 < float(row["rank_high_exact"]) <= int(row["rank_high"])


def test_all_units_are_inside_their_sets_in_fresh_draws(question, make_table):
    asked = question(make_table(), draws=1000)
    ranks = rows(study_files(study(asked), asked.tree)["robustness/ranks.csv"])
    fresh = question(make_table(), draws=2000, seed=99)
    nominal = fresh.nominal()
    drawn = rank_draws(nominal, fresh.tree, fresh.weights, fresh.weight_draws()).ranks

    def inside(low, high):
        held = [
            (drawn[:, position] >= int(ranks[code][low])) & (drawn[:, position] <= int(ranks[code][high]))
            for position, code in enumerate(nominal.units)
            if ranks[code]["rank"]
        ]
        return np.all(held, axis=0).mean()

    assert inside("rank_joint_low", "rank_joint_high") > 0.88
    assert inside("rank_joint_low", "rank_joint_high") >= inside("rank_low", "rank_high")


def test_too_few_draws_give_no_sets_and_say_so(question, make_table):
    files = study_files(study(asked := question(make_table(), draws=40)), asked.tree)

    assert json.loads(files["robustness/summary.json"])["joint"] == {"undefined": "too_few_draws"}
    assert {row["rank_joint_low"] for row in rows(files["scores.csv"]).values()} == {""}
    studied = read_study(files)
    assert (studied.summary.joint, studied.summary.joint_undefined) == (None, "too_few_draws")
    assert {row.joint for row in studied.ranks} == {None}


@pytest.fixture
def released(edition, consensus, dataset, by, now):
    """A release whose draws are enough for joint sets."""
    settle_recipe(edition, text=ENOUGH, **by)
    choose_consensus(edition, consensus=consensus, **by)
    freeze_method(edition, **by)
    edition.refresh_from_db()
    use_dataset(edition, dataset=dataset, **by)
    score_edition(request_scoring(edition, **by).pk, now=now)
    edition.refresh_from_db()
    return release_edition(edition, **by)


def test_page_and_api_tell_the_sets_of_the_files(released, client):
    stored = rows(bytes(released.files.get(name="scores.csv").content).decode())
    api = client.get("/api/v1/series/las/editions/2026/releases/v1.0/ranking/").json()["results"]
    sets = {one["code"]: (one["rank_joint_low"], one["rank_joint_high"]) for one in api}

    assert sets == {
        code: (int(row["rank_joint_low"]), int(row["rank_joint_high"])) for code, row in stored.items() if row["rank"]
    }
    first = min(sets, key=lambda code: int(stored[code]["rank"]))
    low, high = sets[first]
    with override("en"):
        city = " ".join(client.get(f"/s/las/2026/v1.0/units/{first}/").content.decode().split())
        robust = " ".join(client.get("/s/las/2026/v1.0/robustness/").content.decode().split())
    assert f"At once with all other cities it lies, in 90 % of fresh recomputations, from {low} to {high}." in city
    assert "All at once" in robust
    assert f"<bdi>{low}–{high}</bdi>" in robust


@pytest.mark.parametrize("what", ["judgements", "codes"])
def test_sets_of_a_panel_that_is_left_out_are_not_recomputable(released, now, what):
    """The draws of its weights made them, as they made the intervals."""
    build_bundle(released.bundle.pk, now=now)
    released.bundle.refresh_from_db()
    files = unpack(bytes(released.bundle.zip))

    verdict = verify("bundle.zip", repacked(left_out(files, what), withheld=[{"what": what}]))

    assert verdict.differences == ()
    assert "scores.csv" in verdict.not_recomputable[0]


def test_border_marks_rest_on_joint_sets(released):
    page = ranking_page(release_head("las", "2026"))
    places = {row.code: (row.tier.above, row.tier.until) for row in page.rows}

    assert page.has_joint_sets
    for row in page.rows:
        above, until = places[row.code]
        assert row.crosses == (row.joint_low <= above or row.joint_high > until)
    assert any(row.crosses for row in page.rows)


@pytest.mark.parametrize(("total", "places"), [(137, (13, 41, 82, 137)), (10, (1, 3, 6, 10)), (5, (0, 1, 3, 5))])
def test_places_of_a_tier_are_its_share_of_the_ranked_units(total, places):
    units = [ReleaseUnit(rank=rank, tier=1) for rank in range(1, total + 1)]
    tiers = tier_rules({"by": "position", "shares": [0.1, 0.3, 0.6, 1.0]}, units)

    assert tuple(tier.until for tier in tiers) == places
    assert tuple(tier.above for tier in tiers) == (0, *places[:-1])
    assert tiers[1].holds(places[0] + 1, places[1])
    assert not tiers[1].holds(places[0], places[1])
