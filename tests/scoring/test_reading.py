"""What pages read of a release is derived from its files once: they agree, and no request parses or unpacks a file."""

import csv
import os
import sys
import tempfile
import zipfile
from decimal import Decimal
from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import get_resolver
from django.urls.resolvers import URLPattern
from django.utils.translation import override

from scoring.files.packed import pack_value, shape_of, unpack_value
from scoring.files.release_model import read_release_model
from scoring.files.release_reading import (
    FORM,
    MODEL_KINDS,
    pack_model,
    pack_study,
    study_of,
    unpack_model,
    unpack_study,
)
from scoring.files.uncertainty_reader import Interval, VariedFactor
from scoring.models import ReleaseFile, ReleaseReading
from scoring.numerics.errors import NoYardstickError
from scoring.queries.explore import release_model
from scoring.queries.published import reading, release_study
from scoring.queries.published.release_head import release_head
from scoring.tasks import sweep
from scoring.usecases.edition_data import request_scoring, score_edition, use_dataset
from scoring.usecases.releases import correct_release
from scoring.wording import chart_texts
from tests.scoring import factories

pytestmark = pytest.mark.django_db

# --- the bytes ----------------------------------------------------------------------------------------------------------

KINDS = (Interval, VariedFactor)
ARRAYS = (
    np.arange(6.0).reshape(2, 3).T,
    np.array([[np.nan, -0.0]]),
    np.zeros((0, 4)),
    np.array([True, False]),
    np.arange(3),
    np.arange(3, dtype=np.uint16),
)


def test_values_come_back_as_they_were():
    value = {
        "": ("ü\n", None, True, 3, -2.5, 1 / 3, Decimal("0.10"), Fraction(-7, 6), [1, (2,)], {}),
        "of": (Interval(0.1, None, 2.0), VariedFactor("weights", 2, varies=True)),
    }

    assert unpack_value(pack_value(value, KINDS), KINDS) == value
    assert repr(unpack_value(pack_value((float("nan"), float("-inf")), KINDS), KINDS)) == "(nan, -inf)"


@pytest.mark.parametrize("array", ARRAYS)
def test_arrays_come_back_as_they_were_and_refuse_changes(array):
    text, found, last = unpack_value(pack_value(("x", array, array), KINDS), KINDS)

    assert (text, found.dtype, found.shape) == ("x", array.dtype, array.shape)
    assert np.array_equal(found, array, equal_nan=array.dtype.kind == "f")
    assert found.tobytes() == last.tobytes() == np.ascontiguousarray(array).tobytes()
    assert not found.flags.writeable


@pytest.mark.parametrize("value", [object(), b"a", {"a", "b"}, np.array(["a"]), ReleaseReading, 1j])
def test_what_would_not_come_back_is_refused(value):
    with pytest.raises(TypeError, match="cannot be packed"):
        pack_value((value,), KINDS)


def test_other_classes_have_another_shape():
    assert shape_of(KINDS) != shape_of(KINDS[:1])
    assert FORM.startswith("2-")


# --- the row and the files ----------------------------------------------------------------------------------------------


@pytest.fixture
def both(release, scored, corrected, now, by):
    """A release and its correction, which says why its units moved."""
    use_dataset(scored, dataset=corrected, **by)
    score_edition(request_scoring(scored, **by).pk, now=now)
    return release, correct_release(scored, dataset=corrected, reason="A1 of U1 was mistyped", **by)


def test_stored_reading_is_what_the_files_say(both):
    for release in both:
        row = release.readings.get()
        files = reading.files_of(release.pk)
        study = unpack_study(bytes(row.study))
        model = unpack_model(bytes(row.model), row.refusal)

        assert row.form == FORM
        assert pack_study(study) == pack_study(study_of(files)) == bytes(row.study)
        assert study.studied.above("U1") == study_of(files).studied.above("U1")
        assert pack_value(model, MODEL_KINDS) == pack_value(read_release_model(files), MODEL_KINDS)
        assert row.panel_groups == {}  # the sixth would stand alone
        assert row.groupings == {"Region": {f"U{number}": "NS"[(number - 1) % 2] for number in range(1, 9)}}
    assert [len(unpack_study(bytes(release.readings.get().study)).changes) for release in both] == [0, 8]


def test_why_there_is_no_model_is_stored_in_one_language(release):
    broken = reading.files_of(release.pk) | {"robustness/weight_draws.csv": b"draw\n1\n"}
    with override("fr"):
        refusal = pack_model(broken)["refusal"]

    assert (refusal["code"], refusal["message"].count("the column is not there") > 1) == ("numerics", True)


@pytest.mark.parametrize("change", [lambda row: row.delete(), lambda row: row.save()])
def test_stored_reading_refuses_changes(release, change):
    with pytest.raises(IntegrityError), transaction.atomic():
        change(release.readings.get())


PAGES = ("v1.0/", "v1.0/robustness/", "v1.0/units/doha/", "v1.0/units/doha/advice/")


def test_release_from_before_is_read_from_its_files_until_the_sweep(series):
    release = factories.make_release(factories.make_edition(series, "2024"), manifest={})
    for name, text in (factories.make_study() | factories.make_change()).items():
        ReleaseFile.objects.create(release=release, name=name, content=text.encode(), sha256="0" * 64)
    ReleaseReading.objects.create(release=release, form="0-other-code", study=b"")
    before = _answers()

    sweep()
    sweep()

    assert set(release.readings.values_list("form", flat=True)) == {"0-other-code", FORM}
    release_study.cached_release_study.cache_clear()
    assert _answers() == before


