"""The first account of an installation: once, for who has the key."""

import io
import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts.errors import NotFirstError
from accounts.lifecycle import Actor
from accounts.links import first_owner_key, is_first_owner_key
from accounts.models import Series, User
from accounts.rules import actors
from accounts.usecases.people import begin_installation

pytestmark = pytest.mark.django_db
MOMENT = datetime(2026, 3, 1, 23, 59, tzinfo=UTC)
SENT = {
    "name": "Olga Owner",
    "email": "Olga@Example.org",
    "password": "a long way round",
    "language": "fr",
}


def sent(**changed):
    return SENT | {"key": first_owner_key(timezone.now())} | changed


def begin(client, **changed):
    return client.post("/start/", sent(**changed))


def test_who_has_the_key_makes_the_first_account_and_is_in(client):
    answer = begin(client)

    user = User.objects.get()
    assert (answer.status_code, answer.url) == (302, "/desk/")
    assert (user.username, user.email, user.first_name, user.language) == (
        "olga@example.org",
        "Olga@Example.org",
        "Olga Owner",
        "fr",
    )
    assert (user.is_staff, user.is_superuser) == (False, False)
    assert "Begin a series" in client.get("/desk/").content.decode()
    client.post("/sign-out/")
    again = client.post("/sign-in/", {"username": "olga@example.org", "password": SENT["password"]})
    assert again.url == "/desk/"


def test_once_there_is_an_account_there_is_no_such_page(client):
    assert client.get("/start/").status_code == 200
    begin(client)

    other = Client()
    assert [other.get("/start/").status_code, begin(other, email="other@example.org").status_code] == [404, 404]
    assert User.objects.count() == 1


@pytest.mark.parametrize(
    ("field", "typed", "told"),
    [
        ("key", "", "Please fill this in."),
        ("key", "aaaaa-aaaaa-aaaaa-aaaaa", "This is not the key of today."),
        ("key", "ключ-\u0000", "Null characters are not allowed."),
        ("name", "", "Please fill this in."),
        ("email", "nowhere", "Please enter a mail address"),
        ("email", f"{'a' * 64}@{'b' * 60}.{'c' * 40}.org", "at most 150 characters"),
        ("password", "short", "It must contain at least 12 characters."),
        ("password", "olga@example.org", "too similar"),
        ("password", "Olga Owner 2026", "too similar"),
        ("language", "xx", "Select a valid choice"),
    ],
)
def test_what_is_refused_is_told_beside_its_field_and_nothing_is_made(client, field, typed, told):
    answer = begin(client, **{field: typed})
    text = answer.content.decode()

    assert answer.status_code in (400, 422)
    assert told in text or answer.status_code == 400
    assert User.objects.count() == 0
    assert SENT["password"] not in text
    if answer.status_code == 422 and field != "name":
        assert "Olga Owner" in text  # what was typed is kept


def test_key_is_good_today_and_tomorrow_however_it_is_typed():
    key = first_owner_key(MOMENT)

    spelled = [key, key.upper(), key.replace("-", " "), f" {key.replace('-', '')} "]
    assert all(is_first_owner_key(one, at=MOMENT) for one in spelled)
    assert is_first_owner_key(key, at=MOMENT + timedelta(days=1))
    assert not is_first_owner_key(key, at=MOMENT + timedelta(days=2))
    assert not is_first_owner_key(key, at=MOMENT - timedelta(days=1))
    assert not is_first_owner_key(key[:-1], at=MOMENT)
    assert not is_first_owner_key("", at=MOMENT)


def test_key_belongs_to_the_secret_of_this_installation(settings):
    key = first_owner_key(MOMENT)
    settings.SECRET_KEY = "another secret of another installation"

    assert not is_first_owner_key(key, at=MOMENT)


