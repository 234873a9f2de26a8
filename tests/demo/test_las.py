"""What the demonstration's ranking of the League of Arab States tells, for readers who know it."""

import csv
import io

import pytest
from django.core.management import call_command

from scoring.models import Release

pytestmark = pytest.mark.django_db(transaction=True)  # computations keep their own transactions


@pytest.fixture
def release():
    call_command("seed_demo", stage="released", series=["las"])
    return Release.objects.get(edition__slug="2024")


def table(release, name):
    content = bytes(release.files.get(name=name).content).decode()
    return {row["iCode"]: row for row in csv.DictReader(io.StringIO(content))}


def test_environment_counts_more_than_it_moves(release):
    row = table(release, "importance.csv")["Environment"]

    told = [round(float(row[name]), 3) for name in ("weight", "importance", "correlation")]
    assert told == [0.165, 0.070, -0.371]
    assert float(row["not_explained"]) == 0
