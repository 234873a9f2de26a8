"""What a round tells when it opens: stored with a fingerprint, shown, and refused every change from then on, by any door."""

import hashlib
import json
from contextlib import nullcontext
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from surveys import handover
from surveys.models import Comparison, Criterion, Panel, Round
from surveys.queries.promises import promises_of
from surveys.usecases.rounds import announce_close, close_round, open_round, plan_round

pytestmark = pytest.mark.django_db
TURNED = {  # column of a round: another value
    "drafts_count": True,
    "seed": 8,
    "stop_within": 0.5,
    "number": 9,
    "promise_fingerprint": "0" * 64,
    "follows": "itself",
    "uid": "11111111-1111-4111-8111-111111111111",
}


def turned(name, row):
    return row.pk if TURNED[name] == "itself" else TURNED[name]


@pytest.fixture(params=["open", "closed"])
def told(request, opened, now):
    """A round that has opened, as it stands since."""
    return opened if request.param == "open" else close_round(opened, by="mo", at=now)


def test_opening_stores_the_fingerprint_of_what_is_promised(planned, version, panel, now):
    assert planned.promise_fingerprint == ""

    opened = open_round(planned, by="mo", at=now)

    pairs = [["Root", a, b] for a, b in (("A", "B"), ("A", "C"), ("B", "C"))]
    pairs += [["A", a, b] for a, b in (("A1", "A2"), ("A1", "A3"), ("A2", "A3"))]
    promised = {
        "round": str(opened.uid),
        "panel": str(panel.uid),
        "framework": version.fingerprint,
        "follows": None,
        "seed": 7,
        "stop_within": 0.02,
        "names_shown": False,
        "drafts_count": False,
        "pairs": pairs,
    }
    text = json.dumps(promised, separators=(",", ":"), sort_keys=True)
    assert Round.objects.get().promise_fingerprint == hashlib.sha256(text.encode()).hexdigest()


@pytest.mark.parametrize("name", TURNED)
def test_round_keeps_what_it_promised(told, name):
    with pytest.raises(DatabaseError, match="immutable"), transaction.atomic():
        Round.objects.filter(pk=told.pk).update(**{name: turned(name, told)})
    assert promises_of(Round.objects.get(pk=told.pk)).fingerprint == told.promise_fingerprint


@pytest.mark.parametrize("name", sorted(set(TURNED) - {"follows"}))
def test_planned_round_may_still_change(planned, name):
    assert Round.objects.filter(pk=planned.pk).update(**{name: TURNED[name]}) == 1


@pytest.mark.parametrize("name", ["names_shown", "is_simulated"])
def test_panel_keeps_what_it_promised_once_a_round_has_opened(told, name):
    with pytest.raises(DatabaseError, match="immutable"), transaction.atomic():
        Panel.objects.update(**{name: True})


def test_panel_may_still_change_before_its_first_round_opens(planned):
    assert Panel.objects.update(names_shown=True) == 1


# --- when it opened, and when it ends ---------------------------------------------------------------------------------


@pytest.fixture
def dated(panel, version, now):
    """A round that is open, its end announced."""
    planned = plan_round(panel, version=version, closes_at=now + timedelta(days=9), by="mo", at=now)
    opened = open_round(planned, by="mo", at=now)
    return announce_close(opened, finish_until=now + timedelta(hours=1), by="mo", at=now)


def put(dated, state, now):
    """Return the round with its dates, in a state."""
    if state in {"closed", "locked"}:
        dated = close_round(dated, by="mo", at=now)
    if state == "locked":
        handover.lock(dated.uid, at=now)
    return dated


def by_sql(column, value):
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE surveys_round SET {column} = %s", [value and str(value)])


DOORS = {"update": lambda column, value: Round.objects.update(**{column: value}), "sql": by_sql}


def dates(round_):
    return Round.objects.values_list("opens_at", "closes_at", "finish_until").get(pk=round_.pk)


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize(
    ("state", "column", "days"),
    [
        *(
            (state, column, days)
            for state in ("open", "closed", "locked")
            for column in ("opens_at", "closes_at")
            for days in (-1, 1, None)
            if (state, column, days) != ("open", "closes_at", 1)  # an end moves outwards
        ),
        *((state, "finish_until", days) for state in ("closed", "locked") for days in (-1, 1, None)),
        ("open", "finish_until", None),
    ],
)
def test_round_keeps_its_dates(dated, now, door, state, column, days):
    row = put(dated, state, now)
    before = dates(row)
    turned = None if days is None else getattr(row, column) + timedelta(days=days)

    with pytest.raises(DatabaseError, match="immutable"), transaction.atomic():
        DOORS[door](column, turned)

    assert dates(row) == before


