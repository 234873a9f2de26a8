"""A panelist's own page: her weights beside the group's, her receipt in the published list, and the command that checks it."""

import json
from dataclasses import replace
from itertools import combinations

import pytest
from django.urls import reverse

from scoring.models import Consensus
from scoring.numerics.robustness.draws import weigh_with_spread
from scoring.numerics.types import ConsensusMethod
from scoring.queries.panelist.own_weights import own_receipts, own_weights
from scoring.usecases.consensus import compute_consensus, request_consensus
from surveys import handover
from surveys.models import Panelist
from surveys.queries.panelist.links import personal_token
from surveys.queries.panelist.node_page import node_page
from surveys.queries.panelist.sheet import panelist_sheet
from surveys.usecases.frameworks import create_framework, freeze_framework
from surveys.usecases.judgements import record_judgement
from surveys.usecases.rounds import close_round, open_round, plan_round
from surveys.usecases.submissions import submit_round
from surveys.values.framework import FrameworkRow

pytestmark = pytest.mark.django_db


@pytest.fixture
def her(panel):
    return panel.panelists.get(code="P1")


@pytest.fixture
def token(client, her, opened):
    token = personal_token(her)
    client.post(reverse("surveys:start", kwargs={"token": token}))
    return token


def mine(client, token):
    return client.get(reverse("mine", kwargs={"token": token}))


def rows(token):
    return {row.name: row for row in own_weights(handover.own_page(token)).rows}


def test_her_weights_stand_beside_the_groups(token, consensus):
    weights = own_weights(handover.own_page(token))
    found = {row.name: row for row in weights.rows}

    assert weights.experts == 6
    stored = {row.code: row for row in consensus.weights.all()}
    for code in ("A1", "A2", "A3", "B1", "C1"):
        assert found[code].group == stored[code].global_weight
        assert (found[code].low, found[code].high) == (stored[code].low, stored[code].high)
    assert sum(found[code].own for code in ("A1", "A2", "A3", "B1", "C1")) == pytest.approx(1)
    assert found["A1"].own == pytest.approx(found["Pillar A"].own * found["A1"].own_local)


def test_her_weights_are_those_that_the_computation_gives_her(token, closed, consensus):
    """An independent way to the same numbers: a consensus of her answers alone."""
    judged = handover.closed_round(closed.uid).judgements
    position = judged.experts.index(str(Panelist.objects.get(code="P1").uid))
    alone = replace(
        judged,
        experts=judged.experts[position : position + 1],
        expert_weights=judged.expert_weights[position : position + 1],
        groups=judged.groups[position : position + 1],
        languages=judged.languages[position : position + 1],
        nodes=tuple(replace(node, matrices=node.matrices[position : position + 1]) for node in judged.nodes),
    )
    expected = weigh_with_spread(alone, ConsensusMethod(priorities="geometric")).global_

    assert {code: rows(token)[code].own for code in ("A1", "A2", "A3", "B1", "C1")} == pytest.approx(
        {code: expected[code] for code in ("A1", "A2", "A3", "B1", "C1")}
    )


@pytest.mark.parametrize("answers", [6, 5], ids=["every pair", "a pair left open"])
def test_question_page_and_own_page_have_one_weight(client, panel, her, by, now, answers):
    """From four items on, eigenvectors would give others, and another order."""
    rows_of_four = [FrameworkRow("Root", None, kind="Aggregate"), *(FrameworkRow(code, "Root") for code in "WXYZ")]
    version = freeze_framework(create_framework(slug="four", names={"en": "Four"}, rows=rows_of_four, **by), **by)
    round_ = open_round(plan_round(panel, version=version, seed=7, **by), **by)
    for (a, b), value in list(zip(combinations("WXYZ", 2), (1 / 3, 5, 3, 3, 1 / 5, 3), strict=True))[:answers]:
        record_judgement(her, round_, a=a, b=b, value=value, at=now())
    token = personal_token(her)
    client.post(reverse("surveys:start", kwargs={"token": token}))

    question = node_page(panelist_sheet(her, round_).nodes[0], her, round_)
    asked = {one.item.name: one.weight for one in question.priorities}

    assert {name: row.own_local for name, row in rows(token).items()} == pytest.approx(asked, rel=1e-12)
    assert len(asked) == 4


def test_group_is_not_shown_before_it_is_computed_or_with_four(client, token, closed, her, series, now, by):
    assert own_weights(handover.own_page(token)).experts == 0
    assert "no-group" in mine(client, token).content.decode()
    Panelist.objects.filter(code__in=["P5", "P6"]).update(withdrawn_at=now())
    requested = request_consensus(series, round_uid=closed.uid, method=ConsensusMethod(), **by)
    compute_consensus(requested.pk, now=now)
    assert Consensus.objects.get().experts == 4

    weights = own_weights(handover.own_page(token))

    assert weights.experts == 0
    assert {(row.group, row.group_local, row.low) for row in weights.rows} == {(None, None, None)}


