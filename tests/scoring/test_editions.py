"""Method first, then data, then scores."""

import json
from dataclasses import replace

import numpy as np
import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from scoring.errors import (
    BadEditionError,
    DatasetError,
    EditionStateError,
    FrozenError,
    JudgementsChangedError,
    MissingPartError,
)
from scoring.files.digits import fingerprint, sha256
from scoring.files.frozen import FrozenMethod
from scoring.files.sources import Source
from scoring.models import Dataset, Freeze, Observation, Unit
from scoring.numerics.ahp.disclosure import disclosed, recoded
from scoring.queries.datasets import content_of
from scoring.queries.published.catalogue import edition_page
from scoring.recipe import RecipeError
from scoring.usecases.consensus import compute_consensus, request_consensus
from scoring.usecases.datasets import load_dataset
from scoring.usecases.edition_data import request_scoring, score_edition, use_dataset
from scoring.usecases.editions import choose_consensus, create_edition, settle_recipe
from scoring.usecases.freezes import freeze_method
from surveys import handover
from surveys.files.judgements import write_judgements
from surveys.models import Panelist, PublicationCode, Round
from surveys.queries.promises import promises_of
from surveys.usecases.frameworks import create_framework, freeze_framework
from surveys.usecases.panels import add_panelist, create_panel
from surveys.usecases.rounds import open_round, plan_round
from surveys.usecases.withdrawals import withdraw

pytestmark = pytest.mark.django_db


def test_edition_slug_stands_once_in_a_series(series, edition, version, by):
    with pytest.raises(BadEditionError) as refused:
        create_edition(series, slug="2026", framework_uid=version.uid, panel_uids=[], **by)
    assert refused.value.facts["field"] == "slug"


def test_recipe_naming_an_unknown_indicator_is_refused(edition, by):
    with pytest.raises(RecipeError, match="the framework has no Z9"):
        settle_recipe(edition, text='[normalise.indicators.Z9]\nmethod = "rank"\n', **by)


def test_same_choices_are_the_same_recipe(edition, by):
    first = settle_recipe(edition, text="version = 1\n", **by)
    second = settle_recipe(edition, text="# the same, written otherwise\nversion = 1\n[impute]\n", **by)
    assert (first.pk, second.number) == (second.pk, 1)


@pytest.mark.parametrize("lacking", ["recipe", "consensus"])
def test_freeze_names_what_is_missing(edition, consensus, lacking, by):
    if lacking != "recipe":
        settle_recipe(edition, text="version = 1\n", **by)
    if lacking != "consensus":
        choose_consensus(edition, consensus=consensus, **by)
    with pytest.raises(MissingPartError) as refused:
        freeze_method(edition, **by)
    assert refused.value.facts["part"] == lacking


def test_freeze_waits_for_the_consensus(edition, series, closed, method, by):
    settle_recipe(edition, text="version = 1\n", **by)
    asked = request_consensus(series, round_uid=closed.uid, method=replace(method, seed=9), **by)
    choose_consensus(edition, consensus=asked, **by)
    with pytest.raises(MissingPartError) as refused:
        freeze_method(edition, **by)
    assert refused.value.facts["part"] == "consensus"


def test_freeze_holds_everything_and_locks_the_round(frozen, closed, consensus):
    freeze = Freeze.objects.get(edition=frozen)
    fixed = FrozenMethod.from_content(freeze.content)
    assert frozen.state == "frozen"
    assert freeze.fingerprint == fingerprint(freeze.content)
    assert fixed.to_content().items() <= freeze.content.items()
    assert dict(fixed.weights) == dict(consensus.weights.values_list("code", "local_weight"))
    assert len(fixed.receipts) == 6
    codes = PublicationCode.objects.filter(consensus_uid=freeze.consensus.uid).values_list("code", flat=True)
    assert fixed.panel().experts == tuple(sorted(codes))
    assert len(codes) == 6
    assert "Name" not in json.dumps(freeze.content["files"])
    assert Round.objects.get(pk=closed.pk).locked_at == freeze.frozen_at
    promised = {name: freeze.content["round"][name] for name in ("names_shown", "drafts_count", "promise_fingerprint")}
    assert promised == {
        "names_shown": False,
        "drafts_count": False,
        "promise_fingerprint": promises_of(Round.objects.get(pk=closed.pk)).fingerprint,
    }


