"""A method is frozen once a second person approved it, bound to its fingerprint; nobody approves her own request."""

import json
from datetime import date

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from accounts.models import Role, Series, User
from accounts.usecases.roles import give_role
from scoring.errors import EditionStateError, FrozenError, JudgementsChangedError, MissingPartError, NotApprovedError
from scoring.models import Approval, Edition, Freeze
from scoring.queries.published.method import method_page
from scoring.queries.published.release_head import release_head
from scoring.usecases.approvals import approve_method, ask_approval
from scoring.usecases.editions import choose_consensus, describe_edition, settle_recipe
from scoring.usecases.freezes import freeze_method, keep_method, revise_method
from scoring.usecases.unit_lists import settle_units
from surveys.usecases.withdrawals import withdraw
from tests.guards import unguarded
from tests.scoring.test_compared import publish

pytestmark = pytest.mark.django_db
ASK, APPROVE, FREEZE = (f"/desk/las/2026/{place}/" for place in ("approval/ask", "approval", "freeze"))
API = "/api/v1/series/las/editions/2026/approval/"


@pytest.fixture
def people(series, by):
    """A moderator, a second one, a reviewer, an observer and an owner, by name; and their clients."""
    clients = {}
    for name, kind in (
        ("mo", "moderator"), ("nils", "moderator"), ("rita", "reviewer"), ("olga", "observer"), ("ona", "owner"),
    ):  # fmt: skip
        give_role(User.objects.create_user(name), series=series, kind=Role.Kind(kind), **by)
        clients[name] = Client()
        clients[name].force_login(User.objects.get(username=name))
    return clients


@pytest.fixture
def ready(people, edition, consensus, by):
    """An edition that could be frozen, of a series of several people."""
    settle_recipe(edition, text="version = 1\n", **by)
    choose_consensus(edition, consensus=consensus, **by)
    edition.refresh_from_db()
    return edition


@pytest.fixture
def asked(ready, by):
    return ask_approval(ready, **by)


def as_(name, by):
    return by | {"by": name}


# --- what is asked -----------------------------------------------------------------------------------------------------------


def test_nothing_is_frozen_before_somebody_else_approved_it(ready, by):
    for prepare in (lambda: None, lambda: ask_approval(ready, **by)):
        prepare()
        with pytest.raises(NotApprovedError) as refused:
            freeze_method(ready, **by)
        assert refused.value.facts == {"reason": "missing"}
    assert ready.freezes.count() == 0


@pytest.mark.parametrize("freezer", ["mo", "nils"])
def test_approved_method_is_frozen_and_keeps_who_approved_it(asked, ready, by, freezer):
    approval = approve_method(ready, fingerprint=asked.fingerprint, **as_("rita", by))
    freeze = freeze_method(ready, **as_(freezer, by))

    assert freeze.fingerprint == asked.fingerprint
    assert (freeze.approval, freeze.is_of_one) == (approval, False)
    assert (approval.asked_by, approval.approved_by, approval.approved_at) == ("mo", "rita", by["at"])


def test_who_asked_does_not_approve_and_who_approved_may_freeze(asked, ready, by):
    with pytest.raises(NotApprovedError) as refused:
        approve_method(ready, fingerprint=asked.fingerprint, **by)
    approve_method(ready, fingerprint=asked.fingerprint, **as_("nils", by))

    assert refused.value.facts == {"reason": "own"}
    assert freeze_method(ready, **as_("nils", by)).approval.asked_by == "mo"


def test_any_change_lets_an_approval_lapse(asked, ready, by):
    approve_method(ready, fingerprint=asked.fingerprint, **as_("rita", by))
    settle_recipe(ready, text="version = 1\n[screen]\nunit_availability = 0.5\n", **by)

    with pytest.raises(NotApprovedError) as refused:
        freeze_method(ready, **by)
    assert refused.value.facts == {"reason": "changed"}
    again = ask_approval(ready, **by)
    approve_method(ready, fingerprint=again.fingerprint, **as_("rita", by))
    assert freeze_method(ready, **by).approval == again
    assert [one.ended_at is None for one in ready.approvals.all()] == [False, False]


