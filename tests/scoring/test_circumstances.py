"""A city that is not ranked for its circumstances: by a rule of the recipe, frozen before the data, with its reason."""

import csv
import io

import pytest
from django.urls import reverse
from django.utils.html import strip_tags

from scoring.errors import DatasetError
from scoring.files.verification import verify
from scoring.recipe import RecipeError, read_recipe, write_recipe
from scoring.usecases.edition_data import request_scoring, score_edition, use_dataset
from scoring.usecases.editions import choose_consensus, settle_recipe
from scoring.usecases.freezes import freeze_method
from scoring.usecases.releases import build_bundle, release_edition
from tests.scoring.conftest import RECIPE

RULE = '\n[screen.circumstances.U3]\nen = "Its values are those of U4."\nar = "قيمها قيم مدينة أخرى."\n'
API = "/api/v1/series/las/editions/2026/releases/v1.0/"


@pytest.fixture
def ruled(edition, consensus, by):
    """The edition, frozen with a rule on U3."""
    settle_recipe(edition, text=RECIPE + RULE, **by)
    choose_consensus(edition, consensus=consensus, **by)
    freeze_method(edition, **by)
    edition.refresh_from_db()
    return edition


@pytest.fixture
def published(ruled, dataset, now, by):
    use_dataset(ruled, dataset=dataset, **by)
    score_edition(request_scoring(ruled, **by).pk, now=now)
    ruled.refresh_from_db()
    release = release_edition(ruled, **by)
    build_bundle(release.bundle.pk, now=now)
    release.bundle.refresh_from_db()
    return release


def test_rule_is_read_from_the_recipe_and_written_back():
    recipe = read_recipe("version = 1\n" + RULE)
    assert recipe.screen.circumstances == {"U3": {"en": "Its values are those of U4.", "ar": "قيمها قيم مدينة أخرى."}}
    assert read_recipe(write_recipe(recipe)) == recipe


def test_recipe_without_the_rule_is_written_as_before():
    assert "circumstances" not in write_recipe(read_recipe("version = 1\n"))


@pytest.mark.parametrize("row", ["", 'en = " "\n'])
def test_rule_without_a_reason_is_refused(row):
    with pytest.raises(RecipeError) as refused:
        read_recipe(f"version = 1\n[screen.circumstances.U3]\n{row}")
    (problem,) = refused.value.problems
    assert (problem.key, problem.line) == ("screen.circumstances.U3", 2)
    assert "a reason by language is needed" in problem.what


@pytest.mark.django_db
def test_city_is_not_ranked_and_its_reason_is_told_everywhere(published, client):
    assert published.freeze.content["recipe"]["screen"]["circumstances"]["U3"]["en"] == "Its values are those of U4."
    scores = csv.DictReader(io.StringIO(bytes(published.files.get(name="scores.csv").content).decode()))
    assert "U3" not in {row["uCode"] for row in scores}
    unit = published.units.get(code="U3")
    assert (unit.rank, unit.score) == (None, None)

    ranking = " ".join(
        strip_tags(client.get(reverse("scoring:release", args=["las", "2026", "1.0"])).content.decode()).split()
    )
    assert "City U3 Morocco: circumstances. Its values are those of U4." in ranking
    page = client.get(reverse("scoring:unit", args=["las", "2026", "1.0", "U3"])).content.decode()
    assert "Not ranked: circumstances." in page
    assert "Its values are those of U4." in page
    assert "nothing is claimed of strengths or weaknesses" in page
    answer = client.get(f"{API}ranking/?language=ar").json()["left_out"]
    told = {row["code"]: row["reason"] for row in answer}
    assert told == {"U3": "قيمها قيم مدينة أخرى.", "U8": ""}  # U8 for want of data
    assert client.get(f"{API}units/U3/").json()["left_out"]["reason"] == "Its values are those of U4."
    method = client.get(reverse("scoring:method", args=["las", "2026", "1.0"])).content.decode()
    assert "Some cities are not ranked whatever their values" in method


@pytest.mark.django_db
def test_release_with_the_rule_verifies_offline(published):
    verdict = verify("bundle.zip", bytes(published.bundle.zip))
    assert verdict.sentence.startswith("verified: las 2026")
    recipe = bytes(published.files.get(name="recipe.toml").content).decode()
    assert "[screen.circumstances.U3]" in recipe


@pytest.mark.django_db
def test_data_without_the_city_are_refused(edition, consensus, dataset, by):
    """A code mistyped would rank the city that the rule speaks of."""
    settle_recipe(edition, text=RECIPE + RULE.replace("U3", "U33"), **by)
    choose_consensus(edition, consensus=consensus, **by)
    freeze_method(edition, **by)
    with pytest.raises(DatasetError) as refused:
        use_dataset(edition, dataset=dataset, **by)
    (problem,) = refused.value.facts["problems"]
    assert (problem.column, problem.got) == ("uCode", "U33")
    edition.refresh_from_db()
    assert edition.dataset is None