def test_frozen_method_is_not_frozen_again(frozen, by):
    with pytest.raises(FrozenError):
        freeze_method(frozen, **by)

    assert Freeze.objects.count() == 1


def test_round_is_read_once_between_closing_and_freeze(series, edition, closed, method, now, by):
    settle_recipe(edition, text="version = 1\n", **by)
    with CaptureQueriesContext(connection) as captured:
        asked = request_consensus(series, round_uid=closed.uid, method=method, **by)
        compute_consensus(asked.pk, now=now)
        choose_consensus(edition, consensus=asked, **by)
        freeze_method(edition, **by)

    assert sum('"surveys_judgement"."value"' in query["sql"] for query in captured) == 1
    content = Freeze.objects.get(edition=edition).content
    pairs = PublicationCode.objects.filter(consensus_uid=asked.uid).values_list("panelist__uid", "code")
    codes = {(str(uid), ""): code for uid, code in pairs}
    panel = recoded(disclosed(handover.closed_round(closed.uid).judgements).panel, codes)
    assert content["files"]["judgements.csv"] == write_judgements(panel)
    assert content["consensus"]["input_fingerprint"] == sha256(write_judgements(panel))
    assert tuple(content["receipts"]) == handover.closed_round(closed.uid).receipts


@pytest.mark.parametrize("step", ["asked", "computed"])
def test_withdrawal_in_between_is_found_out(series, edition, closed, panel, method, now, by, step):
    settle_recipe(edition, text="version = 1\n", **by)
    asked = request_consensus(series, round_uid=closed.uid, method=method, **by)
    if step == "computed":
        compute_consensus(asked.pk, now=now)
    withdraw(panel.panelists.get(code="P1"), at=now())

    if step == "asked":
        assert compute_consensus(asked.pk, now=now) is False
        asked.refresh_from_db()
        assert (asked.state, asked.error_code, asked.counted) == ("failed", JudgementsChangedError.code, None)
    else:
        choose_consensus(edition, consensus=asked, **by)
        with pytest.raises(JudgementsChangedError):
            freeze_method(edition, **by)
    assert request_consensus(series, round_uid=closed.uid, method=method, **by).pk != asked.pk


def test_freeze_refuses_judgements_that_changed(edition, consensus, panel, by):
    settle_recipe(edition, text="version = 1\n", **by)
    choose_consensus(edition, consensus=consensus, **by)
    Panelist.objects.filter(panel=panel, code="P1").update(withdrawn_at=by["at"])
    with pytest.raises(JudgementsChangedError):
        freeze_method(edition, **by)
    edition.refresh_from_db()
    assert edition.state == "preparing"


def test_frozen_method_refuses_every_change(frozen, consensus, by):
    for change in (
        lambda: settle_recipe(frozen, text="version = 1\n", **by),
        lambda: choose_consensus(frozen, consensus=consensus, **by),
        lambda: freeze_method(frozen, **by),
    ):
        with pytest.raises(FrozenError):
            change()


def test_data_are_not_opened_before_the_freeze(edition, dataset, by):
    with pytest.raises(EditionStateError):
        use_dataset(edition, dataset=dataset, **by)
    with pytest.raises(EditionStateError):
        request_scoring(edition, **by)


def test_data_of_another_framework_are_not_opened(frozen, series, by, make_table, make_units):
    rows = FrozenMethod.from_content(frozen.freezes.get().content).rows
    other = freeze_framework(create_framework(slug="other", names={"en": "Other"}, rows=rows, **by), **by)
    strange = load_dataset(series, framework_uid=other.uid, table=make_table(), units=make_units(), **by)
    with pytest.raises(MissingPartError):
        use_dataset(frozen, dataset=strange, **by)


def test_dataset_comes_out_as_it_went_in(dataset, make_table, make_sources):
    content = content_of(dataset, dataset_columns := make_table().columns)
    assert np.array_equal(content.table.values, make_table().values, equal_nan=True)
    assert (content.table.units, content.table.columns) == (make_table().units, dataset_columns)
    assert content.table.groups == make_table().groups
    assert [one for one in content.sources if one.source] == make_sources()
    assert len(content.sources) == Observation.objects.count() == 36


