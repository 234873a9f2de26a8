"""Rows of two releases of one panel: where one to four people differ, the later one tells nothing person by person."""

import csv
import io
import json

import pytest
from django.urls import reverse

from scoring.files.frozen import FrozenMethod
from scoring.files.verification import verify
from scoring.models import Freeze
from scoring.usecases.consensus import compute_consensus, request_consensus
from scoring.usecases.edition_data import request_scoring, score_edition, use_dataset
from scoring.usecases.editions import create_edition
from scoring.usecases.releases import build_bundle, release_edition
from surveys.queries.panelist.links import personal_token
from surveys.usecases.judgements import record_judgement
from surveys.usecases.panels import add_panelist
from surveys.usecases.rounds import close_round, open_round, plan_round
from surveys.usecases.submissions import submit_round

pytestmark = pytest.mark.django_db

PEOPLE = 7
BY_PERSON = {"judgements.csv", "consistency.csv", "one_person.csv", "robustness/weight_draws.csv"}


@pytest.fixture
def asked(panel, version, by, now):
    """Ask a round in which some answer: every pair, each in her own way and otherwise than before."""

    def ask(people, **more):
        round_ = open_round(plan_round(panel, version=version, seed=7, **more, **by), **by)
        pairs = list(round_.comparisons.select_related("a", "b").order_by("pk"))
        for number, her in enumerate(people):
            for place, pair in enumerate(pairs):
                value = (2, 3, 4, 5, 6, 7, 8)[(number + place) % PEOPLE] if more else (1 + number + place) % PEOPLE + 1
                record_judgement(
                    her, round_, a=pair.a.code, b=pair.b.code, value=1 / value if more else value, at=now()
                )
            submit_round(her, round_, at=now())
        return close_round(round_, **by)

    return ask


@pytest.fixture
def weighed(series, version, panel, method, freeze, by, now):
    """Weigh a round and freeze an edition by it."""

    def weigh(round_, slug, **more):
        consensus = request_consensus(series, round_uid=round_.uid, method=type(method)(**more), **by)
        compute_consensus(consensus.pk, now=now)
        consensus.refresh_from_db()
        edition = create_edition(series, slug=slug, framework_uid=version.uid, panel_uids=[panel.uid], **by)
        return freeze(edition, consensus)

    return weigh


@pytest.fixture
def told(dataset, by, now):
    """Release a frozen edition, with its bundle."""

    def tell(edition):
        use_dataset(edition, dataset=dataset, **by)
        edition.refresh_from_db()
        score_edition(request_scoring(edition, **by).pk, now=now)
        edition.refresh_from_db()
        release = release_edition(edition, **by)
        build_bundle(release.bundle.pk, now=now)
        release.bundle.refresh_from_db()
        return release

    return tell


def method_of(edition):
    return FrozenMethod.from_content(Freeze.objects.get(edition=edition).content)


def names_of(release):
    return {file.name for file in release.files.all()}


def everybody(panel):
    return list(panel.panelists.order_by("code"))


def test_one_of_seven_who_answers_anew_takes_the_rows_of_the_second_release(
    client, asked, weighed, told, panel, dataset
):
    people = everybody(panel)
    first = asked(people)
    before = told(weighed(first, "2026", draws=20))
    second = asked(people[:1], follows=first, pairs=[("A1", "A2")])
    release = told(weighed(second, "2027", draws=20))

    assert names_of(before) >= BY_PERSON
    assert not names_of(release) & BY_PERSON
    assert release.manifest["withheld"] == [{"what": "judgements", "why": "few_changed"}]
    assert json.loads(bytes(release.files.get(name="consensus.json").content))["clusters"] == []
    verdict = verify("release.zip", bytes(release.bundle.zip))
    assert verdict.differences == ()
    assert verdict.sentence.startswith("verified as far as it can be recomputed: ")
    assert "what one to four experts answered" in verdict.sentence
    assert "Nothing here is told expert by expert: " in bytes(release.files.get(name="README.txt").content).decode()

    def page(edition):
        return client.get(reverse("scoring:method", args=["las", edition, "1.0"])).content.decode()

    published, withheld = "The judgements are published under", "The judgements are not published person by person"
    assert (published in page("2026"), withheld in page("2026")) == (True, False)
    assert (published in page("2027"), withheld in page("2027")) == (False, True)


