"""Editions of the demonstration, built by its own seed, for journeys in a real browser."""

import pytest

from config.demo.seed import seed

PHONE = {"width": 360, "height": 640}


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