def test_closing_moves_no_announced_end(dated, now):
    with pytest.raises(DatabaseError, match="immutable"), transaction.atomic():
        Round.objects.update(state="closed", closed_at=now, at_closing={}, finish_until=now + timedelta(days=1))


def test_planned_round_may_be_given_other_dates_but_no_end_that_nobody_announced(planned, now):
    assert Round.objects.update(opens_at=now, closes_at=now + timedelta(days=3)) == 1
    with pytest.raises(DatabaseError, match="immutable"), transaction.atomic():
        Round.objects.update(finish_until=now + timedelta(hours=1))


@pytest.mark.parametrize("door", DOORS)
def test_end_of_an_open_round_moves_outwards(dated, now, door):
    DOORS[door]("closes_at", now + timedelta(days=10))

    assert dates(dated)[1] == now + timedelta(days=10)


@pytest.mark.parametrize("state", ["closed", "locked"])
@pytest.mark.parametrize("until", [None, 1])
def test_closed_round_opens_again_with_any_end_until_a_freeze(dated, now, state, until):
    put(dated, state, now)
    before = dates(dated)
    again = {"state": "open", "closed_at": None, "at_closing": None, "closes_at": now + timedelta(days=2)}
    again["finish_until"] = until and now + timedelta(days=until)
    refused = state == "locked" or until is not None  # an end that nobody announced
    with pytest.raises(DatabaseError, match="immutable") if refused else nullcontext(), transaction.atomic():
        Round.objects.update(**again | ({"locked_at": None} if state == "locked" else {}))

    assert dates(dated) == (before if refused else (now, now + timedelta(days=2), None))


@pytest.mark.parametrize("column", ["opens_at", "seed"])
def test_round_that_opens_again_keeps_the_rest(dated, now, column):
    put(dated, "closed", now)
    turned = {"opens_at": now + timedelta(hours=1), "seed": 9}[column]
    with pytest.raises(DatabaseError, match="immutable"), transaction.atomic():
        Round.objects.update(state="open", closed_at=None, at_closing=None, finish_until=None, **{column: turned})


@pytest.mark.parametrize("hours", [1, 72])
def test_announced_end_may_be_moved(dated, now, hours):
    until = now + timedelta(hours=hours)

    assert announce_close(dated, finish_until=until, by="mo", at=now).finish_until == until
    assert dates(dated) == (now, now + timedelta(days=9), until)


@pytest.mark.parametrize("table", ["surveys_round", "surveys_panel"])
def test_plain_sql_is_refused_as_well(told, table):
    column = {"surveys_round": "drafts_count", "surveys_panel": "names_shown"}[table]
    with pytest.raises(DatabaseError, match="immutable"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE {table} SET {column} = NOT {column}")


@pytest.mark.parametrize(
    "change",
    [
        lambda row: Comparison.objects.filter(round=row).first().delete(),
        lambda row: Comparison.objects.filter(round=row).update(parent=Criterion.objects.get(code="B")),
        lambda row: Comparison.objects.create(
            round=row,
            parent=Criterion.objects.get(code="B"),
            a=Criterion.objects.get(code="A1"),
            b=Criterion.objects.get(code="B1"),
        ),
        lambda row: Round.objects.filter(pk=row.pk).delete(),
    ],
)
def test_round_keeps_its_pairs_and_itself(told, change):
    with pytest.raises(DatabaseError, match="immutable"), transaction.atomic():
        change(told)


def test_planned_round_may_be_given_up(planned):
    planned.delete()

    assert not Comparison.objects.exists()


def test_next_round_promises_anew(told, panel, version, now):
    if told.state == "open":
        told = close_round(told, by="mo", at=now)
    planned = plan_round(panel, version=version, follows=told, drafts_count=True, by="mo", at=now)
    again = open_round(planned, by="mo", at=now)

    assert again.promise_fingerprint not in {"", told.promise_fingerprint}
    assert promises_of(again).follows == told.uid


@pytest.mark.parametrize("drafts_count", [True, False])
def test_desk_page_and_api_say_what_was_promised(client, people, panel, version, now, drafts_count):
    opened = open_round(plan_round(panel, version=version, drafts_count=drafts_count, by="mo", at=now), by="mo", at=now)
    client.force_login(people["alice"])

    page = client.get(reverse("surveys:desk_round", kwargs={"series": "las", "uid": opened.uid})).content.decode()
    told = client.get(f"/api/v1/series/las/rounds/{opened.uid}/").json()["round"]

    assert opened.promise_fingerprint in page
    assert ("Complete questions of a draft count." in page) == drafts_count
    assert ("Drafts do not count." in page) != drafts_count
    assert "Nobody is shown a name." in page
    assert told["promise_fingerprint"] == opened.promise_fingerprint
    assert (told["names_shown"], told["drafts_count"]) == (False, drafts_count)
