"""A small framework, panel and open round, made through the use-cases."""

from datetime import UTC, datetime

import pytest

from accounts.models import Role, Series, User
from accounts.usecases.roles import give_role
from surveys.usecases.frameworks import create_framework, freeze_framework
from surveys.usecases.judgements import record_judgement
from surveys.usecases.panels import add_panelist, create_panel
from surveys.usecases.rounds import open_round, plan_round
from surveys.values.framework import FrameworkRow

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def small_framework():
    """A root with three pillars, the first with three indicators, the others with one."""
    rows = [FrameworkRow("Root", None, kind="Aggregate", names={"en": "Smart city", "ar": "مدينة ذكية"})]
    rows += [FrameworkRow(code, "Root", kind="Aggregate", names={"en": code}) for code in ("A", "B", "C")]
    rows += [
        FrameworkRow(code, "A", names={"en": code}, definitions={"en": f"About {code}"}) for code in ("A1", "A2", "A3")
    ]
    rows += [FrameworkRow("B1", "B", direction=-1, names={"en": "B1"}), FrameworkRow("C1", "C", names={"en": "C1"})]
    return rows


@pytest.fixture(autouse=True)
def _links_last(settings):
    """Count the days of links from this day, whatever day it is: what is told to have happened at NOW is not long ago."""
    settings.LINK_DAYS += max(0, (datetime.now(UTC) - NOW).days)


@pytest.fixture
def now():
    return NOW


@pytest.fixture
def series(db):
    return Series.objects.create(slug="las", names={"en": "LAS ranking"}, created_at=NOW, contact="desk@example.org")


@pytest.fixture
def version(db):
    draft = create_framework(slug="city", names={"en": "City"}, rows=small_framework(), by="mo", at=NOW)
    return freeze_framework(draft, by="mo", at=NOW)


@pytest.fixture
def panel(series):
    panel = create_panel(series, slug="panel", names={"en": "Panel"}, by="mo", at=NOW)
    for number in (2, 1, 3):
        add_panelist(
            panel,
            code=f"P{number}",
            email=f"p{number}@example.org",
            name=f"Name {number}",
            group="academia" if number < 3 else "industry",
            language="ar" if number == 2 else "en",
            by="mo",
            at=NOW,
        )
    return panel


@pytest.fixture
def planned(panel, version):
    return plan_round(panel, version=version, seed=7, by="mo", at=NOW)


@pytest.fixture
def opened(planned):
    return open_round(planned, by="mo", at=NOW)


@pytest.fixture
def panelists(panel):
    return {panelist.code: panelist for panelist in panel.panelists.all()}


@pytest.fixture
def answer_all(now):
    """Answer every pair of a round with one value."""

    def answer(panelist, round_, value=2.0):
        for comparison in round_.comparisons.select_related("a", "b"):
            record_judgement(panelist, round_, a=comparison.a.code, b=comparison.b.code, value=value, at=now)

    return answer


@pytest.fixture
def people(series, now):
    """Alice moderates the series, Bob another one, Charlie is a partner."""
    other = Series.objects.create(slug="other", names={"en": "Other"}, created_at=now)
    alice, bob, charlie = (User.objects.create_user(name) for name in ("alice", "bob", "charlie"))
    give_role(alice, series=series, kind=Role.Kind.MODERATOR, by="mo", at=now)
    give_role(bob, series=other, kind=Role.Kind.MODERATOR, by="mo", at=now)
    give_role(charlie, series=series, kind=Role.Kind.OBSERVER, by="mo", at=now)
    return {"alice": alice, "bob": bob, "charlie": charlie}