def test_what_was_changed_back_is_what_was_approved(asked, ready, by):
    approve_method(ready, fingerprint=asked.fingerprint, **as_("rita", by))
    settle_recipe(ready, text="version = 1\n[screen]\nunit_availability = 0.5\n", **by)
    settle_recipe(ready, text="version = 1\n", **by)

    assert freeze_method(ready, **by).fingerprint == asked.fingerprint


@pytest.mark.parametrize("fingerprint", ["", "0" * 64])
def test_approval_is_of_what_was_read(asked, ready, by, fingerprint):
    with pytest.raises(NotApprovedError) as refused:
        approve_method(ready, fingerprint=fingerprint, **as_("rita", by))

    assert refused.value.facts == {"reason": "changed"}


@pytest.mark.parametrize("change", ["recipe", "units", "weights", "day"])
def test_what_changes_after_asking_ends_the_request(asked, ready, consensus, make_list, by, change):
    """Nothing waits on anybody that could only be refused."""
    changes = {
        "recipe": lambda: settle_recipe(ready, text="version = 1\n[screen]\nunit_availability = 0.5\n", **by),
        "units": lambda: settle_units(ready, listed=make_list(rule={"en": "Other."}), **by),
        "weights": lambda: choose_consensus(ready, consensus=consensus, **by),
        "day": lambda: describe_edition(ready, limits={}, reference_date=date(2026, 2, 1), **by),
    }
    changes[change]()

    with pytest.raises(NotApprovedError) as refused:
        approve_method(ready, fingerprint=asked.fingerprint, **as_("rita", by))
    assert refused.value.facts == {"reason": "not_asked"}


def test_approval_is_of_the_day_too(asked, ready, by):
    approve_method(ready, fingerprint=asked.fingerprint, **as_("rita", by))
    describe_edition(ready, limits={"en": "Not so."}, reference_date=None, **by)
    assert ready.approvals.filter(ended_at=None).exists()
    describe_edition(ready, limits={"en": "Not so."}, reference_date=date(2026, 2, 1), **by)

    with pytest.raises(NotApprovedError):
        freeze_method(ready, **by)


def test_withdrawal_after_asking_is_seen_by_who_approves(asked, ready, panel, by, now):
    withdraw(panel.panelists.get(code="P1"), at=now())

    with pytest.raises(JudgementsChangedError):
        approve_method(ready, fingerprint=asked.fingerprint, **as_("rita", by))


def test_deputy_approves_nothing_that_was_asked_for_by_whom_she_stands_for(asked, ready, series, by):
    mo, olga = User.objects.get(username="mo"), User.objects.get(username="olga")
    role = give_role(mo, series=series, kind=Role.Kind.REVIEWER, **by)
    Role.objects.filter(pk=role.pk).update(deputy=olga)

    with pytest.raises(NotApprovedError) as refused:
        approve_method(ready, fingerprint=asked.fingerprint, **as_("olga", by))
    assert refused.value.facts == {"reason": "own"}
    Role.objects.filter(user__username="rita").update(deputy=olga)
    assert approve_method(ready, fingerprint=asked.fingerprint, **as_("olga", by)).approved_by == "olga"


def test_freeze_and_kept_method_end_what_was_asked(asked, ready, dataset, by, now):
    approve_method(ready, fingerprint=asked.fingerprint, **as_("rita", by))
    freeze_method(ready, **by)
    assert not ready.approvals.filter(ended_at=None).exists()
    ready.refresh_from_db()
    publish(ready, dataset, by, now)
    revise_method(ready, **by)
    settle_recipe(ready, text="version = 1\n[screen]\nunit_availability = 0.5\n", **by)
    ask_approval(ready, **by)
    keep_method(ready, **by)
    assert not ready.approvals.filter(ended_at=None).exists()


