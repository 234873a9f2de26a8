"""A small edition, made through the use-cases up to the moment a test asks for."""

import os
import subprocess
import sys
from datetime import UTC, date, datetime

import numpy as np
import pytest

from accounts.models import Series
from accounts.rules import others_with
from scoring.files.licences import SourceLicence
from scoring.files.sources import Source
from scoring.files.unit_lists import ListedUnits, PlannedSource
from scoring.files.units import UnitRow
from scoring.numerics.types import ConsensusMethod, Table
from scoring.queries.explore import release_model
from scoring.queries.published.release_head import release_head
from scoring.states import capability
from scoring.usecases.approvals import approve_method, ask_approval
from scoring.usecases.consensus import compute_consensus, request_consensus
from scoring.usecases.datasets import load_dataset
from scoring.usecases.edition_data import request_scoring, score_edition, use_dataset
from scoring.usecases.editions import choose_consensus, create_edition, settle_recipe
from scoring.usecases.freezes import freeze_method
from scoring.usecases.releases import build_bundle, release_edition
from scoring.usecases.unit_lists import settle_units
from surveys.usecases.frameworks import create_framework, freeze_framework
from surveys.usecases.judgements import record_judgement
from surveys.usecases.panels import add_panelist, create_panel
from surveys.usecases.rounds import close_round, open_round, plan_round
from surveys.usecases.submissions import submit_round
from surveys.values.framework import FrameworkRow

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
BY = {"by": "mo", "at": NOW}
SCREENED = """
version = 1
[screen]
unit_availability = 0.6
"""
RECIPE = f"""{SCREENED}
[robustness]
draws = 40
seed = 3
factors = ["weights", "normalise", "leave_one_indicator"]
"""
INDICATORS = ("A1", "A2", "A3", "B1", "C1")


def framework_rows():
    return [
        FrameworkRow("Root", None, kind="Aggregate", names={"en": "Smart city", "ar": "مدينة ذكية"}),
        *(FrameworkRow(code, "Root", kind="Aggregate", names={"en": f"Pillar {code}"}) for code in "ABC"),
        *(FrameworkRow(code, "A", names={"en": code}, definitions={"en": f"About {code}"}) for code in INDICATORS[:3]),
        FrameworkRow("B1", "B", direction=-1, names={"en": "B1"}, target=0.1),
        FrameworkRow("C1", "C", names={"en": "C1"}, source="somewhere", extra={"note": "kept"}),
        FrameworkRow("Region", None, kind="Group", names={"en": "Region"}),
    ]


@pytest.fixture(autouse=True)
def _links_last(settings):
    """Count the days of links from this day, whatever day it is: what is told to have happened at NOW is not long ago."""
    settings.LINK_DAYS += max(0, (datetime.now(UTC) - NOW).days)


@pytest.fixture
def now():
    return lambda: NOW


@pytest.fixture
def by():
    """Who does it, and when."""
    return BY


@pytest.fixture
def series(db):
    return Series.objects.create(
        slug="las", names={"en": "LAS ranking", "ar": "تصنيف"}, is_demonstration=True, created_at=NOW
    )


@pytest.fixture
def version(db):
    draft = create_framework(slug="city", names={"en": "City"}, rows=framework_rows(), **BY)
    return freeze_framework(draft, **BY)


@pytest.fixture
def panel(series):
    panel = create_panel(series, slug="panel", names={"en": "Panel"}, is_simulated=True, **BY)
    for number in range(1, 8):
        add_panelist(
            panel, code=f"P{number}", name=f"Name {number}", group="academia" if number < 6 else "industry", **BY
        )
    return panel


@pytest.fixture
def opened(panel, version):
    """An open round in which six of seven answered and handed in, one left a pair open."""
    round_ = open_round(plan_round(panel, version=version, seed=7, **BY), **BY)
    pairs = list(round_.comparisons.select_related("a", "b").order_by("pk"))
    for at, panelist in enumerate(panel.panelists.order_by("code")[:6]):
        for number, pair in enumerate(pairs):
            if (at, number) != (2, 1):
                value = (1, 2, 3, 1 / 2, 5, 1 / 3)[(at + number) % 6]
                record_judgement(panelist, round_, a=pair.a.code, b=pair.b.code, value=value, at=NOW)
        submit_round(panelist, round_, at=NOW)
    return round_


@pytest.fixture
def closed(opened):
    return close_round(opened, **BY)


def unit_list(**others):
    """The eight cities of `table`, with their regions and where their values are to come from."""
    fields = {
        "rule": {"en": "Cities above 100,000 people.", "ar": "مدن يزيد سكانها على 100000 نسمة."},
        "units": tuple(unit_rows()),
        "sources": (
            PlannedSource("A1", "Office, 2025", 2023, 2024),
            PlannedSource("A1", "Atlas", 2024, 2024),
            *(PlannedSource(code, "Office, 2025", 2024, 2024) for code in INDICATORS[1:]),
        ),
        "groups": {"Region": ("N", "S") * 4},
    }
    return ListedUnits(**fields | others)


@pytest.fixture
def make_list():
    return unit_list


