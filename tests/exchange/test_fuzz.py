"""Whatever bytes come, every reader reads them or refuses them by name: no other error, and no long wait."""

import io
import time
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from exchange.options import FileReading, ReadingOptions
from exchange.problems import FileProblemsError
from scoring.files.licences import read_licences
from scoring.files.recipes import read_recipe_file
from scoring.files.sources import read_sources
from scoring.files.tables import read_data, read_weights
from scoring.files.unit_lists import read_unit_list
from scoring.files.units import read_units
from scoring.files.verification import verify
from scoring.numerics.types import Tree, TreeCriterion
from surveys.files.framework import read_framework
from surveys.files.judgements import read_judgements

HERE = Path(__file__).parent
CORPUS = sorted(path for folder in ("cases", "corpus", "files") for path in (HERE / folder).iterdir())
RELEASES = sorted((HERE.parent / "scoring" / "releases").glob("*.zip"))
LONGEST = 2 * 2.0  # seconds of CPU, with twofold room
TREE = Tree(
    (
        TreeCriterion("X", None),
        *(TreeCriterion(code, "X", is_indicator=True, denominator="Pop") for code in ("A", "B", "C")),
    )
)


def sent():
    return FileReading(ReadingOptions())


READERS = {
    "framework": lambda content: read_framework("sent", content, sent()),
    "judgements": lambda content: read_judgements("sent", content, TREE, reading=sent()),
    "data": lambda content: read_data("sent", content, TREE, reading=sent()),
    "weights": lambda content: read_weights("sent", content, TREE, sent()),
    "units": lambda content: read_units("sent", content, sent()),
    "sources": lambda content: read_sources("sent", content, sent()),
    "licences": lambda content: read_licences("sent", content, sent()),
    "list of units": lambda content: read_unit_list(
        rule={"en": "All."}, units=("sent", content), sources=("sent", content)
    ),
    "recipe": lambda content: read_recipe_file("sent", content),
    "bundle": lambda content: verify("sent", content),
}


def take(reader, content):
    """Read, or be refused by name; every problem can be said."""
    start, refused = time.process_time(), None
    try:
        READERS[reader](content)
    except FileProblemsError as error:
        refused = error
    assert refused is None or (refused.problems and str(refused))
    assert time.process_time() - start < LONGEST


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.name)
def test_every_reader_takes_what_was_kept(path):
    content = path.read_bytes()
    for reader in READERS:
        take(reader, content)


# --- drawn, in `make full` ----------------------------------------------------------------------------------------------

SIGNS = st.sampled_from(
    [
        *[
            "uCode",
            "iCode",
            "expert",
            "node",
            "a",
            "b",
            "value",
            "A",
            "B",
            "C",
            "A_B",
            "X",
            "1/3",
            "1,5",
            "1.234",
            "99",
            "NA",
            "..",
            "%",
            ",",
            ";",
            "'",
            "=",
            "-",
            "٣",
            "٫",
            "é",
            "Time",
            "Parent",
            "Type",
            "source",
        ],
        *("\t", "\n", "\r\n", '"', "\0", "\ufeff", "sep=;\n"),
    ]
)
TEXTS = st.lists(SIGNS, max_size=60).map("".join)
MANY = settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@pytest.mark.full
@pytest.mark.parametrize("reader", READERS)
@MANY
@given(content=st.one_of(st.binary(max_size=400), TEXTS.map(str.encode), TEXTS.map(lambda text: text.encode("utf-16"))))
def test_any_bytes_are_read_or_refused(reader, content):
    take(reader, content)


@st.composite
def altered(draw, files):
    """Draw a file that was kept, with some of its bytes cut, doubled or changed."""
    content = bytearray(draw(st.sampled_from(files)).read_bytes())
    for _ in range(draw(st.integers(1, 6))):
        start = draw(st.integers(0, max(0, len(content) - 1)))
        piece = draw(st.one_of(st.binary(max_size=8), st.just(bytes(content[start : start + 20]))))
        content[start : start + draw(st.integers(0, 30))] = piece
    return bytes(content)


@pytest.mark.full
@pytest.mark.parametrize("reader", READERS)
@MANY
@given(content=altered(CORPUS))
def test_altered_files_are_read_or_refused(reader, content):
    take(reader, content)


@pytest.mark.full
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(content=altered(RELEASES))
def test_altered_bundles_are_read_or_refused(content):
    take("bundle", content)


@st.composite
def with_altered_parts(draw):
    """Draw a workbook or release that was kept, one part of it altered and packed again."""
    kept = draw(st.sampled_from([*filter(zipfile.is_zipfile, CORPUS), *RELEASES]))
    out = io.BytesIO()
    with zipfile.ZipFile(kept) as old, zipfile.ZipFile(out, "w") as new:
        names = old.namelist()
        chosen = draw(st.sampled_from(names))
        for name in names:
            part = bytearray(old.read(name))
            if name == chosen:
                start = draw(st.integers(0, len(part)))
                part[start : start + draw(st.integers(0, 40))] = draw(st.binary(max_size=40))
            new.writestr(name, bytes(part))
    return out.getvalue()


@pytest.mark.full
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(content=with_altered_parts())
def test_packed_files_with_altered_parts_are_read_or_refused(content):
    for reader in ("data", "judgements", "bundle"):
        take(reader, content)