def test_approval_is_given_once_and_only_where_it_is_asked_for(ready, by):
    with pytest.raises(NotApprovedError) as unasked:
        approve_method(ready, fingerprint="0" * 64, **as_("rita", by))
    asked = ask_approval(ready, **by)
    approve_method(ready, fingerprint=asked.fingerprint, **as_("rita", by))
    with pytest.raises(NotApprovedError) as twice:
        approve_method(ready, fingerprint=asked.fingerprint, **as_("nils", by))

    assert unasked.value.facts == twice.value.facts == {"reason": "not_asked"}


def test_only_what_could_be_frozen_is_approved(people, edition, consensus, panel, by, now):
    with pytest.raises(MissingPartError):
        ask_approval(edition, **by)
    settle_recipe(edition, text="version = 1\n", **by)
    choose_consensus(edition, consensus=consensus, **by)
    withdraw(panel.panelists.get(code="P1"), at=now())
    with pytest.raises(JudgementsChangedError):
        ask_approval(edition, **by)
    assert not Approval.objects.exists()


def test_approval_locks_no_round(asked, ready, closed, by):
    approve_method(ready, fingerprint=asked.fingerprint, **as_("rita", by))
    closed.refresh_from_db()
    before = closed.locked_at
    freeze_method(ready, **by)
    closed.refresh_from_db()

    assert (before, closed.locked_at) == (None, by["at"])


def test_series_of_one_freezes_alone_and_says_so(edition, consensus, series, dataset, by, now):
    give_role(User.objects.create_user("mo"), series=series, kind=Role.Kind.MODERATOR, **by)
    give_role(User.objects.create_user("olga"), series=series, kind=Role.Kind.OBSERVER, **by)
    gone = User.objects.create_user("gone", is_active=False)
    give_role(gone, series=series, kind=Role.Kind.REVIEWER, **by)
    settle_recipe(edition, text="version = 1\n", **by)
    choose_consensus(edition, consensus=consensus, **by)
    edition.refresh_from_db()
    with pytest.raises(NotApprovedError) as refused:
        ask_approval(edition, **by)
    freeze = freeze_method(edition, **by)
    edition.refresh_from_db()
    release = publish(edition, dataset, by, now)
    Series.objects.update(is_demonstration=False)
    page = Client().get("/s/las/2026/v1.0/method/").content.decode()

    assert (refused.value.facts, freeze.approval, freeze.is_of_one) == ({"reason": "nobody"}, None, True)
    assert "One person alone settled it" in page
    assert release.manifest["freeze"]["approved_at"] is None


def test_release_says_that_a_second_person_approved_it_and_not_who(asked, ready, dataset, by, now):
    approve_method(ready, fingerprint=asked.fingerprint, **as_("rita", by))
    freeze_method(ready, **by)
    ready.refresh_from_db()
    release = publish(ready, dataset, by, now)
    page = Client().get("/s/las/2026/v1.0/method/").content.decode()
    answer = Client().get("/api/v1/series/las/editions/2026/releases/v1.0/method/").json()

    assert "A second person approved it on 1 March 2026" in page
    assert (answer["approved_at"], answer["is_of_one"]) == ("2026-03-01T12:00:00Z", False)
    assert release.manifest["freeze"]["approved_at"] == by["at"].isoformat()
    assert "rita" not in page + json.dumps(answer) + json.dumps(release.manifest)


def test_freeze_of_before_approvals_says_neither(release):
    Series.objects.update(is_demonstration=False)
    with unguarded(Freeze):
        Freeze.objects.update(is_of_one=None)
    page = method_page(release_head("las", "2026"))
    shown = Client().get("/s/las/2026/v1.0/method/").content.decode()

    assert (page.approved_at, page.is_of_one) == (None, None)
    assert [words in shown for words in ("One person alone settled it", "A second person approved it")] == [
        False,
        False,
    ]


def test_frozen_method_is_neither_asked_for_nor_approved(asked, ready, by):
    approve_method(ready, fingerprint=asked.fingerprint, **as_("rita", by))
    freeze_method(ready, **by)

    for act in (lambda: ask_approval(ready, **by), lambda: approve_method(ready, fingerprint="", **as_("rita", by))):
        with pytest.raises((FrozenError, EditionStateError)):
            act()


