"""A published number is the same on the page, in the API's answer and in the file: the page only formats it."""

import csv
import html
import io
import json
import math
import re

import pytest
from openpyxl import load_workbook

from scoring.numerics.types import ConsensusMethod
from scoring.wording.numbers import outward, percent, score

pytestmark = pytest.mark.django_db
PAGE = "/s/las/2026/v1.0/"
API = "/api/v1/series/las/editions/2026/releases/v1.0/"


@pytest.fixture
def method():
    """Weights are drawn more often for the consensus than for the ranks, so that the two runs of draws differ."""
    return ConsensusMethod(draws=60, seed=5)


@pytest.fixture
def files(release):
    return {file.name: bytes(file.content).decode() for file in release.files.all()}


@pytest.fixture
def page(release, client):
    def page(path=""):
        response = client.get(PAGE + path)
        assert response.status_code == 200, path
        return response.content.decode()

    return page


@pytest.fixture
def api(release, client):
    def api(path):
        response = client.get(API + path)
        assert response.status_code == 200, path
        return response.json()

    return api


def rows(files, name, key):
    return {row[key]: row for row in csv.DictReader(io.StringIO(files[name]))}


def told(text):
    """A cell as a number; None where it is empty."""
    return float(text) if text else None


def cells(markup, heading):
    """The texts of the row that a heading begins, whatever else stands in its cells."""
    for row in re.findall(r"<tr.*?</tr>", markup, re.DOTALL):
        found = [re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", cell))).strip()
                 for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL)]  # fmt: skip
        if any(f"{cell} ".startswith(f"{heading} ") for cell in found):
            return found
    raise AssertionError(heading)


def tenths(text):
    return percent(float(text), 1).replace("\u00a0", " ")


def criterion(code):
    """The name of a criterion of the small edition."""
    return f"Pillar {code}" if len(code) == 1 else code


def test_weights_and_their_intervals(files, page, api):
    weights, repeated = (rows(files, name, "iCode") for name in ("weights.csv", "robustness/weights.csv"))
    of_method, of_study = api("weights/")["results"], api("robustness/")["weights"]
    method, study = page("method/"), page("robustness/").partition('id="weights"')[2]
    assert len(weights) == len(repeated) == len(of_method) + 1 == len(of_study) + 1 == 9

    for one, drawn in zip(of_method, sorted(of_study, key=lambda row: list(weights).index(row["code"])), strict=False):
        row = weights[one["code"]]
        numbers = [told(row[name]) for name in ("local_weight", "global_weight", "low", "high")]
        assert [one[name] for name in ("local_weight", "global_weight", "low", "high")] == numbers
        row = weights[drawn["code"]]
        assert drawn["whole"] == {
            "value": told(row["global_weight"]),
            "low": told(row["low"]),
            "high": told(row["high"]),
        }
        assert drawn["local"]["value"] == told(row["local_weight"])
        own = repeated[drawn["code"]]
        assert (drawn["local"]["low"], drawn["local"]["high"]) == (told(own["local_low"]), told(own["local_high"]))
    for code in weights.keys() - {"Root"}:
        row, own, name = weights[code], repeated[code], criterion(code)
        local, whole = tenths(row["local_weight"]), tenths(row["global_weight"])
        span = f"{tenths(row['low'])} to {tenths(row['high'])}"
        assert cells(method, name) == [name, local, whole, span]
        assert cells(study, name) == [
            name, local, f"{tenths(own['local_low'])} to {tenths(own['local_high'])}", whole, span,
        ]  # fmt: skip


