"""What a frozen or released edition points to stays, by whatever door; and an edition that is frozen again."""

import uuid

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from scoring.models import Dataset, Edition, EditionPanel, Freeze, Recipe, Release
from scoring.queries.published.method import method_page
from scoring.queries.published.release_head import release_head
from scoring.usecases.edition_data import request_scoring, score_edition, use_dataset
from scoring.usecases.editions import settle_recipe
from scoring.usecases.freezes import freeze_method, revise_method
from scoring.usecases.releases import correct_release, release_edition
from tests.guards import unguarded
from tests.scoring.conftest import SCREENED

pytestmark = pytest.mark.django_db


def another(row):
    """Store another row like this one."""
    row.pk, row.uid, row.number = None, uuid.uuid4(), 99
    if hasattr(row, "fingerprint"):
        row.fingerprint = "0" * 64
    if hasattr(row, "round_stamp"):
        row.round_stamp = "0" * 64
    row.save(force_insert=True)
    return row


POINTERS = {
    "recipe": lambda edition: another(edition.recipe),
    "consensus": lambda edition: another(edition.consensus),
    "framework_uid": lambda _: uuid.uuid4(),
    "slug": lambda _: "elsewhere",
    "reference_date": lambda _: "2001-01-01",
    "uid": lambda _: uuid.uuid4(),
}


@pytest.fixture(params=["frozen", "released"])
def fixed(request, scored, by):
    """An edition with its method frozen and its data scored, or released too."""
    if request.param == "released":
        release_edition(scored, **by)
    scored.refresh_from_db()
    assert scored.state == request.param
    return scored


@pytest.mark.parametrize("name", POINTERS)
def test_edition_keeps_what_it_points_to_once_frozen(fixed, name):
    value = POINTERS[name](Edition.objects.get(pk=fixed.pk))

    with pytest.raises(DatabaseError, match="immutable"), transaction.atomic():
        Edition.objects.filter(pk=fixed.pk).update(**{name: value})
    kept = Edition.objects.get(pk=fixed.pk)
    assert getattr(kept, name) == getattr(fixed, name)


@pytest.mark.parametrize("column", ["recipe_id", "consensus_id", "dataset_id", "framework_uid"])
def test_plain_sql_is_refused_as_well(fixed, column):
    with pytest.raises(DatabaseError, match="immutable"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE scoring_edition SET {column} = NULL")


@pytest.mark.parametrize("name", ["framework_uid", "slug", "reference_date"])
def test_edition_in_preparation_may_still_change(edition, name):
    assert Edition.objects.filter(pk=edition.pk).update(**{name: POINTERS[name](edition)}) == 1


def test_data_of_a_fixed_edition_are_exchanged_for_others_of_its_framework_alone(fixed, corrected):
    strange = another(Dataset.objects.get(pk=corrected.pk))
    with unguarded(Dataset):
        Dataset.objects.filter(pk=strange.pk).update(framework_uid=uuid.uuid4())

    for refused in (None, strange):
        with pytest.raises(DatabaseError, match="immutable"), transaction.atomic():
            Edition.objects.filter(pk=fixed.pk).update(dataset=refused)
    assert Edition.objects.filter(pk=fixed.pk).update(dataset=corrected) == 1


@pytest.mark.parametrize(
    "change",
    [
        lambda edition: EditionPanel.objects.create(edition=edition, panel_uid=uuid.uuid4()),
        lambda edition: edition.panels.update(panel_uid=uuid.uuid4()),
        lambda edition: edition.panels.all().delete(),
    ],
)
def test_fixed_edition_keeps_its_panels(fixed, change):
    with pytest.raises(DatabaseError, match="immutable"), transaction.atomic():
        change(fixed)


# --- frozen again -------------------------------------------------------------------------------------------------------

OTHER_TIERS = f"{SCREENED}[tiers]\nshares = [0.5, 1.0]\n"


@pytest.fixture
def again(release, now, by):
    """The released edition, frozen again by another recipe and released by it."""
    edition = release.edition
    revise_method(edition, **by)
    settle_recipe(edition, text=OTHER_TIERS, **by)
    freeze_method(edition, **by)
    score_edition(request_scoring(edition, **by).pk, now=now)
    return release_edition(edition, reason="Other tiers.", **by)


def test_freezes_of_an_edition_are_numbered(again, release):
    assert list(Freeze.objects.order_by("pk").values_list("edition__slug", "number")) == [("2026", 1), ("2026", 2)]
    assert (release.number, release.freeze.number) == ("1.0", 1)
    assert (again.number, again.freeze.number) == ("2.0", 2)
    with pytest.raises(IntegrityError), transaction.atomic():
        Freeze.objects.create(
            edition=again.edition,
            number=2,
            consensus=again.freeze.consensus,
            recipe=again.freeze.recipe,
            content={},
            fingerprint="f" * 64,
            frozen_at=again.released_at,
            frozen_by="mo",
        )


def test_each_release_is_read_by_its_own_freeze(again, release):
    old, new = (method_page(release_head("las", "2026", number)) for number in ("1.0", "2.0"))

    assert (old.fingerprint, new.fingerprint) == (release.freeze.fingerprint, again.freeze.fingerprint)
    assert len(old.recipe.tiers.shares) != len(new.recipe.tiers.shares) == 2


def test_correction_stands_on_the_last_freeze(again, corrected, now, by):
    edition = again.edition
    use_dataset(edition, dataset=corrected, **by)
    score_edition(request_scoring(edition, **by).pk, now=now)

    correction = correct_release(edition, dataset=corrected, reason="a typing error", **by)

    assert (correction.number, correction.freeze.number) == ("2.1", 2)


def test_releases_before_are_given_the_freeze_of_their_edition(migrate, release):
    recipes = Recipe.objects.count()
    migrate.before("scoring", "0017_numbered_freezes_and_guarded_editions")
    migrate.on()

    found = Release.objects.get()
    assert (found.freeze.number, found.freeze.edition_id, Recipe.objects.count()) == (1, found.edition_id, recipes)
    with pytest.raises(DatabaseError, match="immutable"), transaction.atomic():
        Release.objects.update(reason="other")