@pytest.mark.parametrize(
    "change", [{"fingerprint": "1" * 64}, {"asked_by": "x"}, {"approved_by": "mo"}, {"approved_at": None}]
)
def test_database_keeps_what_was_asked_and_agreed_to(asked, ready, by, change):
    approve_method(ready, fingerprint=asked.fingerprint, **as_("rita", by))
    with pytest.raises(IntegrityError), transaction.atomic():
        Approval.objects.filter(pk=asked.pk).update(**change)
    with pytest.raises(IntegrityError), transaction.atomic():
        Approval.objects.filter(pk=asked.pk)._raw_delete("default")


# --- at the desk -----------------------------------------------------------------------------------------------------------


def test_two_people_freeze_at_the_desk(ready, people):
    asks = people["mo"].get("/desk/las/2026/").content.decode()
    early = people["mo"].post(FREEZE, {"sure": "on"}, follow=True).content.decode()
    waits = people["mo"].post(ASK, follow=True).content.decode()
    asked = ready.approvals.get()
    reads = people["rita"].get("/desk/las/2026/").content.decode()
    approves = people["rita"].post(APPROVE, {"sure": "on", "fingerprint": asked.fingerprint}, follow=True)
    freezes = people["mo"].get("/desk/las/2026/").content.decode()
    done = people["mo"].post(FREEZE, {"sure": "on"}, follow=True).content.decode()
    ready.refresh_from_db()

    assert [f'action="{one}"' in asks for one in (ASK, APPROVE, FREEZE)] == [True, False, False]
    assert "somebody else of the series has to approve the method first" in early
    assert "nobody approves her own request" in waits
    assert [f'action="{one}"' in reads for one in (ASK, APPROVE, FREEZE)] == [False, True, False]
    assert asked.fingerprint in reads
    assert "The method is approved as you read it." in approves.content.decode()
    assert f'action="{FREEZE}"' in freezes
    assert "The method is frozen." in done
    assert ready.state == Edition.State.FROZEN


def test_request_waits_on_those_who_may_approve_it(asked, ready, people, by):
    def told(name):
        return [one["kind"] for one in people[name].get("/api/v1/waiting/").json()]

    before = {name: told(name) for name in people}
    page = people["rita"].get("/desk/").content.decode()
    approve_method(ready, fingerprint=asked.fingerprint, **as_("rita", by))

    assert before == {"mo": [], "nils": ["approval_asked"], "rita": ["approval_asked"], "olga": [], "ona": []}
    assert "A method waits for the approval of a second person" in page
    assert "/desk/las/2026/#freeze" in page
    assert not any(told(name) for name in people)


@pytest.mark.parametrize("sent", [{}, {"sure": "on"}, {"fingerprint": "0" * 64}])
def test_approval_is_confirmed_and_names_what_was_read(asked, ready, people, sent):
    answer = people["rita"].post(APPROVE, sent)

    assert answer.status_code == 422
    assert ready.approvals.get().approved_at is None


def test_stale_approval_is_refused_in_words(asked, ready, people):
    answer = people["rita"].post(APPROVE, {"sure": "on", "fingerprint": "0" * 64}, follow=True)

    assert "Something of the method changed since approval was asked for" in answer.content.decode()


@pytest.mark.parametrize(
    ("name", "asks", "approves"), [("mo", 201, 409), ("rita", 403, 200), ("olga", 403, 403), ("ona", 403, 403)]
)
def test_api_lets_moderators_ask_and_reviewers_approve(asked, ready, people, name, asks, approves):
    sent = {"fingerprint": asked.fingerprint}
    approved = people[name].put(API, sent, content_type="application/json")
    again = people[name].post(API)

    assert (approved.status_code, again.status_code) == (approves, asks)
    if approves == 200:
        assert approved.json()["approved_by"] == name
    if approves == 409:
        assert approved.json()["code"] == "not_approved"