@pytest.fixture
def edition(series, panel, version):
    """An edition whose list of units is settled."""
    edition = create_edition(series, slug="2026", framework_uid=version.uid, panel_uids=[panel.uid], **BY)
    settle_units(edition, listed=unit_list(), **BY)
    edition.refresh_from_db()
    return edition


@pytest.fixture
def method():
    return ConsensusMethod(draws=40, seed=5)


@pytest.fixture
def consensus(series, closed, method, now):
    requested = request_consensus(series, round_uid=closed.uid, method=method, **BY)
    compute_consensus(requested.pk, now=now)
    requested.refresh_from_db()
    return requested


@pytest.fixture
def freeze():
    def freeze(edition, consensus):
        settle_recipe(edition, text=RECIPE, **BY)
        choose_consensus(edition, consensus=consensus, **BY)
        if edition.unit_list is None:
            settle_units(edition, listed=unit_list(), **BY)
        freeze_method(approved(edition), **BY)
        edition.refresh_from_db()
        return edition

    return freeze


def approved(edition):
    """The edition, with what is to be frozen approved by a second person where the series has one."""
    if others_with(edition.series, capability("approve_method"), but=BY["by"], at=NOW):
        asked = ask_approval(edition, **BY)
        approve_method(edition, fingerprint=asked.fingerprint, by="second", at=NOW)
    return edition


@pytest.fixture
def frozen(edition, consensus, freeze):
    """The edition with its method frozen."""
    return freeze(edition, consensus)


def table(shift=0.0):
    """Eight cities, two of them with gaps; the last has too few values to be ranked."""
    values = np.random.default_rng(1).random((8, 5)).round(4) * 100
    values[2, 1] = values[7, 0] = values[7, 2] = values[7, 3] = np.nan
    values[0, 0] += shift
    codes = tuple(f"U{number}" for number in range(1, 9))
    return Table(
        units=codes,
        names=tuple(f"City {code}" for code in codes),
        times=("2025",) * 8,
        columns=INDICATORS,
        values=values,
        groups={"Region": ("N", "S") * 4},
    )


def unit_rows():
    return [
        UnitRow(
            code=f"U{number}",
            names={"en": f"City U{number}", "ar": f"مدينة {number}"},
            aliases=(f"Town {number}",),
            country="MAR",
            country_names={"en": "Morocco", "ar": "المغرب"},
            population=number * 100_000,
            latitude=30.5,
            longitude=-6.25,
        )
        for number in range(1, 9)
    ]


def sources():
    return [
        Source("U1", "A1", "2025", 2024, "city", "Office, 2025", given=True),
        Source("U2", "A1", "2025", 2023, "country", "Atlas", given=False),
    ]


def licences():
    """Every source of the data may be passed on, also what names none."""
    return [SourceLicence(source, "CC BY 4.0", date(2026, 2, 1), True) for source in ("", "Atlas", "Office, 2025")]


@pytest.fixture
def dataset(series, version):
    sent = {"table": table(), "sources": sources(), "units": unit_rows(), "licences": licences()}
    return load_dataset(series, framework_uid=version.uid, **sent, note="first", **BY)


@pytest.fixture
def corrected(series, version, dataset):
    return load_dataset(
        series, framework_uid=version.uid, table=table(30.0), sources=sources(), licences=licences(), **BY
    )


@pytest.fixture
def scored(frozen, dataset, now):
    """The edition with its data scored."""
    use_dataset(frozen, dataset=dataset, **BY)
    score_edition(request_scoring(frozen, **BY).pk, now=now)
    frozen.refresh_from_db()
    return frozen


@pytest.fixture
def release(scored, now):
    release = release_edition(scored, **BY)
    build_bundle(release.bundle.pk, now=now)
    release.bundle.refresh_from_db()
    return release


@pytest.fixture
def head(release):
    return release_head("las", "2026")


@pytest.fixture
def field(head):
    return release_model.release_model(head)


@pytest.fixture
def last(release):
    """The city with the last rank."""
    return release.units.filter(rank__isnull=False).order_by("-rank").first().code


@pytest.fixture
def short_silence(monkeypatch, settings):
    """Workers count as gone after three seconds, here and in the worker; on a busy machine a living one is as late as two."""
    monkeypatch.setenv("STALE_AFTER_SECONDS", "3")
    settings.STALE_AFTER_SECONDS = 3


@pytest.fixture
def make_table():
    return table


@pytest.fixture
def make_units():
    return unit_rows


@pytest.fixture
def make_sources():
    return sources


@pytest.fixture
def make_licences():
    return licences


@pytest.fixture
def manage(tmp_path, root):
    """Run manage.py as the analyst does: as a process of its own, with no database and no broker to be found."""

    def command(*words, **variables):
        nowhere = {"DATABASE_URL": "postgres://nobody@127.0.0.1:1/none", "REDIS_URL": "redis://127.0.0.1:1/0"}
        return subprocess.run(
            [sys.executable, root / "manage.py", *map(str, words)],
            env=os.environ | nowhere | {"VAR": str(tmp_path / "var")} | variables,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )

    return command