def test_reading_a_dataset_needs_two_queries(dataset, django_assert_num_queries, make_table):
    with django_assert_num_queries(2):
        content_of(dataset, make_table().columns)


def test_same_data_are_the_same_version(
    series, version, dataset, corrected, make_table, make_sources, make_licences, by
):
    sent = {"table": make_table(), "sources": make_sources(), "licences": make_licences()}
    again = load_dataset(series, framework_uid=version.uid, **sent, **by)
    assert (again.pk, dataset.number, corrected.number) == (dataset.pk, 1, 2)


def test_unknown_units_are_refused_all_at_once_and_nothing_is_stored(series, version, make_table, by):
    with pytest.raises(DatasetError) as refused:
        load_dataset(
            series,
            framework_uid=version.uid,
            table=make_table(),
            sources=[Source("U3", "A2", "2025"), Source("U1", "A9", "2025")],
            **by,
        )
    assert [str(problem) for problem in refused.value.facts["problems"]][:2] == [
        "data::uCode: nobody knows this unit, allowed a known code, got U1",
        "data::uCode: nobody knows this unit, allowed a known code, got U2",
    ]
    assert [str(problem) for problem in refused.value.facts["problems"]][8:] == [
        "sources:2:iCode: U3 has no value of A2",
        "sources:3:iCode: the data have no such indicator, got A9",
    ]
    assert (Dataset.objects.count(), Unit.objects.count()) == (0, 0)


def test_loaded_data_refuse_change_in_the_database(dataset):
    for change in (
        lambda: Observation.objects.update(value=1.0),
        lambda: Observation.objects.all().delete(),
        lambda: Dataset.objects.update(note="other"),
        lambda: dataset.units.update(time="1999"),
    ):
        with pytest.raises(DatabaseError, match="immutable"), transaction.atomic():
            change()


def test_scoring_keeps_the_files_of_data_and_result(scored):
    scoring = scored.scorings.get()
    steps = [f"steps/{step}.csv" for step in ("1_denominated", "2_screened", "3_imputed", "4_treated", "5_normalised")]
    assert scoring.state == "done"
    assert sorted(name for name in scoring.result if not name.startswith("robustness/")) == [
        "country_shares.json", "data.csv", "importance.csv", "one_person.csv", "scores.csv", "sources.csv", *steps,
        "summary.json", "units.csv",
    ]  # fmt: skip
    assert "robustness/ranks.csv" in scoring.result
    assert scoring.result_fingerprint == fingerprint(scoring.result)
    header, first, *_ = scoring.result["scores.csv"].splitlines()
    assert header == "uCode,uName,rank,tier,rank_low,rank_high,rank_joint_low,rank_joint_high,score,Root,A,B,C"
    assert first.split(",")[2] == "1"
    assert all(first.split(",")[2:6])
    assert first.split(",")[6:8] == ["", ""]  # 40 draws are too few for joint sets
    assert all(first.split(",")[8:])


def test_scoring_is_computed_once(scored, now, by):
    scoring = request_scoring(scored, **by)
    assert scoring.state == "done"
    assert score_edition(scoring.pk, now=now) is False
    assert scored.scorings.count() == 1


def test_data_that_cannot_be_scored_fail_the_scoring_by_name(frozen, dataset, series, version, now, make_table, by):
    table = make_table()
    values = table.values.copy()
    values[:, 3] = 5.0
    constant = load_dataset(series, framework_uid=version.uid, table=table.with_values(values), **by)
    use_dataset(frozen, dataset=constant, **by)
    scoring = request_scoring(frozen, **by)
    assert score_edition(scoring.pk, now=now) is False
    scoring.refresh_from_db()
    assert (scoring.state, scoring.error_code) == ("failed", "constant_indicator")
    assert scoring.error_facts["indicator"] == "B1"


def test_edition_of_two_panels_tells_the_round_of_its_first(series, version, panel, opened, by):
    second = create_panel(series, slug="second", names={"en": "Second"}, **by)
    add_panelist(second, code="Q1", **by)
    open_round(plan_round(second, version=version, seed=7, **by), **by)
    create_edition(series, slug="2026", framework_uid=version.uid, panel_uids=[panel.uid, second.uid], **by)

    assert {edition_page("las", "2026").open_round.uid for _ in range(20)} == {opened.uid}
