"""What a format changed, a release of an older one keeps, and a correction of an older edition is of today's."""

import csv
import io
import json
from pathlib import Path

import pytest

from scoring.files.bundle import own_fingerprint, pack, unpack
from scoring.files.country_shares import country_files
from scoring.files.digits import json_text, sha256
from scoring.files.earlier import earlier_files, read_earlier
from scoring.files.frozen import FrozenMethod
from scoring.files.methods import read_method
from scoring.files.older_formats import OLDER
from scoring.files.recipes import read_recipe_file, with_rounding_of
from scoring.files.release_model import read_release_model
from scoring.files.sources import read_sources
from scoring.files.tables import read_data, read_weights
from scoring.files.uncertainty_writer import scored_files
from scoring.files.units import read_units
from scoring.files.verification import recompute, verify
from scoring.queries.frozen import frozen_of
from scoring.queries.published.method import method_page
from scoring.queries.published.release_head import release_head
from scoring.usecases.editions import choose_consensus, settle_recipe
from scoring.usecases.freezes import freeze_method
from surveys.files.framework import other_columns, read_framework
from surveys.values.framework import tree_of
from tests.scoring import factories
from tests.scoring.conftest import RECIPE

BUNDLE = Path(__file__).parent / "releases" / "format_4.zip"
ROUNDED = b"""
[screen]
unit_availability = 0.6
[normalise]
method = "goalposts"
goalposts = [0, 100]
scale = 100
[rank]
decimals = 0
"""


def repacked(files, form):
    manifest = {**json.loads(files["manifest.json"]), "format": form}
    manifest["files"] = {name: sha256(content) for name, content in files.items() if name != "manifest.json"}
    manifest["fingerprint"] = own_fingerprint(manifest)
    return pack(files | {"manifest.json": json_text(manifest).encode()})


def ranks(computed):
    text = computed["scores.csv"]
    rows = csv.DictReader(io.StringIO(text.decode() if isinstance(text, bytes) else text))
    return {row["uCode"]: row["rank"] for row in rows}


@pytest.fixture
def inputs():
    """The inputs of a release in which U1 scores 0.5 and U2 1.0, whatever the weights, and ranks are taken of whole points."""
    files = unpack(BUNDLE.read_bytes())
    kept = ("framework.csv", "judgements.csv", "method.json", "sources.csv", "units.csv", "receipts.csv", "README.txt")
    lines = ["uCode,uName,Time,Region,A1,A2,A3,B1,C1"]
    for unit, value in {"U1": 0.5, "U2": 1.0, "U3": 50.0}.items():
        lines.append(f"{unit},{unit},2025,N,{value},{value},{value},{100 - value},{value}")
    data = ("\n".join(lines) + "\n").encode()
    return {name: files[name] for name in (*kept, "manifest.json")} | {"recipe.toml": ROUNDED, "data.csv": data}


@pytest.mark.parametrize(
    ("form", "expected"), [(4, {"U3": "1", "U2": "2", "U1": "3"}), (5, {"U3": "1", "U2": "2", "U1": "2"})]
)
def test_half_is_rounded_by_the_rule_of_the_releases_format(inputs, form, expected):
    computed = recompute(inputs, form=form)[0]
    if form in OLDER:
        computed = OLDER[form](computed)
    files = inputs | {name: text.encode() for name, text in computed.items()}

    verdict = verify("bundle.zip", repacked(files, form))

    assert ranks(computed) == expected
    assert "rounding" not in computed["summary.json"]
    assert verdict.differences == ()
    assert ranks(recompute(inputs, form=9 - form)[0]) != expected
    with_manifest = unpack(repacked(files, form))
    model = read_release_model({name: bytes(content) for name, content in with_manifest.items()})
    assert dict(zip(model.nominal.units, map(str, model.nominal.ranks), strict=True)) == expected


@pytest.mark.parametrize(("form", "told"), [(5, [{}]), (6, [{"time": "2025"}])])
def test_a_unit_without_a_row_at_the_latest_time_is_told_with_it_since_format_6(inputs, form, told):
    data = inputs["data.csv"].decode() + "U4,U4,2024,N,1,1,1,1,1\n"
    computed = recompute(inputs | {"data.csv": data.encode()}, form=form)[0]
    if form in OLDER:
        computed = OLDER[form](computed)

    dropped = json.loads(computed["summary.json"])["dropped"]
    assert [(one["code"], one["share"]) for one in dropped] == [("U4", 0)]
    assert [{name: one[name] for name in one if name == "time"} for one in dropped] == told