def test_command_prints_address_and_key_until_there_is_an_account(client):
    told, after = io.StringIO(), io.StringIO()
    call_command("first_owner", stdout=told)
    (key,) = [line.split()[1] for line in told.getvalue().splitlines() if line.strip().startswith("Key")]
    begin(client, key=key)
    call_command("first_owner", stdout=after)

    assert "/start/" in told.getvalue()
    assert User.objects.count() == 1
    assert "There is an account" in after.getvalue()


def test_empty_site_leads_to_the_first_start_and_later_to_nothing(client):
    assert 'href="/start/"' in client.get("/").content.decode()
    begin(client)
    assert 'href="/start/"' not in Client().get("/").content.decode()


@pytest.mark.django_db(transaction=True)
@pytest.mark.postgresql
def test_of_two_who_begin_at_once_one_is_first():
    barrier, told = threading.Barrier(2), []

    def start(number):
        try:
            barrier.wait()
            begin_installation(
                email=f"{number}@example.org", name="", password="a long way round", language="en", at=timezone.now()
            )
            told.append("first")
        except NotFirstError:
            told.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=start, args=[number]) for number in range(2)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()

    assert sorted(told) == ["first", "refused"]
    assert User.objects.count() == 1


# --- a series ---------------------------------------------------------------------------------------------------------

SERIES = {
    "name": "Cities of ASEAN",
    "languages": ["en", "fr"],
    "contact": "desk@example.org",
    "slug": "",
    "licence": "",
}


@pytest.fixture
def first(client):
    begin(client)
    return User.objects.get()


def test_first_owner_begins_a_series_and_owns_and_moderates_it(client, first):
    answer = client.post("/series/begin/", SERIES | {"licence": "CC BY 4.0"})

    series = Series.objects.get()
    assert answer.url == "/desk/cities-of-asean/"
    assert (series.names, series.languages, series.contact, series.licence) == (
        {"en": "Cities of ASEAN"},
        ["en", "fr"],
        "desk@example.org",
        "CC BY 4.0",
    )
    assert actors(first, series) == {Actor.OWNER, Actor.MODERATOR}
    assert 'href="/people/cities-of-asean/"' in client.get(answer.url).content.decode()


@pytest.mark.parametrize(
    ("name", "slugs"),
    [
        ("Cities of ASEAN", ["cities-of-asean", "cities-of-asean-2", "cities-of-asean-3"]),
        ("مدن", ["series", "series-2", "series-3"]),
        ("x" * 200, ["x" * 40, "x" * 40 + "-2", "x" * 40 + "-3"]),
    ],
)
def test_address_of_a_series_is_made_from_its_name_and_is_its_own(client, first, name, slugs):
    found = [client.post("/series/begin/", SERIES | {"name": name}).url for _ in slugs]

    assert found == [f"/desk/{slug}/" for slug in slugs]


@pytest.mark.parametrize(
    ("field", "typed", "told"),
    [
        ("name", " ", "Please fill this in."),
        ("languages", [], "Please choose one language or more."),
        ("languages", ["xx"], "Select a valid choice"),
        ("contact", "nowhere", "Please enter a mail address"),
        ("slug", "not a slug", "Letters from a to z"),
        ("slug", "taken", "Another series has this address."),
    ],
)
def test_refused_series_is_told_beside_the_field(client, first, field, typed, told):
    client.post("/series/begin/", SERIES | {"slug": "taken"})
    answer = client.post("/series/begin/", SERIES | {field: typed})

    assert (answer.status_code, told in answer.content.decode()) == (422, True)
    assert Series.objects.count() == 1


def test_series_is_begun_by_nobody_who_may_not(client, moderator):
    asked = client.get("/series/begin/")
    client.force_login(moderator)

    assert (asked.status_code, asked.url) == (302, "/sign-in/?next=/series/begin/")
    assert client.get("/series/begin/").status_code == 404
    assert client.post("/series/begin/", SERIES).status_code == 404
    assert "Begin a series" not in client.get("/desk/").content.decode()
    User.objects.filter(pk=moderator.pk).update(is_superuser=True)
    assert client.get("/series/begin/").status_code == 200