def test_ranks_scores_and_tier_shares(files, page, api):
    scores, ranks = (rows(files, name, "uCode") for name in ("scores.csv", "robustness/ranks.csv"))
    ranking = {one["code"]: one for one in api("ranking/")["results"]}
    drawn = {one["code"]: one for one in api("robustness/")["ranks"]}
    front, study = page(), page("robustness/").partition('id="ranks"')[2]
    ranked = {code: row for code, row in scores.items() if row["rank"]}
    assert ranked.keys() == ranking.keys() == drawn.keys()
    assert len(ranked) == 7

    for code, row in ranked.items():
        own, name = ranks[code], row["uName"]
        rank = int(row["rank"])
        low, high = min(rank, math.floor(float(row["rank_low"]))), max(rank, math.ceil(float(row["rank_high"])))
        shares = [own[f"tier_{tier}"] for tier in range(1, 5)]
        assert [row[column] for column in ("rank", "rank_low", "rank_high")] == [
            own[column] for column in ("rank", "rank_low", "rank_high")
        ]
        one = ranking[code]
        assert (one["rank"], one["rank_low"], one["rank_high"], one["tier"], one["score"]) == (
            rank, low, high, int(row["tier"]), float(row["score"]),
        )  # fmt: skip
        unit = api(f"units/{code}/")
        assert (unit["rank"], unit["rank_low"], unit["rank_high"], unit["score"]) == (rank, low, high, one["score"])
        assert {pillar["code"]: pillar["score"] for pillar in unit["pillars"]} == {
            pillar: told(row[pillar]) for pillar in "ABC"
        }
        one = drawn[code]
        assert [one[end] for end in ("low", "median", "high")] == [
            told(own[end]) for end in ("rank_low", "rank_median", "rank_high")
        ]
        assert one["tiers"] == list(map(float, shares))
        assert score(float(row["score"])) in cells(front, name)
        known = {end: [int(own[f"rank_{end}_{side}"]) for side in ("from", "to")] for end in ("low", "high")}
        assert [one["low_error"], one["high_error"]] == list(known.values())
        unknown = "".join(
            f" {which} end {known[end][0]}–{known[end][1]}"
            for which, end in (("lower", "low"), ("upper", "high"))
            if known[end][1] - known[end][0] > 1
        )
        half = [math.floor(float(own["rank_q1"])), math.ceil(float(own["rank_q3"]))]
        off, other = not half[0] <= rank <= half[1], own["modal_tier"] != row["tier"]
        assert float(own[f"tier_{own['modal_tier']}"]) == max(map(float, shares))
        for told_half, found in (("half", one), ("rank_half", ranking[code]), ("rank_half", unit)):
            assert found[told_half] == half
            assert found["modal_tier"] == int(own["modal_tier"])
            assert (found["is_off_half"], found["is_other_tier"]) == (off, other)
        assert cells(study, name)[:9] == [
            row["rank"], name, outward(float(own["rank_median"])), f"{half[0]}–{half[1]}", f"{low}–{high}{unknown}",
            *(tenths(share) if float(share) else "–" for share in shares),
        ]  # fmt: skip


def test_agreement_of_the_panel(files, api):
    answer = api("method/")
    nodes, summary = rows(files, "consensus.csv", "node"), json.loads(files["consensus.json"])

    assert (answer["s_star"], answer["no_s_star"]) == (summary["s_star"], "")
    assert [one["code"] for one in answer["nodes"]] == list(nodes)
    for one in answer["nodes"]:
        row = nodes[one["code"]]
        assert (one["s_star"], one["kendall_w"]) == (told(row["s_star"]), told(row["kendall_w"]))
        assert one["no_s_star"] == ("" if row["s_star"] else "too_few")
        assert one["group_cr"] == summary["group_consistency"][one["code"]]["cr"]


def test_seeds_and_draws(files, release, api, client):
    study, method = api("robustness/")["study"], json.loads(files["method.json"])
    summary = json.loads(files["robustness/summary.json"])

    assert (method["draws"], method["seed"]) == (60, 5)
    assert api("method/")["consensus_method"]["draws"] == summary["weights_draws"] == method["draws"]
    assert study["weights_seed"] == summary["weights_seed"] == method["seed"] == release.manifest["seed"]["consensus"]
    assert study["seed"] == summary["seed"] == release.manifest["seed"]["recipe"] == 3
    assert study["draws"] == summary["draws"] == 40
    chart = client.get(PAGE + "charts/weights.svg").content.decode()
    assert "nine of ten of 60 redraws" in re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", chart))


def test_workbook_has_the_files_numbers(files, release):
    book = load_workbook(io.BytesIO(bytes(release.bundle.workbook)))
    for sheet, name in (("Ranking", "scores.csv"), ("Weights", "weights.csv")):
        header, *own = book[sheet].iter_rows(values_only=True)
        written = list(csv.DictReader(io.StringIO(files[name])))
        assert [dict(zip(header, row, strict=True)) for row in own] == [
            {column: cell if column in {"uCode", "uName", "iCode", "Parent"} and cell else told(cell)
             for column, cell in row.items()} for row in written
        ]  # fmt: skip
