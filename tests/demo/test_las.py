"""What the demonstration's ranking of the League of Arab States tells, for readers who know it."""

import csv
import io

import pytest
from django.core.management import call_command

from scoring.models import Freeze, Release
from scoring.numerics.robustness.advice import reachable
from scoring.queries.explore.advice import advice_page
from scoring.queries.explore.release_model import cached_release_model
from scoring.queries.published.peers import PeerQuery
from scoring.queries.published.release_head import release_head
from scoring.queries.published.unit import profile_page

pytestmark = pytest.mark.django_db(transaction=True)  # computations keep their own transactions


@pytest.fixture
def release():
    call_command("seed_demo", stage="released", series=["las"])
    return Release.objects.get(edition__slug="2024")


def table(release, name):
    content = bytes(release.files.get(name=name).content).decode()
    return {row["iCode"]: row for row in csv.DictReader(io.StringIO(content))}


def test_panel_that_answers_anew_every_year_has_its_rows_published():
    call_command("seed_demo", stage="frozen", series=["las"])

    told = Freeze.objects.order_by("frozen_at").values_list("edition__slug", "content__by_person")
    assert list(told) == [("2023", True), ("2024", True)]


def test_environment_counts_more_than_it_moves(release):
    row = table(release, "importance.csv")["Environment"]

    told = [round(float(row[name]), 3) for name in ("weight", "importance", "correlation")]
    assert told == [0.165, 0.070, -0.371]
    assert float(row["not_explained"]) == 0


def test_advice_knows_levers_and_levels(release):
    model = cached_release_model(release.pk, release.fingerprint)
    everybody = [unit for unit, rank in zip(model.nominal.units, model.nominal.ranks, strict=True) if rank]
    codes = {unit.names["en"]: unit.code for unit in release.units.all()}
    baghdad, cairo = (reachable(model, codes[name], everybody) for name in ("Baghdad", "Cairo"))

    assert ("PortDist", "nobody") in {(one.indicator, one.reason) for one in baghdad.would_not_help}
    assert "PortDist" not in {one.indicator for one in baghdad.steps}
    air = next(one for one in cairo.steps if (one.indicator, one.goal) == ("PM25", "best"))
    assert (cairo.rank, air.rank, air.together) == (62, 34, 25)
    alone = model.official.own(codes["Cairo"], [{codes["Cairo"]: {"PM25": air.value}}])[1]
    assert alone[0, 0] == 33


def test_what_is_the_countrys_to_change_stands_apart(client, release):
    """98 % of the differences lie between countries: a mayor is not told what a government would have to do."""
    code = next(unit.code for unit in release.units.all() if unit.names["en"] == "Cairo")
    page = advice_page(release_head("las", "2024"), code, PeerQuery(), {})
    shown = client.get(f"/s/las/2024/v1.0/units/{code}/advice/").content.decode()

    assert page.is_apart
    assert page.country_steps
    assert all(step.is_national for step in page.country_steps)
    assert not any(step.is_national for step in (*page.first_steps, *page.more_steps))
    assert "For Egypt, not for the city alone" in shown


def test_who_has_one_airport_as_many_others_is_not_weak_in_them(release):
    head = release_head("las", "2024")
    weak, shared = set(), set()
    for unit in release.units.filter(rank__isnull=False):
        points = profile_page(head, unit.code).against_all
        weak |= {value.value for value in points.weak if value.criterion.code == "Airports"}
        shared |= {(one.value.value, one.units) for one in points.unclaimed if one.value.criterion.code == "Airports"}

    assert (weak, shared) == ({0.0}, {(1.0, 52)})
