"""Who answered what: nothing that one may see, joined with anything else, puts a name beside an answer."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from datetime import timedelta

import pytest
from django.urls import reverse

from exchange.problems import FileProblemsError
from scoring.files.own import check_own
from scoring.files.verification import verify
from scoring.models import Consensus, Freeze
from scoring.queries.pairs import end_of_pairs
from scoring.usecases.consensus import compute_consensus, languages_to_freeze, request_consensus
from scoring.usecases.destruction import destroy_pairs_that_are_due
from scoring.usecases.edition_data import request_scoring, score_edition, use_dataset
from scoring.usecases.editions import choose_consensus, create_edition, settle_recipe
from scoring.usecases.freezes import freeze_method
from scoring.usecases.releases import build_bundle, release_edition
from surveys import handover
from surveys.models import Judgement, Panel, Panelist, PublicationCode, ReceiptSecret
from surveys.queries.panelist.links import personal_token
from surveys.usecases.judgements import choose_for_node, record_judgement
from surveys.usecases.panels import add_panelist, create_panel
from surveys.usecases.rounds import close_round, open_round, plan_round
from surveys.usecases.submissions import submit_round
from surveys.usecases.withdrawals import withdraw
from tests.guards import unguarded

pytestmark = pytest.mark.django_db

PEOPLE = 17
LEFT_OUT = {10: "A", 11: "A"}  # who says of which question that it is not her field


@pytest.fixture
def panel(series, by):
    """Seventeen people of two groups; two of them alone leave a question out, three alone have another weight."""
    panel = create_panel(series, slug="many", names={"en": "Many"}, names_shown=True, **by)
    for number in range(1, PEOPLE + 1):
        add_panelist(
            panel,
            code=f"P{number:02}",
            name=f"Name {number}",
            email=f"p{number}@example.org",
            group="north" if number <= 9 else "south",
            weight=2.0 if number in {7, 8, 12} else 1.0,
            language="fr" if number <= 6 else "ar",
            **by,
        )
    return panel


@pytest.fixture
def closed(panel, version, now, by):
    round_ = open_round(plan_round(panel, version=version, seed=7, **by), **by)
    for number, her in enumerate(panel.panelists.order_by("code"), 1):
        if number in LEFT_OUT:
            choose_for_node(her, round_, node=LEFT_OUT[number], choice="skip", at=now())
        for place, pair in enumerate(round_.comparisons.select_related("a", "b", "parent").order_by("pk")):
            if pair.parent.code != LEFT_OUT.get(number):
                value = (1 + (number + place) % 5) ** (1 if place % 2 else -1)
                record_judgement(her, round_, a=pair.a.code, b=pair.b.code, value=value, at=now())
        submit_round(her, round_, at=now() + timedelta(seconds=number))
    return close_round(round_, **by)


def files_of(release):
    return {file.name: bytes(file.content).decode() for file in release.files.all()}


def table(text):
    return list(csv.DictReader(io.StringIO(text)))


def told_together(files):
    """Count who shares group, weight and nodes answered in the published rows."""
    people = {}
    for row in table(files["judgements.csv"]):
        nodes = people.setdefault(row["expert"], (row["group"], row["expert_weight"], set()))[2]
        if row["value"]:
            nodes.add(row["node"])
    return Counter((group, weight, frozenset(nodes)) for group, weight, nodes in people.values())


def test_nobody_is_told_by_group_weight_and_nodes(release):
    shares = told_together(files_of(release))

    assert min(shares.values()) >= 5
    assert len(shares) > 1


def test_nothing_that_is_published_holds_a_code_of_the_desk(release, panel):
    files = files_of(release)
    frozen = json.dumps(Freeze.objects.get().content)
    codes = set(panel.panelists.values_list("code", flat=True))
    words = {
        word for text in (*files.values(), frozen) for word in text.replace('"', ",").replace("\\n", ",").split(",")
    }

    assert not codes & words
    assert not any("Name " in text or "example.org" in text for text in (*files.values(), frozen))


def test_groups_are_counted_by_the_published_rows(release):
    groups = {row["expert"]: row["group"] for row in table(files_of(release)["judgements.csv"])}
    sizes = Counter(group for group in groups.values() if group)

    assert release.readings.get().panel_groups == dict(sizes)
    assert sizes
    assert min(sizes.values()) >= 5


def test_codes_are_of_one_consensus_and_order_nothing(release, series, closed, method, now, by):
    consensus = release.edition.consensus
    pairs = PublicationCode.objects.filter(consensus_uid=consensus.uid, node="")
    again = request_consensus(series, round_uid=closed.uid, method=type(method)(draws=0), **by)
    compute_consensus(again.pk, now=now)
    others = set(PublicationCode.objects.filter(consensus_uid=again.uid).values_list("code", flat=True))

    assert pairs.count() == PEOPLE
    assert not others & set(pairs.values_list("code", flat=True))
    order = [pair.panelist.code for pair in pairs.order_by("code").select_related("panelist")]
    assert order not in (sorted(order), sorted(order, reverse=True))


def test_who_is_told_by_nodes_stands_under_a_code_per_node_and_all_comes_out_again(release, closed, now):
    files = files_of(release)
    nodes = {}
    for row in table(files["judgements.csv"]):
        if row["value"]:
            nodes.setdefault(row["expert"], set()).add(row["node"])
    consistency = {(row["expert"], row["node"]) for row in table(files["consistency.csv"])}

    assert consistency == {(expert, node) for expert, there in nodes.items() for node in there}
    pairs = PublicationCode.objects.filter(consensus_uid=release.edition.consensus.uid)
    apart = {pair.panelist_id for pair in pairs if pair.node}
    assert len(apart) >= 5
    for pair in pairs:  # under her own code or under codes of nodes, never both
        assert (pair.code in nodes) == (bool(pair.node) or pair.panelist_id not in apart)
    every = {(row["node"], row["a"], row["b"], row["expert"]) for row in table(files["judgements.csv"]) if row["value"]}
    assert len(every) == Judgement.objects.count()
    assert release.edition.consensus.experts == release.manifest["people"] == PEOPLE  # however many codes
    build_bundle(release.bundle.pk, now=now)
    release.bundle.refresh_from_db()
    verdict = verify("release.zip", bytes(release.bundle.zip))
    assert (verdict.differences, verdict.not_recomputable) == ((), ())


def test_her_own_file_finds_her_answers_and_receipt_in_the_release(client, release, now):
    build_bundle(release.bundle.pk, now=now)
    release.bundle.refresh_from_db()
    for code in ("P10", "P09"):  # under a code per node, and under one code or the other
        token = personal_token(Panelist.objects.get(code=code))
        client.post(reverse("surveys:start", args=[token]))
        mine = client.get(reverse("surveys:download", args=[token, "answers.json"])).content
        assert code not in json.dumps(json.loads(mine)["publication_codes"])
        checked = check_own("answers.json", mine, "release.zip", bytes(release.bundle.zip))
        assert checked.answers == Judgement.objects.filter(panelist__code=code).count()
        held = json.loads(mine)
        held["rounds"][0]["receipt_inputs"][1] = code
        with pytest.raises(FileProblemsError) as refused:
            check_own("answers.json", json.dumps(held).encode(), "release.zip", bytes(release.bundle.zip))
        assert {one.code for one in refused.value.problems} == {"other_receipt"}


def test_node_that_four_answered_is_published_of_nobody(
    client, series, panel, version, edition, dataset, method, now, by
):
    round_ = open_round(plan_round(panel, version=version, seed=7, **by), **by)
    for number, her in enumerate(panel.panelists.order_by("code"), 1):
        for pair in round_.comparisons.select_related("a", "b", "parent"):
            if pair.parent.code != "A" or number <= 4:
                record_judgement(her, round_, a=pair.a.code, b=pair.b.code, value=1 + number % 3, at=now())
            elif number > 4:
                choose_for_node(her, round_, node="A", choice="skip", at=now())
        submit_round(her, round_, at=now())
    close_round(round_, **by)
    consensus = request_consensus(series, round_uid=round_.uid, method=method, **by)
    compute_consensus(consensus.pk, now=now)
    consensus.refresh_from_db()
    settle_recipe(edition, text='version = 1\n[robustness]\ndraws = 40\nfactors = ["weights"]\n', **by)
    choose_consensus(edition, consensus=consensus, **by)
    freeze_method(edition, **by)
    edition.refresh_from_db()
    use_dataset(edition, dataset=dataset, **by)
    edition.refresh_from_db()
    scoring = request_scoring(edition, **by)
    score_edition(scoring.pk, now=now)
    edition.refresh_from_db()
    release = release_edition(edition, **by)
    files = files_of(release)

    by_person = {"judgements.csv", "consistency.csv", "one_person.csv", "robustness/weight_draws.csv"}
    assert by_person & {*files} == set()
    assert "panelist" not in {row["kind"] for row in table(files["robustness/leave_one_out.csv"])}
    few = next(row for row in table(files["consensus.csv"]) if row["node"] == "A")
    assert (few["experts"], few["s_star"], few["homogeneity"], few["kendall_w"]) == ("4", "", "", "")
    assert json.loads(files["consensus.json"])["clusters"] == []
    build_bundle(release.bundle.pk, now=now)
    release.bundle.refresh_from_db()
    verdict = verify("release.zip", bytes(release.bundle.zip))
    assert verdict.differences == ()
    assert "fewer than five experts" in verdict.sentence
    assert "Nothing here is told expert by expert: fewer than five experts. " in files["README.txt"]
    page = client.get(reverse("scoring:method", args=[series.slug, edition.slug, release.number])).content.decode()
    assert "The judgements are not published person by person" in page
    assert "The judgements are published under" not in page


@pytest.mark.parametrize("others", range(7))
def test_language_that_differs_by_few_people_keeps_the_earlier_figures(
    release, series, panel, closed, method, now, by, others
):
    """What all others say would tell what one to four people answered, who were of the language and are not any more."""
    first = Freeze.objects.get().content["languages"]["fr"]
    everywhere = panel.panelists.filter(language="ar").exclude(code__in=[f"P{number}" for number in LEFT_OUT])
    more = list(everywhere.order_by("code")[:others])
    PublicationCode.objects.filter(panelist__in=more).update(language="fr")
    again = request_consensus(series, round_uid=closed.uid, method=type(method)(group="aip-arithmetic"), **by)
    compute_consensus(again.pk, now=now)

    told = languages_to_freeze(Consensus.objects.get(pk=again.pk))["fr"]
    assert (told == first) == (0 < others < 5)  # by another method they are other figures


def test_language_that_differs_by_few_people_at_one_question_keeps_the_earlier_figures(
    release, series, panel, closed, method, now, by
):
    """Five people more are three at the question that two of them left out."""
    more = panel.panelists.filter(code__in=["P07", "P08", "P09", *(f"P{number}" for number in LEFT_OUT)])
    PublicationCode.objects.filter(panelist__in=more).update(language="fr")
    again = request_consensus(series, round_uid=closed.uid, method=type(method)(group="aip-arithmetic"), **by)
    compute_consensus(again.pk, now=now)

    assert languages_to_freeze(Consensus.objects.get(pk=again.pk)) == Freeze.objects.get().content["languages"]


def test_language_of_a_consensus_that_was_ready_before_another_was_frozen_keeps_those_figures(
    series, panel, closed, edition, consensus, freeze, method, now, by
):
    """Both were computed before either was frozen: what one freeze told is heard of when the other is made."""
    again = request_consensus(series, round_uid=closed.uid, method=type(method)(group="aip-arithmetic"), **by)
    compute_consensus(again.pk, now=now)
    her = panel.panelists.get(code="P17")
    PublicationCode.objects.filter(panelist=her, consensus_uid=again.uid).update(language="fr")
    freeze(edition, consensus)
    told = Freeze.objects.get().content["languages"]
    second = create_edition(series, slug="2027", framework_uid=edition.framework_uid, panel_uids=[panel.uid], **by)

    freeze(second, Consensus.objects.get(pk=again.pk))

    assert told
    assert Freeze.objects.get(edition=second).content["languages"] == told


def test_consensus_after_a_withdrawal_draws_a_code_that_leads_to_nobody(
    release, series, panel, closed, method, now, by
):
    withdraw(panel.panelists.get(code="P17"), at=now() + timedelta(days=1))
    again = request_consensus(series, round_uid=closed.uid, method=type(method)(draws=0), **by)
    compute_consensus(again.pk, now=now)

    codes = PublicationCode.objects.filter(consensus_uid=again.uid, node="")
    assert codes.count() == PEOPLE  # what was frozen stays
    assert [one.language for one in codes.filter(panelist=None)] == ["ar"]


def test_earlier_figures_of_another_tree_are_not_repeated(release, series, panel, closed, method, now, by):
    freeze = Freeze.objects.get()
    del freeze.content["languages"]["fr"]["A1"]
    with unguarded(Freeze):
        Freeze.objects.update(content=freeze.content)
    PublicationCode.objects.filter(panelist=panel.panelists.get(code="P17")).update(language="fr")
    again = request_consensus(series, round_uid=closed.uid, method=type(method)(group="aip-arithmetic"), **by)
    compute_consensus(again.pk, now=now)

    told = languages_to_freeze(Consensus.objects.get(pk=again.pk))
    assert told == {"ar": freeze.content["languages"]["ar"]}  # kept, and of the other nothing is told


def test_pairs_end_the_promised_days_after_the_last_release(release, panel, now):
    kept = handover.pairs_of_round(release.edition.consensus.round_uid)
    end = end_of_pairs(kept)
    assert end == release.released_at + timedelta(days=365)
    assert destroy_pairs_that_are_due(at=end - timedelta(seconds=1)) == []

    assert destroy_pairs_that_are_due(at=end) == [panel.uid]

    assert destroy_pairs_that_are_due(at=end + timedelta(days=1)) == []
    assert not PublicationCode.objects.exclude(panelist=None).exists()
    assert not ReceiptSecret.objects.exists()
    assert Panel.objects.get().pairs_destroyed_at == end


def test_nothing_is_destroyed_of_people_who_agreed_before_a_day_was_promised(client, release, panel, now):
    panel.panelists.update(started_at=now())

    assert destroy_pairs_that_are_due(at=release.released_at + timedelta(days=4000)) == []
    address = reverse("scoring:method", args=[panel.series.slug, release.edition.slug, release.number])
    assert "connects people with their codes is kept" in client.get(address).content.decode()


def test_method_page_says_until_when_pairs_are_kept(client, release, panel):
    address = reverse("scoring:method", args=[panel.series.slug, release.edition.slug, release.number])
    before = client.get(address).content.decode()
    destroy_pairs_that_are_due(at=release.released_at + timedelta(days=400))
    after = client.get(address).content.decode()

    assert "is destroyed on" in before
    assert "was destroyed on" in after


def test_withdrawal_after_the_freeze_cuts_her_from_her_codes(release, panel, now):
    her = panel.panelists.get(code="P10")
    codes = set(her.publication_codes.values_list("code", flat=True))
    withdraw(her, at=now())

    assert len(codes) > 1  # she stood apart
    assert set(PublicationCode.objects.filter(panelist=None).values_list("code", flat=True)) == codes
    assert not ReceiptSecret.objects.filter(submission__panelist=her).exists()
    assert codes & {row["expert"] for row in table(files_of(release)["judgements.csv"])}  # the answers stay, under them
