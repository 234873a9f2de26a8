"""A round that opens again after it was weighed: its weights are of before, and no method is frozen on them."""

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.urls import reverse

from accounts.models import Role, User
from accounts.usecases.roles import give_role
from scoring.errors import JudgementsChangedError, RoundNotClosedError
from scoring.models import Edition, Freeze
from scoring.queries.desk.edition import desk_edition_page, edition_for_desk
from scoring.usecases.consensus import compute_consensus, request_consensus
from scoring.usecases.editions import choose_consensus, settle_recipe
from scoring.usecases.freezes import freeze_method
from scoring.usecases.unit_lists import settle_units
from surveys.errors import LockedRoundError, RoundStateError
from surveys.usecases.ends import reopen_round
from surveys.usecases.rounds import close_round

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def weighed(edition, consensus, make_list, by):
    """An edition that wants nothing more but its freeze."""
    settle_recipe(edition, text="version = 1\n", **by)
    settle_units(edition, listed=make_list(), **by)
    return choose_consensus(edition, consensus=consensus, **by)


@pytest.fixture
def reopen(closed, by):
    return lambda: reopen_round(closed, ends_at=by["at"] + 9 * HOUR, **by)


@pytest.fixture
def close_again(closed, by):
    return lambda: close_round(closed, by="mo", at=by["at"] + HOUR)


def test_method_is_not_frozen_while_the_round_is_open_again(weighed, reopen, by):
    reopen()

    with pytest.raises(RoundNotClosedError):
        freeze_method(weighed, **by)
    assert Edition.objects.get().state == "preparing"


def test_weights_of_before_are_not_frozen_and_new_ones_are(weighed, series, closed, method, reopen, close_again, by):
    reopen()
    close_again()

    with pytest.raises(JudgementsChangedError):
        freeze_method(weighed, **by)
    assert not Freeze.objects.exists()
    later = {"by": "mo", "at": by["at"] + 2 * HOUR}
    anew = request_consensus(series, round_uid=closed.uid, method=method, **later)
    assert anew.pk != weighed.consensus_id
    assert compute_consensus(anew.pk, now=lambda: later["at"])
    choose_consensus(weighed, consensus=anew, **later)
    assert freeze_method(weighed, **later).number == 1
    with pytest.raises(LockedRoundError):
        reopen()


@pytest.mark.parametrize("is_closed_again", [True, False])
def test_weighing_that_was_asked_for_before_fails(
    series, closed, method, reopen, close_again, now, by, is_closed_again
):
    asked = request_consensus(series, round_uid=closed.uid, method=method, **by)
    reopen()
    if is_closed_again:
        close_again()

    assert compute_consensus(asked.pk, now=now) is False

    asked.refresh_from_db()
    assert (asked.state, asked.error_code, asked.counted) == ("failed", "judgements_changed", None)


def test_round_that_is_open_again_is_not_weighed(series, closed, method, reopen, by):
    reopen()

    with pytest.raises(RoundNotClosedError):
        request_consensus(series, round_uid=closed.uid, method=method, **by)


def test_desk_marks_the_weights_as_of_before(weighed, client, series, reopen, close_again, by):
    user = User.objects.create_user("mo")
    give_role(user, series=series, kind=Role.Kind.MODERATOR, **by)
    client.force_login(user)
    where = reverse("scoring:desk_edition", args=["las", "2026"])

    def shown():
        page = desk_edition_page(edition_for_desk(series, "2026"))
        states = {step.key: step.state for step in page.steps}
        marked = "These weights are of before" in client.get(where).content.decode()
        assert marked == page.consensus.is_of_before
        return states["round"], states["consensus"], marked

    assert shown() == ("done", "done", False)
    reopen()
    assert shown() == ("next", "waiting", True)
    answer = client.post(reverse("scoring:desk_freeze", args=["las", "2026"]), {"sure": "on"}, follow=True)
    assert "The round is not closed yet." in answer.content.decode()
    close_again()
    assert shown() == ("done", "next", True)


@pytest.mark.django_db(transaction=True)
@pytest.mark.postgresql
def test_freeze_and_new_opening_at_once_leave_one_of_them(weighed, closed, reopen, by):
    gate, given = threading.Barrier(2), {}

    def run(name, act):
        gate.wait()
        try:
            act()
        except Exception as error:  # noqa: BLE001 - whatever it is, it is compared below
            given[name] = type(error)
        finally:
            connection.close()

    acts = {"freeze": lambda: freeze_method(weighed, **by), "reopen": reopen}
    threads = [threading.Thread(target=run, args=one) for one in acts.items()]
    for one in threads:
        one.start()
    for one in threads:
        one.join()

    closed.refresh_from_db()
    assert given in (
        {"reopen": LockedRoundError},
        {"freeze": RoundNotClosedError},
        {"freeze": RoundStateError},  # it was open again by the time of the lock
    )
    assert (closed.state == "closed") == Freeze.objects.exists() == ("reopen" in given)