def _answers():
    answers = [Client().get(f"/s/las/2024/{page}").content for page in PAGES]
    answers.append(Client().get("/api/v1/series/las/editions/2024/releases/v1.0/method/").content)
    return answers


def test_why_there_is_no_model_is_kept(series):
    release = factories.add_files(factories.make_release(factories.make_edition(series, "2024")), {})

    with pytest.raises(NoYardstickError) as refused:
        release_model.release_model(release_head("las", "2024"))

    assert refused.value.facts == {"files": ["framework.csv", "recipe.toml", "weights.csv", "data.csv", "summary.json"]}
    assert (release.readings.get().model, release.readings.get().refusal["code"]) == (None, NoYardstickError.code)


# --- no request parses a file -------------------------------------------------------------------------------------------

PLACES = {
    "series": ("las",),
    "edition": ("2026",),
    "number": ("1.0", "1.1"),
    "release": ("v1.0", "v1.1", "latest"),
    "code": ("U1", "U8"),
    "kind": ("csv", "json"),
}
NAMES = {"chart": chart_texts.NAMES, "chart_specification": chart_texts.NAMES, "file": ("release.zip", "scores.csv")}
QUERIES = {
    "chart": "?unit=U1",
    "chart_specification": "?unit=U1",
    "what_if": "?v.A1=40",
    "what_if_file": "?v.A1=40",
    "what-if": "?v.A1=40&w.A2=50",
}
NOBODYS = {302, 401, 403, 404, 405}  # not public, or no such thing in this release
ANSWERED = {
    "home": 1,
    "release": 5,
    "unit": 10,
    "advice": 7,
    "what_if": 2,
    "what_if_file": 4,
    "robustness": 5,
    "chart": 8,
}
WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_TRUNC


def _routes(patterns, before="", **_):
    """Give every route of the pages and of the API, with its name and its parameters."""
    for one in patterns:
        path = before + str(one.pattern)
        if isinstance(one, URLPattern):
            yield one.name, path, list(one.pattern.converters)
        else:
            yield from _routes(one.url_patterns, path)


def _addresses():
    """Give the address of everything in a release, and of what leads to it, by name."""
    for name, path, parameters in _routes(get_resolver().url_patterns):
        if not path.startswith(("s/", "api/v1/")) and name not in ("home", "healthz"):
            continue
        if "<str:token>" in path or (path.startswith("api/v1/") and "surveys" in path):
            continue
        values = [NAMES.get(name, PLACES.get(parameter, ("x",))) if parameter == "name" else PLACES.get(parameter, ("x",))
                  for parameter in parameters]  # fmt: skip
        for chosen in product(*values):
            address = path
            for parameter, value in zip(parameters, chosen, strict=True):
                start = address.index("<", 0)
                end = address.index(">", start)
                assert address[start:end].endswith(f":{parameter}")
                address = address[:start] + value + address[end + 1 :]
            yield name, f"/{address}{QUERIES.get(name, '')}"


@pytest.fixture
def guarded(monkeypatch):
    """Refuse to parse CSV, to open an archive and to write a file, from ``guarded.on()`` to the test's end."""
    state = {"on": False, "found": []}

    def refuse(what):
        def refused(*_args, **_options):
            state["found"].append(what)
            raise AssertionError(f"a request uses {what}")

        return refused

    def hook(event, arguments):
        if state["on"] and event == "open" and isinstance(arguments[2], int) and arguments[2] & WRITES:
            state["found"].append(f"a file opened to write: {arguments[0]}")
            raise AssertionError(f"a request writes to {arguments[0]}")

    def on():
        for module, names in (
            (csv, ("reader", "DictReader")),
            (zipfile, ("ZipFile",)),
            (
                tempfile,
                ("TemporaryFile", "NamedTemporaryFile", "TemporaryDirectory", "SpooledTemporaryFile", "mkstemp"),
            ),
        ):
            for name in names:
                monkeypatch.setattr(module, name, refuse(f"{module.__name__}.{name}"))
        state["on"] = True
        return state["found"]

    sys.addaudithook(hook)  # it cannot be taken away again, only told to be quiet
    yield on
    state["on"] = False


def test_no_page_and_no_answer_parses_unpacks_or_writes_a_file(both, guarded):
    addresses = list(_addresses())
    first = {address: _got(address) for _, address in addresses}  # so that modules and templates are loaded
    release_study.cached_release_study.cache_clear()
    release_model.cached_release_model.cache_clear()

    found = guarded()
    again = {address: _got(address) for _, address in addresses}

    assert found == []
    assert again == first
    assert {status for status, _ in again.values()} <= {200, 422, *NOBODYS}
    for name, least in ANSWERED.items():
        assert sum(again[address][0] == 200 for one, address in addresses if one == name) >= least, name


def _got(address):
    response = Client().get(address)
    return response.status_code, b"".join(response) if response.streaming else response.content


@pytest.mark.parametrize("guard", ["csv", "zip", "write"])
def test_the_guard_itself_notices(guarded, tmp_path, guard):
    found = guarded()
    with pytest.raises(AssertionError):
        {
            "csv": lambda: csv.DictReader([]),
            "zip": lambda: zipfile.ZipFile(tmp_path / "x"),
            "write": lambda: (tmp_path / "x").write_bytes(b""),
        }[guard]()
    assert len(found) == 1
