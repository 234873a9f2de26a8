"""What readers of an edition are told beside its numbers: worded by moderators until something is released."""

from datetime import date

import pytest

from accounts.models import Role, Series, User
from accounts.usecases.roles import give_role
from scoring.errors import BadEditionError, EditionStateError, FrozenError
from scoring.models import Edition
from scoring.usecases.editions import describe_edition
from scoring.usecases.freezes import revise_method

pytestmark = pytest.mark.django_db
PAGE = "/desk/las/2026/texts/"
API = "/api/v1/series/las/editions/2026/texts/"


@pytest.fixture
def desk(series, client, by):
    """A moderator of the series, which speaks two languages."""
    Series.objects.filter(pk=series.pk).update(languages=["en", "ar"])
    user = User.objects.create_user("mo")
    give_role(user, series=series, kind=Role.Kind.MODERATOR, **by)
    client.force_login(user)
    return client


def test_texts_are_worded_in_the_languages_of_the_series(desk, edition):
    Edition.objects.filter(pk=edition.pk).update(limits={"fr": "Pas pour d’autres années."})
    page = desk.get(PAGE).content.decode()
    sent = {
        "limits-en": "Not of other years.\nNot of villages.",
        "limits-ar": " ",
        "limits-fr": "",
        "reference_date": "2026-12-31",
    }
    answer = desk.post(PAGE, sent, follow=True)
    edition.refresh_from_db()

    assert f'href="{PAGE}"' in desk.get("/desk/las/2026/").content.decode()
    assert [name in page for name in ("limits-en", "limits-ar", "limits-fr", "limits-ru")] == [True, True, True, False]
    assert "Pas pour d’autres années." in page
    assert "What readers are told is kept." in answer.content.decode()
    assert edition.limits == {"en": "Not of other years.\nNot of villages."}
    assert edition.reference_date == date(2026, 12, 31)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"reference_date": "31.12.2026"}, "Enter a valid date"),
        ({"reference_date": "2026-02-30"}, "Enter a valid date"),
        ({"limits-en": "x" * 5001}, "at most 5000 characters"),
    ],
)
def test_what_is_refused_stays_in_its_form(desk, edition, wrong, told):
    answer = desk.post(PAGE, {"limits-en": "Kept.", "reference_date": "2026-12-31"} | wrong)
    edition.refresh_from_db()

    assert (answer.status_code, told in answer.content.decode()) == (422, True)
    assert next(iter(wrong.values())) in answer.content.decode()
    assert (edition.limits, edition.reference_date) == ({}, None)


def test_day_is_fixed_with_the_method_and_the_texts_are_not(desk, frozen, by):
    page = desk.get(PAGE).content.decode()
    desk.post(PAGE, {"limits-en": "Told later.", "reference_date": "2020-01-01"})
    frozen.refresh_from_db()

    assert "disabled" in page
    assert (frozen.limits, frozen.reference_date) == ({"en": "Told later."}, None)
    with pytest.raises(FrozenError):
        describe_edition(frozen, limits={}, reference_date=date(2020, 1, 1), **by)


def test_what_is_released_keeps_its_texts(desk, release, by):
    edition = release.edition
    answers = desk.get(PAGE), desk.post(PAGE, {"limits-en": "Other."}), desk.get("/desk/las/2026/")

    assert [one.status_code for one in answers] == [404, 302, 200]
    assert PAGE not in answers[2].content.decode()
    revise_method(edition, **by)
    assert PAGE not in desk.get("/desk/las/2026/").content.decode()
    with pytest.raises(EditionStateError):
        describe_edition(edition, limits={"en": "Other."}, reference_date=None, **by)
    edition.refresh_from_db()
    assert edition.limits == {}


def test_api_tells_and_changes_the_texts(desk, edition, by):
    before = desk.get(API).json()
    changed = desk.put(API, {"limits": {"ar": "لا"}, "reference_date": None}, content_type="application/json")
    wrong = desk.put(API, {"limits": {"xx": "No."}, "reference_date": None}, content_type="application/json")
    edition.refresh_from_db()

    assert before == {"limits": {}, "reference_date": None}
    assert (changed.status_code, changed.json()) == (200, {"limits": {"ar": "لا"}, "reference_date": None})
    assert (wrong.status_code, wrong.json()["facts"]["field"], edition.limits) == (422, "limits", {"ar": "لا"})
    with pytest.raises(BadEditionError):
        describe_edition(edition, limits={"xx": "No."}, reference_date=None, **by)
