"""Files as large as they may be: checked in little time, with progress, within the memory that is allowed."""

import resource
import uuid
from functools import partial

import numpy as np
import pytest

from exchange.options import FileReading, reading_options
from exchange.own_process import in_own_process
from scoring.files.received import read_received
from scoring.models import Upload
from scoring.queries.desk.uploads import upload_facts
from scoring.usecases.editions import create_edition
from scoring.usecases.uploads import read_upload, send_files
from surveys.usecases.frameworks import create_framework, freeze_framework
from surveys.values.framework import FrameworkRow
from surveys.values.rounds import FrameworkContent
from tests.guards import unguarded
from tests.scoring.uploading import watching

INDICATORS = tuple(f"I{number:03d}" for number in range(200))
SECONDS = 60  # of processor time; a quarter of it on the machine of docs/files.md

pytestmark = pytest.mark.django_db


@pytest.fixture
def edition(series, panel, by):
    """An edition of 200 indicators that is open for data, as one frozen before lists of units were kept."""
    rows = [
        FrameworkRow("Root", None, kind="Aggregate", names={"en": "All"}),
        *(FrameworkRow(code, "Root", names={"en": code}) for code in INDICATORS),
    ]
    version = freeze_framework(create_framework(slug="large", names={"en": "Large"}, rows=rows, **by), **by)
    edition = create_edition(series, slug="large", framework_uid=version.uid, panel_uids=[panel.uid], **by)
    with unguarded(type(edition)):
        type(edition).objects.update(state="frozen")
    edition.refresh_from_db()
    return edition


def processor_time():
    kinds = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return sum(one.ru_utime + one.ru_stime for one in map(resource.getrusage, kinds))


def table(rows, *, digits=4):
    values = np.random.default_rng(5).normal(50, 10, (rows, len(INDICATORS))).round(digits)
    lines = [f"U{row:05d},City {row},{','.join(map(str, one))}" for row, one in enumerate(values.tolist())]
    return "\n".join([f"uCode,uName,{','.join(INDICATORS)}", *lines]).encode()


def units(rows):
    return "\n".join(["uCode,uName", *(f"U{row:05d},City {row}" for row in range(rows))]).encode()


def test_ten_thousand_units_of_two_hundred_indicators_are_checked(edition, by):
    upload = send_files(
        edition,
        kind="data",
        files={"table": ("large.csv", table(10_000)), "units": ("units.csv", units(10_000))},
        said={},
        details={"replace": False, "note": ""},
        is_confirmed=False,
        **by,
    )
    seen = []
    before = processor_time()
    assert read_upload(upload.pk, now=watching(seen))
    took = processor_time() - before

    told = upload_facts(Upload.objects.get())
    assert (told.state, told.problems) == ("draft", ())
    steps = [(done, total) for stage, done, total in dict.fromkeys(seen) if stage == "files" and total]
    assert len(steps) > 1
    assert {total for _done, total in steps} == {200}
    assert took < SECONDS


@pytest.mark.full
def test_largest_table_is_read_within_the_memory_that_is_allowed():
    """Nearly five million cells, all of which have to be thought about: 50.123 may be fifty thousand."""
    rows = [FrameworkRow("Root", None, kind="Aggregate"), *(FrameworkRow(code, "Root") for code in INDICATORS)]
    framework = FrameworkContent(uuid.uuid4(), "large", 1, {}, "", tuple(rows))
    content = table(24_700, digits=3)
    work = partial(read_received, framework, table=("large.csv", content))

    assert in_own_process(work, FileReading(reading_options({}))).table.values.shape == (24_700, 200)
