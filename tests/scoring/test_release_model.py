"""The model of a release, read from its files: as published, and refused by name where it is broken."""

import csv
import io
import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from exchange.problems import FileProblemsError
from scoring.files.frozen import FrozenMethod
from scoring.files.release_model import INPUTS, read_release_model, read_weight_draws
from scoring.numerics.errors import NoYardstickError
from scoring.numerics.robustness.what_if import what_if
from scoring.queries.explore import release_model
from tests.scoring.exploring import files_of

pytestmark = pytest.mark.django_db


def test_field_is_the_release_as_published(release, field):
    published = {unit.code: unit for unit in release.units.filter(rank__isnull=False)}
    nominal = field.nominal

    assert set(nominal.units) == set(published)
    for position, unit in enumerate(nominal.units):
        assert (nominal.ranks[position], nominal.tiers[position]) == (published[unit].rank, published[unit].tier)
        assert nominal.scores[position] == pytest.approx(published[unit].score, rel=1e-10)


def test_field_draws_the_weights_of_the_release(release, field):
    drawn = FrozenMethod.from_content(release.edition.freezes.get().content).question(field.nominal.steps["screened"])
    own = drawn.weight_draws()

    assert field.covers == ("weights", "normalise", "leave_one_indicator")
    assert field.draws.codes == own.codes
    assert field.draws.local == pytest.approx(own.local, rel=1e-11)
    assert field.draws.weights == pytest.approx(own.weights, rel=1e-10)


def test_interval_of_an_unchanged_city_is_the_published_one(release, field):
    for unit in release.units.filter(rank__isnull=False):
        found = what_if(field, unit.code, {})
        assert (found.rank_low, found.rank_high) == (pytest.approx(unit.rank_low), pytest.approx(unit.rank_high))


def test_release_without_draws_of_weights_varies_the_rest(release):
    field = read_release_model(files_of(release, without=["robustness/weight_draws.csv"]))

    assert (field.draws, field.covers) == (None, ("normalise", "leave_one_indicator"))


@pytest.mark.parametrize("lost", INPUTS)
def test_release_without_what_is_needed_is_refused_by_name(release, lost):
    with pytest.raises(NoYardstickError) as refused:
        read_release_model(files_of(release, without=[lost]))
    assert refused.value.facts == {"files": [lost]}


def test_summary_without_a_yardstick_is_refused_by_name(release):
    files = files_of(release)
    summary = json.loads(files["summary.json"])
    del summary["yardstick"]
    with pytest.raises(NoYardstickError):
        read_release_model(files | {"summary.json": json.dumps(summary).encode()})


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (lambda rows: [rows[0][1:], *[row[1:] for row in rows[1:]]], "the column is not there"),
        (lambda rows: [[*rows[0], "Z9"], *[[*row, "1"] for row in rows[1:]]], "the framework names no such criterion"),
        (lambda rows: rows[:1], "there is no draw below the header"),
        (lambda rows: [rows[0], [rows[1][0], "-0.5", *rows[1][2:]], *rows[2:]], "is not a number of 0 or more"),
        (lambda rows: [rows[0], [rows[1][0], "", *rows[1][2:]], *rows[2:]], "is not a number of 0 or more"),
        (lambda rows: [rows[0], [rows[1][0], "x", *rows[1][2:]], *rows[2:]], "is not a number"),
        (lambda rows: [rows[0], rows[2], rows[1], *rows[3:]], "the draws are not numbered one by one"),
    ],
)
def test_broken_draws_are_refused_with_their_place(release, field, change, what):
    rows = list(csv.reader(io.StringIO(files_of(release)["robustness/weight_draws.csv"].decode())))
    text = "\n".join(",".join(row) for row in change(rows)) + "\n"

    with pytest.raises(FileProblemsError) as refused:
        read_weight_draws("weight_draws.csv", text.encode(), field.tree)
    assert what in {problem.what for problem in refused.value.problems}


def test_field_is_read_once_a_process(head):
    def queries():
        with CaptureQueriesContext(connection) as captured:
            release_model.release_model(head)
        return len(captured)

    assert [queries(), queries()] == [1, 0]
