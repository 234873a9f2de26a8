"""Panelists who answer wait no longer while eight large files are sent and read at once."""

import asyncio
import json
import threading
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from accounts.models import Role, Series, User
from accounts.usecases.roles import give_role
from config.broker import free_port
from config.site import Site
from scoring.models import Upload
from scoring.usecases.editions import create_edition
from surveys.models import Panel
from surveys.usecases.frameworks import create_framework, freeze_framework
from surveys.values.framework import FrameworkRow
from tests.guards import unguarded
from tests.load import client as panelists
from tests.load.load import WEB, build
from tests.scoring.test_large_uploads import INDICATORS, table

FILES, PEOPLE, SECONDS = 8, 40, 45
LIMIT = 500  # milliseconds that 95 % of answers may wait at the most
TOKEN = "t" * 32

pytestmark = pytest.mark.full


@pytest.fixture
def links(transactional_db):
    """Links of panelists who are asked; beside them eight editions that wait for data."""
    links = build(PEOPLE)
    series, by = Series.objects.get(slug="load"), {"by": "load", "at": Series.objects.get(slug="load").created_at}
    rows = [
        FrameworkRow("Root", None, kind="Aggregate", names={"en": "All"}),
        *(FrameworkRow(code, "Root", names={"en": code}) for code in INDICATORS),
    ]
    version = freeze_framework(create_framework(slug="large", names={"en": "Large"}, rows=rows, **by), **by)
    panel = Panel.objects.get(slug="load")
    for number in range(FILES):
        edition = create_edition(series, slug=f"e{number}", framework_uid=version.uid, panel_uids=[panel.uid], **by)
        with unguarded(type(edition)):
            type(edition).objects.filter(pk=edition.pk).update(state="frozen")
    return links


@pytest.fixture
def cookie(links):
    """A moderator's session."""
    user = User.objects.create_user("moderator")
    give_role(
        user,
        series=Series.objects.get(slug="load"),
        kind=Role.Kind.MODERATOR,
        by="load",
        at=Series.objects.get(slug="load").created_at,
    )
    signed_in = Client()
    signed_in.force_login(user)
    return f"sessionid={signed_in.cookies['sessionid'].value}; csrftoken={TOKEN}"


def send(port, edition, cookie, content, answers):
    body = encode_multipart(BOUNDARY, {"table": SimpleUploadedFile("large.csv", content), "preview": "true"})
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/api/v1/series/load/editions/{edition}/data/",
        data=body,
        headers={"Content-Type": MULTIPART_CONTENT, "Cookie": cookie, "X-CSRFToken": TOKEN},
    )
    with urllib.request.urlopen(request, timeout=120) as answer:
        answers.append((answer.status, json.loads(answer.read())["state"]))


def test_eight_large_files_at_once_keep_no_panelist_waiting(links, cookie, surroundings, tmp_path, eventually):
    port, content, answers = free_port(), table(10_000), []
    with Site(tmp_path / "site") as site:
        site.environment |= surroundings | {"PUBLIC_URL": f"http://127.0.0.1:{port}"}
        site.start("web", *WEB, "--bind", f"127.0.0.1:{port}")
        site.start("worker", "celery", "-A", "config", "worker", "--loglevel=INFO")
        site.wait_for_page("web", f"http://127.0.0.1:{port}/healthz")
        senders = [
            threading.Thread(target=send, args=(port, f"e{number}", cookie, content, answers))
            for number in range(FILES)
        ]
        for sender in senders:
            sender.start()
        with ThreadPoolExecutor(1) as apart:  # a browser of an earlier test keeps a loop in this thread
            result = apart.submit(
                asyncio.run, panelists.panel(port, links, seconds=SECONDS, every=2, broken=0.0)
            ).result()
        for sender in senders:
            sender.join()
        eventually(lambda: not Upload.objects.filter(state__in=["queued", "running"]).exists(), seconds=600)

    assert answers == [(202, "reading")] * FILES
    assert {upload.problems[0]["code"] for upload in Upload.objects.all()} == {"unknown_unit"}
    assert len(result.told) > PEOPLE
    assert result.percentile(0.95) < LIMIT, (result.percentile(0.5), max(result.waits), len(result.waits))
