"""Readers of a ranking wait no longer while fifty clients try passwords than while they read a page: what is refused costs no more."""

import json
import subprocess
import sys
import time
import urllib.request

import pytest

from config.broker import free_port
from config.site import Site
from demo.seed import seed
from tests.load.load import WEB

SECONDS = 15
LIMIT = 3  # times as long: a password that is hashed costs as much as a hundred pages
PAGE = "/s/brics/2024/v1.0/"

pytestmark = pytest.mark.full


@pytest.fixture
def site(transactional_db, surroundings, tmp_path):
    """The site as it runs in production, with a released ranking; its port."""
    seed(stage="released", seed=7, only=["brics"])
    port = free_port()
    with Site(tmp_path / "site") as parts:
        parts.environment |= surroundings | {"PUBLIC_URL": f"http://127.0.0.1:{port}"}
        parts.start("web", *WEB, "--bind", f"127.0.0.1:{port}")
        parts.wait_for_page("web", f"http://127.0.0.1:{port}{PAGE}")
        yield port


def waits(address, *, until):
    """Return how many seconds one reader after the other waits for a page."""
    found = []
    while time.monotonic() < until:
        began = time.perf_counter()
        with urllib.request.urlopen(address, timeout=60) as answer:
            answer.read()
        found.append(time.perf_counter() - began)
    return sorted(found)


def while_fifty(what, site, root):
    """Return within how many seconds 95 % of readers are answered while fifty clients ask, and how these are answered."""
    command = [sys.executable, root / "tests" / "load" / "hammer.py", str(site), what, str(SECONDS)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as clients:
        found = waits(f"http://127.0.0.1:{site}{PAGE}", until=time.monotonic() + SECONDS)
        told = {int(status): count for status, count in json.loads(clients.stdout.read()).items()}
    return found[int(0.95 * len(found))], told


def test_fifty_clients_trying_passwords_keep_no_reader_waiting(site, root):
    waits(f"http://127.0.0.1:{site}{PAGE}", until=time.monotonic() + 3)  # every process has seen the page once
    beside_readers, read = while_fifty("look", site, root)
    beside_guesses, tried = while_fifty("guess", site, root)

    assert (set(read), set(tried), tried[200]) == ({200}, {200, 429}, 10)
    assert min(read[200], tried[429]) > 100
    assert beside_guesses < LIMIT * beside_readers, (beside_guesses, beside_readers, tried, read)
