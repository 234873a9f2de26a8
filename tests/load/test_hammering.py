"""Readers of a ranking wait no longer while fifty clients try passwords: what is refused costs next to nothing."""

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
LIMIT = 0.5  # seconds that 95 % of readers may wait at the most
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


def test_fifty_clients_trying_passwords_keep_no_reader_waiting(site, root):
    address = f"http://127.0.0.1:{site}{PAGE}"
    waits(address, until=time.monotonic() + 3)  # every process has seen the page once
    command = [sys.executable, root / "tests" / "load" / "hammer.py", str(site), str(SECONDS)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as clients:
        found = waits(address, until=time.monotonic() + SECONDS)
        tried = {int(status): count for status, count in json.loads(clients.stdout.read()).items()}

    assert (set(tried), tried[200]) == ({200, 429}, 10)
    assert tried[429] > 100
    assert found[int(0.95 * len(found))] < LIMIT, (found[len(found) // 2], found[-1], tried)
