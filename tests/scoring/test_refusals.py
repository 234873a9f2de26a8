"""What use-cases refuse by name, and what work does when the database fails under it."""

import uuid
from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.db import OperationalError, connection, transaction

from scoring.errors import BadEditionError, DatasetError, MissingPartError
from scoring.files.sources import Source
from scoring.models import Consensus, Edition, SeriesCountry
from scoring.usecases import jobs
from scoring.usecases.consensus import compute_consensus, request_consensus
from scoring.usecases.datasets import load_dataset
from scoring.usecases.edition_data import request_scoring
from scoring.usecases.editions import check_round, create_edition, framework_of
from scoring.usecases.freezes import freeze_method
from scoring.usecases.members import add_member
from surveys.usecases.frameworks import revise_framework
from surveys.usecases.panels import create_panel
from surveys.usecases.withdrawals import withdraw

pytestmark = pytest.mark.django_db


@pytest.fixture
def waiting(series, closed, method, by):
    return request_consensus(series, round_uid=closed.uid, method=method, **by)


def test_edition_asks_panels_of_its_series_alone(series, version, by):
    strange = uuid.uuid4()
    with pytest.raises(BadEditionError) as refused:
        create_edition(series, slug="2027", framework_uid=version.uid, panel_uids=[strange], **by)
    assert refused.value.facts == {"field": "panels", "got": [strange]}
    assert not Edition.objects.exists()


@pytest.mark.parametrize("uid", [None, uuid.UUID(int=1)])
def test_framework_that_is_not_there_is_named(db, uid):
    with pytest.raises(MissingPartError) as refused:
        framework_of(uid)
    assert refused.value.facts == {"part": "framework"}


def test_consensus_of_another_round_panel_or_framework_is_not_chosen(edition, series, version, consensus, by):
    other = create_panel(series, slug="other", names={"en": "Other"}, **by)
    revised = revise_framework(version.framework, rows=framework_of(version.uid).rows, **by)
    assert check_round(edition, consensus).uid == consensus.round_uid
    for part, strange in {
        "framework": edition_of(edition, framework_uid=revised.uid),
        "round": edition_of(edition, panel_uid=other.uid),
    }.items():
        with pytest.raises(MissingPartError) as refused:
            check_round(strange, consensus)
        assert refused.value.facts == {"part": part}
    consensus.round_uid = uuid.uuid4()
    with pytest.raises(MissingPartError) as refused:
        check_round(edition, consensus)
    assert refused.value.facts == {"part": "round"}


def edition_of(edition, *, framework_uid=None, panel_uid=None):
    """Another edition of the series, on another framework or asking another panel."""
    made = create_edition(
        edition.series,
        slug=f"other-{Edition.objects.count()}",
        framework_uid=edition.framework_uid,
        panel_uids=[panel_uid or edition.panels.get().panel_uid],
        by="mo",
        at=edition.created_at,
    )
    made.framework_uid = framework_uid or edition.framework_uid
    made.save(update_fields=["framework_uid"])
    return made


def test_draft_framework_is_not_frozen_into_a_method(edition, version, by):
    draft = revise_framework(version.framework, rows=framework_of(version.uid).rows, **by)
    Edition.objects.filter(pk=edition.pk).update(framework_uid=draft.uid)
    with pytest.raises(MissingPartError) as refused:
        freeze_method(edition, **by)
    assert refused.value.facts == {"part": "framework"}


def test_edition_without_data_is_not_scored(frozen, by):
    with pytest.raises(MissingPartError) as refused:
        request_scoring(frozen, **by)
    assert refused.value.facts == {"part": "dataset"}


# --- data ---------------------------------------------------------------------------------------------------------------


def problems(series, version, table, by, **more):
    with pytest.raises(DatasetError) as refused:
        load_dataset(series, framework_uid=version.uid, table=table, **more, **by)
    return [(one.file, one.column, one.what) for one in refused.value.facts["problems"]]


def test_data_under_no_framework_are_refused(series, make_table, by):
    with pytest.raises(MissingPartError) as refused:
        load_dataset(series, framework_uid=uuid.uuid4(), table=make_table(), **by)
    assert refused.value.facts == {"part": "framework"}