def test_page_tells_answers_weights_and_the_frozen_receipt(client, token, frozen):
    page = mine(client, token).content.decode()
    receipt = handover.own_page(token).rounds[0].receipt

    assert "times as much as" in page
    assert "own-weights" in page
    assert receipt in page
    assert "It stands in the frozen list" in page
    assert "Found in the published list" not in page
    assert "Name 1" not in page


def test_receipt_is_found_in_the_published_list(client, token, release):
    receipts = own_receipts(handover.own_page(token))
    place = receipts.published[0]
    address = reverse(
        "scoring:file",
        kwargs={"series": place.series, "edition": place.edition, "number": place.number, "name": "receipts.csv"},
    )

    page = mine(client, token).content.decode()

    assert f'href="{address}"' in page
    assert place.receipt in client.get(address).content.decode().split()


def test_receipt_that_is_in_no_list_is_not_found(client, panel, opened, release):
    """The seventh panelist handed nothing in."""
    token = personal_token(panel.panelists.get(code="P7"))

    assert own_receipts(handover.own_page(token)).published == ()


def test_page_is_hers_alone(client, token, closed, panel):
    other = personal_token(panel.panelists.get(code="P2"))
    assert mine(client, other).url == reverse("surveys:invitation", kwargs={"token": other})
    assert mine(client, "en-unknown").status_code == 404

    client.cookies.clear()
    assert mine(client, token).url == reverse("surveys:invitation", kwargs={"token": token})


def test_page_is_not_kept_or_listed(client, token, closed):
    response = mine(client, token)

    assert "no-store" in response["Cache-Control"]
    assert response["X-Robots-Tag"] == "noindex"


def test_consensus_runs_on_a_round_that_follows(client, token, closed, panel, version, series, her, now, by):
    second = open_round(plan_round(panel, version=version, follows=closed, pairs=[("A", "B")], **by), **by)
    record_judgement(her, second, a="A", b="B", value=9, at=now())
    submit_round(her, second, at=now())
    close_round(second, **by)

    requested = request_consensus(series, round_uid=second.uid, method=ConsensusMethod(), **by)
    compute_consensus(requested.pk, now=now)

    requested.refresh_from_db()
    assert (requested.state, requested.experts) == ("done", 6)
    assert handover.closed_round(second.uid).judgements.nodes[0].matrices[0, 0, 1] == 9
    weights = own_weights(handover.own_page(token))
    assert (weights.round_number, weights.experts) == (2, 6)
    assert {row.name: row for row in weights.rows}["A1"].own is not None  # the first round's answers are carried over


# --- the command ----------------------------------------------------------------------------------------------------


@pytest.fixture
def files(client, token, release, tmp_path):
    """Her file and the release's zip, as downloaded."""
    own, bundle = tmp_path / "answers.json", tmp_path / "release.zip"
    own.write_bytes(client.get(reverse("surveys:download", kwargs={"token": token, "name": "answers.json"})).content)
    bundle.write_bytes(bytes(release.bundle.zip))
    return own, bundle


def test_command_finds_receipt_and_answers(manage, files):
    done = manage("check_receipt", *files)

    assert done.returncode == 0, done.stderr
    assert json.loads(files[0].read_text())["rounds"][0]["receipt"] in done.stdout
    assert "6 answers" in done.stdout


@pytest.mark.parametrize(
    ("break_it", "told"),
    [
        (lambda one: one["receipt_inputs"][2][0].__setitem__(3, "7"), "the receipt is not that of the answers"),
        (lambda one: one.update(receipt="0" * 64), "none of the receipts is in the list"),
        (lambda one: one.update(receipt=None), "holds no receipt"),
        (lambda one: one.pop("receipt_inputs"), "is no file of an expert's answers"),
    ],
)
def test_command_refuses_what_does_not_hold(manage, files, break_it, told):
    content = json.loads(files[0].read_text())
    break_it(content["rounds"][0])
    files[0].write_text(json.dumps(content))

    done = manage("check_receipt", *files)

    assert done.returncode == 2
    assert told in done.stderr


def test_command_refuses_files_that_are_none(manage, files, tmp_path):
    broken = tmp_path / "broken.json"
    broken.write_text("{")

    assert manage("check_receipt", broken, files[1]).returncode == 2
    assert manage("check_receipt", files[0], broken).returncode == 2
    assert manage("check_receipt", tmp_path / "nothing.json", files[1]).returncode == 2