@pytest.mark.parametrize("many", range(PEOPLE + 1))
def test_rows_are_published_where_nobody_differs_or_all(asked, weighed, panel, many):
    """Of seven, five who differ leave two who do not: of whom the desk knows that they did not answer anew."""
    people = everybody(panel)
    first = asked(people)
    weighed(first, "2026", draws=0)
    again = weighed(asked(people[:many], follows=first, pairs=[("A1", "A2")]), "2027", draws=0)

    frozen, is_told = method_of(again), many in {0, PEOPLE}
    assert ("judgements.csv" in frozen.release_files()) == is_told
    assert frozen.withheld == ([] if is_told else [{"what": "judgements", "why": "few_changed"}])


def test_rows_are_compared_with_every_freeze_whose_rows_are_published(asked, weighed, panel, by):
    """One answers anew, then four others: beside the first release they are five, and the second has no rows to compare."""
    for number in range(3):
        add_panelist(panel, code=f"Q{number}", name=f"New {number}", **by)
    people = everybody(panel)
    first = asked(people)
    second = asked(people[:1], follows=first, pairs=[("A1", "A2")])
    third = asked(people[1:5], follows=second, pairs=[("A1", "A2")])
    rounds = {"2026": first, "2027": second, "2028": third, "2029": second, "2030": first}
    found = [method_of(weighed(round_, slug, draws=0)).by_person for slug, round_ in rounds.items()]

    assert found == [True, False, True, False, True]


def test_five_who_come_are_told_and_four_are_not(asked, weighed, panel, by):
    more = [add_panelist(panel, code=f"Q{number}", name=f"New {number}", **by) for number in range(9)]
    people = everybody(panel)[:PEOPLE]
    first = asked(people)
    weighed(first, "2026", draws=0)

    four = method_of(weighed(asked([*people, *more[:4]]), "2027", draws=0))
    five = method_of(weighed(asked([*people, *more[:5]]), "2028", draws=0))

    assert (four.by_person, five.by_person) == (False, True)


def test_freezes_see_each_other_however_early_both_were_computed(
    series, asked, version, panel, method, freeze, by, now
):
    people = everybody(panel)
    first = asked(people)
    second = asked(people[:1], follows=first, pairs=[("A1", "A2")])
    ready = []
    for round_ in (first, second):
        consensus = request_consensus(series, round_uid=round_.uid, method=type(method)(draws=0), **by)
        compute_consensus(consensus.pk, now=now)
        consensus.refresh_from_db()
        ready.append(consensus)
    editions = [
        create_edition(series, slug=slug, framework_uid=version.uid, panel_uids=[panel.uid], **by)
        for slug in ("2026", "2027")
    ]

    found = [
        method_of(freeze(edition, consensus)).by_person for edition, consensus in zip(editions, ready, strict=True)
    ]

    assert found == [True, False]


def test_her_page_shows_no_code_of_rows_that_are_not_published(client, asked, weighed, panel):
    people = everybody(panel)
    first = asked(people)
    before = method_of(weighed(first, "2026", draws=0))
    after = method_of(weighed(asked(people[:1], follows=first, pairs=[("A1", "A2")]), "2027", draws=0))
    token = personal_token(people[0])
    client.post(reverse("surveys:start", args=[token]))

    shown = client.get(reverse("mine", kwargs={"token": token})).content.decode()

    def codes(frozen):
        return {row["expert"] for row in csv.DictReader(io.StringIO(frozen.files["judgements.csv"]))}

    assert len([code for code in codes(before) if code in shown]) == 1
    assert not [code for code in codes(after) if code in shown]