def test_columns_of_another_framework_are_named_one_by_one(series, version, make_table, make_units, by):
    table = make_table()
    other = replace(table, columns=("A1", "A2", "A3", "B1", "C9"))
    assert problems(series, version, other, by, units=make_units()) == [
        ("data", "C1", "the indicator has no column"),
        ("data", "C9", "the framework has no such indicator"),
    ]


def test_data_without_any_value_are_refused(series, version, make_table, make_units, by):
    table = make_table()
    empty = table.with_values(table.values * float("nan"))
    assert problems(series, version, empty, by, units=make_units()) == [("data", None, "there is no value")]


def test_every_source_of_what_is_not_there_is_named(series, version, make_table, make_units, make_sources, by):
    good = make_sources()[0]
    sources = [
        good,
        good,
        Source("U1", "A1", "1999"),
        Source("U99", "A1", ""),
        Source("U1", "Z9", "2025"),
        Source("U3", "A2", "2025"),
    ]
    found = problems(series, version, make_table(), by, units=make_units(), sources=sources)
    assert [(file, column) for file, column, _ in found] == [
        ("sources", "iCode"),
        ("sources", "uCode"),
        ("sources", "uCode"),
        ("sources", "iCode"),
        ("sources", "iCode"),
    ]
    assert [what for *_, what in found[:3]] == [
        "U1 has two sources of A1",
        "the data have no such unit at 1999",
        "the data have no such unit",
    ]
    assert found[3][2].startswith("the data have no such indicator")
    assert found[4][2] == "U3 has no value of A2"


def test_country_that_nobody_names_is_refused(series, version, make_table, make_units, by):
    units = [replace(unit, country="XXX", country_names={}) for unit in make_units()]
    assert problems(series, version, make_table(), by, units=units) == [
        ("units", "country", "nobody knows this country, and no row names it")
    ]


def test_country_joins_a_region_once_for_each_date(series, by):
    for since in (date(1945, 3, 22), date(1945, 3, 22), date(1989, 5, 1)):
        add_member(series, code="EGY", names={"en": "Egypt"}, since=since, source="the league", **by)
    found = SeriesCountry.objects.order_by("since").values_list("country__code", "since", "source")
    assert list(found) == [("EGY", date(1945, 3, 22), "the league"), ("EGY", date(1989, 5, 1), "the league")]


# --- work ---------------------------------------------------------------------------------------------------------------


def test_row_that_cannot_be_handed_back_waits_for_the_sweep(waiting, now, caplog):
    def work(claim):
        transaction.set_rollback(True)  # from here the database answers nothing
        raise OperationalError("the database is gone")

    with pytest.raises(OperationalError):
        jobs.perform(Consensus, waiting.pk, work, now=now)
    transaction.set_rollback(False)
    waiting.refresh_from_db()
    assert waiting.state == "running"
    assert f"Consensus {waiting.pk} waits for the sweep" in caplog.text
    assert jobs.sweep(at=now() + timedelta(days=1)) == [(Consensus, waiting.pk)]


def test_beat_that_is_not_heard_does_not_end_the_work(waiting, now, caplog):
    Consensus.objects.update(state="running")
    claim = jobs.Claim(waiting, waiting.attempt, now)
    assert jobs._heard(claim) is True
    transaction.set_rollback(True)
    assert jobs._heard(claim) is True
    transaction.set_rollback(False)
    assert f"Consensus {waiting.pk}: a beat was not heard" in caplog.text
    Consensus.objects.update(state="cancelled")
    assert jobs._heard(claim) is False


def test_row_that_a_worker_claims_during_the_sweep_is_left_to_it(waiting, now):
    claimed = []

    def neighbour(execute, sql, params, many, context):
        if sql.startswith("UPDATE") and not claimed:
            claimed.append(waiting.pk)
            Consensus.objects.filter(pk=waiting.pk).update(state="running", attempt=1)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(neighbour):
        assert jobs.sweep(at=now() + timedelta(days=1)) == []
    waiting.refresh_from_db()
    assert (claimed, waiting.state, waiting.attempt) == ([waiting.pk], "running", 1)


def test_somebody_who_withdraws_before_the_computation_fails_it_by_name(waiting, panel, now):
    withdraw(panel.panelists.get(code="P1"), at=now())
    assert compute_consensus(waiting.pk, now=now) is False
    waiting.refresh_from_db()
    assert (waiting.state, waiting.error_code, waiting.result) == ("failed", "judgements_changed", None)