def test_release_compared_with_an_older_one_says_how_that_rounded(inputs):
    files = {name: content.decode() for name, content in inputs.items()} | {"weights.csv": "iCode,local_weight\n"}

    older, today = (earlier_files(files, first=None, form=form)["previous/recipe.toml"] for form in (4, 5))

    assert today == files["recipe.toml"]
    assert 'rounding = "half_even"' in older
    assert read_recipe_file("recipe.toml", older.encode()).rank.rounding == "half_even"
    assert read_earlier({}) is None


@pytest.mark.parametrize(("text", "form", "rounding"), [("[rank]\ndecimals = 2\n", 4, "half_even"), ("", 4, None)])
def test_recipe_without_decimals_rounds_nothing(text, form, rounding):
    recipe = read_recipe_file("recipe.toml", text.encode())

    assert with_rounding_of(recipe, form).rank.rounding == rounding
    assert with_rounding_of(recipe, 5) == with_rounding_of(recipe, None) == recipe


@pytest.mark.django_db
@pytest.mark.parametrize(("form", "rounding"), [(4, "half_even"), (5, None)])
def test_correction_rounds_as_the_edition_was_frozen(edition, consensus, by, form, rounding):
    settle_recipe(edition, text=f"{RECIPE}[rank]\ndecimals = 2\n", **by)
    choose_consensus(edition, consensus=consensus, **by)
    freeze = freeze_method(edition, **by)
    before = frozen_of(freeze)

    factories.make_release(edition, manifest={"format": form})

    assert before.recipe.rank.rounding is None
    assert frozen_of(freeze).recipe.rank.rounding == rounding
    assert ('rounding = "half_even"' in frozen_of(freeze).release_files()["recipe.toml"]) == (form == 4)


# --- S* below 0 ---------------------------------------------------------------------------------------------------------


def frozen_then(files):
    """The method of an edition as code of its time froze it, with an S* below 0."""
    rows = read_framework("framework.csv", files["framework.csv"])
    names = ("judgements.csv", "weights.csv", "consistency.csv", "consensus.csv")
    return FrozenMethod(
        rows=rows,
        method=read_method("method.json", files["method.json"]),
        recipe=read_recipe_file("recipe.toml", files["recipe.toml"]),
        weights=read_weights("weights.csv", files["weights.csv"], tree_of(rows)),
        receipts=tuple(files["receipts.csv"].decode().split()[1:]),
        files={name: files[name].decode() for name in names} | {"summary.json": files["consensus.json"].decode()},
    )


def test_correction_of_an_edition_frozen_with_s_star_below_nought_verifies():
    then = unpack(BUNDLE.read_bytes())
    assert float(next(csv.DictReader(io.StringIO(then["consensus.csv"].decode())))["s_star"]) < 0
    frozen = frozen_then(then)
    rows = frozen.rows
    table = read_data("data.csv", then["data.csv"], tree_of(rows), others=other_columns(rows))
    same = {name: then[name] for name in ("README.txt", "data.csv", "sources.csv", "units.csv", "manifest.json")}
    question = frozen.question(table)
    origins = read_sources("sources.csv", then["sources.csv"]), read_units("units.csv", then["units.csv"])
    shared = country_files(question.nominal(), frozen.tree, *origins)
    made = {**frozen.release_files(), **scored_files(question), **shared}

    verdict = verify("bundle.zip", repacked(same | {name: text.encode() for name, text in made.items()}, 5))

    assert verdict.differences == ()
    root = next(csv.DictReader(io.StringIO(made["consensus.csv"])))
    assert (root["node"], root["s_star"], bool(root["homogeneity"])) == ("Root", "", True)
    assert json.loads(made["consensus.json"])["s_star"] is None


@pytest.mark.django_db
def test_s_star_that_is_defined_is_taken_over_as_it_was_written(release):
    files = {file.name: bytes(file.content).decode() for file in release.files.all()}

    made = FrozenMethod.from_content(release.freeze.content).release_files()

    assert {name: made[name] for name in ("consensus.csv", "consensus.json")} == {
        name: files[name] for name in ("consensus.csv", "consensus.json")
    }


@pytest.mark.django_db
@pytest.mark.parametrize(("form", "told"), [(4, (-0.5, "")), (5, (None, "too_far_apart"))])
def test_page_tells_s_star_as_the_files_of_its_release(form, told):
    agreement = {"s_star": -0.5, "homogeneity": 0.1}
    factories.make_release(
        factories.make_edition(factories.make_series(), agreement=agreement), manifest={"format": form}
    )

    page = method_page(release_head("las", "2024"))

    assert (page.s_star, page.no_s_star) == told
    assert {(node.s_star, node.no_s_star) for node in page.nodes} == {told}
