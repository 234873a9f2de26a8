"""Editions of the demonstration, built by its own seed, and a panel of six languages, for journeys in a real browser."""

import json
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from accounts.models import Role, Series, User
from demo.seed import seed
from surveys.models import Panelist
from surveys.queries.panelist.links import personal_token
from surveys.usecases.frameworks import create_framework, freeze_framework
from surveys.usecases.judgements import choose_for_node
from surveys.usecases.panels import add_panelist, create_panel
from surveys.usecases.rounds import open_round, plan_round
from surveys.values.framework import FrameworkRow
from tests.conftest import PATIENCE

HERE = Path(__file__).parent
PHONE = {"width": 360, "height": 640}
MISSED = 5_000  # milliseconds for what was taken away, and must be missed


@pytest.fixture
def phone(new_page):
    """Open a page on a phone: ``phone(locale="ar")``."""
    return lambda **options: new_page(viewport=PHONE, **options)


@pytest.fixture
def judging(live_server, transactional_db, settings):
    """ASEAN's round is open, a third of the panel has handed in."""
    settings.PUBLIC_URL = str(live_server)
    seed(stage="judging", seed=7, only=["asean"])


@pytest.fixture
def released(live_server, transactional_db, settings):
    """BRICS 2024 is released."""
    settings.PUBLIC_URL = str(live_server)
    seed(stage="released", seed=7, only=["brics"])


LANGUAGES = ("ar", "zh-hans", "fr", "en", "ru", "pt")
WORDS = {  # a name for every item: "Mobility" and its number, in each language
    "en": ("Smart city", "Dimension", "Indicator", "What it measures:"),
    "ar": ("المدينة الذكية", "البعد", "المؤشر", "ما يقيسه:"),
    "zh": ("智慧城市", "维度", "指标", "衡量内容："),
    "fr": ("Ville intelligente", "Dimension", "Indicateur", "Ce qu’il mesure :"),
    "ru": ("Умный город", "Измерение", "Показатель", "Что измеряет:"),
    "pt": ("Cidade inteligente", "Dimensão", "Indicador", "O que mede:"),
}


def tree_of_six_languages():
    """A goal with four dimensions: D1 of twelve indicators (66 pairs), D2 of six, D3 and D4 of three."""

    def row(code, parent, place, number="", kind="Indicator"):
        names = {language: f"{words[place]} {number}".strip() for language, words in WORDS.items()}
        definitions = {language: f"{words[3]} {names[language]}" for language, words in WORDS.items()}
        return FrameworkRow(code, parent, kind=kind, names=names, definitions=definitions)

    rows = [row("Goal", None, 0, kind="Aggregate")]
    for dimension, size in (("D1", 12), ("D2", 6), ("D3", 3), ("D4", 3)):
        rows.append(row(dimension, "Goal", 1, dimension[1:], kind="Aggregate"))
        rows += [row(f"{dimension}I{n}", dimension, 2, f"{dimension[1:]}.{n}") for n in range(1, size + 1)]
    return rows


@pytest.fixture
def walk(live_server, transactional_db, settings):
    """The walk-throughs' panel: 24 people in six languages (codes P01 to P24, P01 Arabic), its round open for ten days."""
    settings.PUBLIC_URL = str(live_server)
    now = timezone.now()
    by = {"by": "mo", "at": now}
    names = {"en": "LAS smart cities", "ar": "المدن الذكية العربية", "fr": "Villes intelligentes de la Ligue arabe"}
    names |= {"zh": "阿盟智慧城市", "ru": "Умные города ЛАГ", "pt": "Cidades inteligentes da Liga Árabe"}
    series = Series.objects.create(slug="las", names=names, contact="desk@example.org", created_at=now)
    moderator = User.objects.create_user("mo", password="mo")
    Role.objects.create(user=moderator, series=series, kind=Role.Kind.MODERATOR)
    draft = create_framework(slug="walk", names={"en": "Walk"}, rows=tree_of_six_languages(), **by)
    version = freeze_framework(draft, **by)
    panel_names = {
        "en": "Expert panel",
        "ar": "لجنة الخبراء",
        "fr": "Panel d’experts",
        "zh": "专家组",
        "ru": "Экспертная группа",
    }
    panel_names["pt"] = "Painel de especialistas"
    panel = create_panel(series, slug="experts", names=panel_names, names_shown=True, **by)
    for number in range(24):
        add_panelist(
            panel,
            code=f"P{number + 1:02}",
            name=f"Person {number + 1}",
            email=f"p{number + 1:02}@example.org",
            group=("academia", "city", "industry")[number % 3],
            language=LANGUAGES[number % 6],
            time_zone="Africa/Casablanca",
            **by,
        )
    planned = plan_round(panel, version=version, closes_at=now + timedelta(days=10), seed=7, **by)
    return open_round(planned, **by)


def blind(page, selector):
    """Take everything that matches away from every page that is opened from now on: a step's check must then fail."""
    page.add_init_script(
        f"""new MutationObserver(() => document.querySelectorAll({json.dumps(selector)}).forEach((one) => one.remove()))
        .observe(document, {{childList: true, subtree: true}})"""
    )


@pytest.fixture
def panelist(walk):
    """The first who reads English; the long question is left out, so that short ones follow each other."""
    found = Panelist.objects.get(code="P04")
    Panelist.objects.filter(pk=found.pk).update(started_at=timezone.now())
    found.refresh_from_db()
    choose_for_node(found, walk, node="D1", choice="skip", at=timezone.now())
    return found


@pytest.fixture
def link(panelist):
    return f"/p/{personal_token(panelist)}/"


@pytest.fixture
def fails_at():
    """A step that fails, and at which line: ``with fails_at("to_have_count(4)"): step(page)``.

    Any other failure would show nothing: that the step misses what was taken away is seen where it looks for it.
    """

    @contextmanager
    def fails(line):
        expect.set_options(timeout=MISSED)
        try:
            with pytest.raises(AssertionError) as failure:
                yield
        finally:
            expect.set_options(timeout=PATIENCE)
        steps = [str(entry.statement) for entry in failure.traceback[1:] if Path(entry.path).parent == HERE]
        assert [step for step in steps if line in step], f"it failed elsewhere:\n{steps}\n{failure.value}"

    return fails
