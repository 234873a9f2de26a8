"""The log holds no personal link."""

import io
import logging

import pytest

from config.logs import WithoutTokens


@pytest.fixture
def console():
    """What the site's own handler writes."""
    handler = next(
        one for one in logging.getLogger().handlers if any(isinstance(f, WithoutTokens) for f in one.filters)
    )
    before = handler.setStream(stream := io.StringIO())
    yield stream
    handler.setStream(before)


@pytest.mark.django_db
def test_log_of_a_refused_page_holds_no_token(client, console):
    client.get("/p/AbC-dEf_123/review/?next=1")
    assert console.getvalue().split(" ", 2)[2] == "WARNING django.request Not Found: /p/…/review/\n"


def test_log_of_a_failure_holds_no_token(console):
    try:
        int("https://rank.example.org/p/AbC-dEf_123/")
    except ValueError:
        logging.getLogger("site").exception("at %s", "/p/AbC-dEf_123/")
    lines = console.getvalue().splitlines()
    assert (lines[0].split(" ", 2)[2], lines[-1]) == (
        "ERROR site at /p/…/",
        "ValueError: invalid literal for int() with base 10: 'https://rank.example.org/p/…/'",
    )
