"""No export carries a live formula, and our readers give every text back: on an edition whose every text begins like one."""

import ast
import csv
import io
import json
import re

import numpy as np
import pytest
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from accounts.models import Role, User
from accounts.usecases.roles import give_role
from exchange.tables import csv_records, csv_rows
from scoring.files.bundle import manifest_text, own_fingerprint, pack, unpack
from scoring.files.changes import read_change
from scoring.files.dictionary import TEXTS
from scoring.files.digits import sha256
from scoring.files.disclosing import of_nobody
from scoring.files.guarding import as_today, formulas, without_formulas
from scoring.files.languages import read_languages, write_languages
from scoring.files.licences import read_licences
from scoring.files.older_formats import OLDER
from scoring.files.own import check_own
from scoring.files.sources import Source, read_sources
from scoring.files.tables import read_data, read_weights
from scoring.files.templates import FORMS, template_of
from scoring.files.unit_lists import read_listed
from scoring.files.units import read_units
from scoring.files.verification import verify
from scoring.files.withheld import kept_back_by, without_values
from scoring.models import Scoring
from scoring.queries.published.reading import groupings, study
from scoring.queries.published.release_head import release_head
from scoring.usecases.datasets import load_dataset
from scoring.usecases.edition_data import request_scoring, score_edition, use_dataset
from scoring.usecases.editions import create_edition
from scoring.usecases.releases import build_bundle, correct_release, release_edition
from scoring.usecases.unit_lists import settle_units
from surveys.files.framework import other_columns, read_framework
from surveys.files.judgements import read_judgements
from surveys.files.mine import write_mine
from surveys.models import Comment, Panel, Panelist
from surveys.queries.panelist.links import personal_token
from surveys.queries.panelist.own_page import own_page
from surveys.values.framework import tree_of
from tests import guards
from tests.scoring import formulas as texts
from tests.scoring.conftest import BY

pytestmark = pytest.mark.django_db
NUMBER = re.compile(r"[+-]?\d+(\.\d+)?(e[+-]?\d+)?")
EXPORTS = {
    "platform/exchange/templates.py": {f"template/{form}.csv" for form in FORMS},
    "scoring/files/changes.py": {"robustness/change.csv"},
    "scoring/files/departures.py": {"departures.csv"},
    "scoring/files/dictionary.py": {"dictionary.csv"},
    "scoring/files/disclosing.py": {"of nobody/consensus.csv"},
    "scoring/files/frozen.py": {"receipts.csv"},
    "scoring/files/languages.py": {"weights_without_language.csv"},
    "scoring/files/licences.py": {"licences.csv"},
    "scoring/files/movers.py": {"importance.csv", "one_person.csv"},
    "scoring/files/older_formats.py": {"format 2/robustness/ranks.csv", "format 3/robustness/weights.csv"},
    "scoring/files/results.py": {
        "weights.csv",
        "consistency.csv",
        "consensus.csv",
        "scores.csv",
        "steps/1_denominated.csv",
    },
    "scoring/files/sources.py": {"sources.csv"},
    "scoring/files/tables.py": {"data.csv", "previous/data.csv"},
    "scoring/files/uncertainty_writer.py": {
        *("robustness/alike.csv", "robustness/leave_one_out.csv", "robustness/leave_one_out_ranks.csv"),
        *("robustness/pairs.csv", "robustness/ranks.csv", "robustness/sensitivity.csv"),
        *("robustness/weight_draws.csv", "robustness/weights.csv"),
    },
    "scoring/files/unit_lists.py": {"frozen_sources.csv"},
    "scoring/files/units.py": {"units.csv", "frozen_units.csv"},
    "scoring/files/withheld.py": {"left out/data.csv", "left out/steps/5_normalised.csv"},
    "scoring/web/portal/unofficial_files.py": {"unofficial.csv"},
    "surveys/files/framework.py": {"framework.csv", "previous/framework.csv"},
    "surveys/files/judgements.py": {"judgements.csv"},
    "surveys/files/mine.py": {"answers.csv", "answers-excel.csv"},
    "surveys/files/people.py": {"people.csv"},
}
"""By module that writes tables: the exports it is seen in."""
OF_PASTED_CELLS = {"surveys/files/panel_table.py", "surveys/files/pasted_framework.py"}
"""What was pasted, on its way to the reader of tables or back into its own field."""
OF_THE_DEMONSTRATION = {"platform/demo/build.py", "platform/demo/data.py"}
SENT_BY = {
    "scoring/api/desk.py",
    "scoring/web/portal/pages.py",
    "surveys/web/desk/frameworks.py",
    "surveys/web/desk/rounds.py",
    "surveys/web/panelist/review.py",
}
COMMANDS = {
    "weigh": {"weights.csv", "consistency.csv", "consensus.csv"},
    "score": {"weights.csv", "scores.csv", "importance.csv", "steps/5_normalised.csv", "robustness/ranks.csv"},
}


@pytest.fixture
def series(db):
    return texts.series()


@pytest.fixture
def version(db):
    return texts.framework()


@pytest.fixture
def panel(series):
    return texts.people(series)


@pytest.fixture
def closed(panel, version):
    return texts.judged(panel, version)


@pytest.fixture
def edition(series, panel, version):
    edition = create_edition(series, slug="2026", framework_uid=version.uid, panel_uids=[panel.uid], **BY)
    settle_units(edition, listed=texts.listed(), **BY)
    edition.refresh_from_db()
    return edition


@pytest.fixture
def load(series, version):
    def load(table):
        sent = {"sources": texts.sources(), "units": texts.units(), "licences": texts.licences()}
        return load_dataset(series, framework_uid=version.uid, table=table, **sent, **BY)

    return load


@pytest.fixture
def dataset(load):
    return load(texts.table())


@pytest.fixture
def correction(release, scored, load, now):
    """Release 1.1, which has the files of 1.0 under ``previous/`` and says why units moved."""
    corrected = load(texts.table(30.0))
    use_dataset(scored, dataset=corrected, **BY)
    score_edition(request_scoring(scored, **BY).pk, now=now)
    correction = correct_release(scored, dataset=corrected, reason="=A1 was mistyped", **BY)
    build_bundle(correction.bundle.pk, now=now)
    correction.bundle.refresh_from_db()
    return correction


def files_of(release):
    return {file.name: bytes(file.content) for file in release.files.all()}


def live(text):
    """The cells of a table that a spreadsheet computes; told here without the code under test."""
    cells = (cell for row in csv.reader(io.StringIO(text, newline="")) for cell in row)
    return [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r")) and not NUMBER.fullmatch(cell)]


def repacked(files, **changes):
    manifest = {**json.loads(files["manifest.json"]), **changes}
    manifest["files"] = {name: sha256(content) for name, content in files.items() if name != "manifest.json"}
    manifest["fingerprint"] = own_fingerprint(manifest)
    return pack(files | {"manifest.json": manifest_text(manifest).encode()})


# --- every export -------------------------------------------------------------------------------------------------------


def downloads(release, closed, client):
    """Every table that a page sends, by the name of its file."""
    page = reverse("scoring:files", args=["las", "2026", release.number])
    for name in files_of(release):
        yield name, client.get(f"{page}{name}").content.decode()
    unit = reverse("scoring:what_if_file", args=["las", "2026", release.number, "=U1", "csv"])
    yield "unofficial.csv", client.get(unit, {"v.=A1": "20", "w.+A": "50"}).content.decode()
    people = reverse("surveys:people_file", kwargs={"series": "las", "uid": closed.uid})
    yield "people.csv", client.get(people).content.decode("utf-8-sig")
    token = personal_token(Panelist.objects.get(code="=1"))
    client.post(reverse("surveys:start", kwargs={"token": token}))
    for name in ("answers.csv", "answers-excel.csv"):
        address = reverse("surveys:download", kwargs={"token": token, "name": name})
        yield name, client.get(address).content.decode("utf-8-sig")


def of_commands(folder, manage):
    """Every table that the commands write, by command and name."""
    framework = ("--framework", folder / "framework.csv")
    wanted = {
        "weigh": (folder / "judgements.csv", *framework, "--draws", "20", "--seed", "1"),
        "score": (
            folder / "data.csv",
            *framework,
            "--judgements",
            folder / "judgements.csv",
            *("--draws", "20", "--seed", "1"),
            "--recipe",
            folder / "recipe.toml",
        ),
    }
    for command, words in wanted.items():
        out = folder / "out" / command
        done = manage(command, *words, "--out", out)
        assert (done.returncode, done.stderr) == (0, "")
        for path in out.rglob("*.csv"):
            yield f"{command}/{path.relative_to(out).as_posix()}", path.read_bytes().decode()


def derived(release):
    """Tables that are made of a release's others, for what may not be published, and by the rules of older formats."""
    files = {name: content.decode() for name, content in files_of(release).items()}
    yield "weights_without_language.csv", write_languages({"=fr": {"=A1": 0.5}, "-": {"+A": 0.5}})
    for name, text in of_nobody(files).items():
        yield f"of nobody/{name}", text
    sources = [Source(unit, "=A1", texts.TIME, source=texts.ATLAS) for unit in texts.UNITS]
    licences = [one.laid_over(None) for one in texts.licences()]
    forbidden = [type(one)(one.source, one.licence, None, False) for one in licences if one.source == texts.ATLAS]
    for name, text in without_values(files, kept_back_by(sources, forbidden)).items():
        yield f"left out/{name}", text
    for form, older in OLDER.items():
        for name, text in older(files).items():
            yield f"format {form}/{name}", text
    for form in FORMS:
        yield f"template/{form}.csv", template_of(form, texts.rows()).removeprefix("\ufeff")


@pytest.fixture
def exports(correction, closed, manage, tmp_path, client):
    """Every table of every release, list, page and command."""
    with guards.unguarded(Panel):
        Panel.objects.update(names_shown=True)
    user = User.objects.create_user("alice")
    give_role(user, series=correction.edition.series, kind=Role.Kind.MODERATOR, **BY)
    client.force_login(user)
    folder = tmp_path / "release"
    for name, content in unpack(bytes(correction.bundle.zip)).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    found = [*downloads(correction, closed, client), *of_commands(folder, manage), *derived(correction)]
    return {name: text for name, text in found if name.endswith(".csv")}


def test_no_export_has_a_live_formula(exports, root):
    wanted = set().union(
        *EXPORTS.values(), *({f"{command}/{name}" for name in names} for command, names in COMMANDS.items())
    )

    assert wanted - set(exports) == set()
    assert {name: found for name, text in exports.items() if (found := live(text))} == {}
    assert sum("'" in text for text in exports.values()) > len(EXPORTS)  # they have texts that would be formulas


def calls_of(root, name):
    """The modules that call a function by this name."""
    for path in (one for app in ("platform", "surveys", "scoring") for one in (root / app).rglob("*.py")):
        calls = (node.func for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call))
        if any(isinstance(call, ast.Name) and call.id == name for call in calls):
            yield path.relative_to(root).as_posix()


def test_every_writer_and_sender_of_tables_is_among_the_exports(root):
    senders = {
        path.relative_to(root).as_posix()
        for app in ("platform", "surveys", "scoring")
        for path in (root / app).rglob("*.py")
        if '"text/csv' in path.read_text()
    }

    assert set(calls_of(root, "csv_text")) == {*EXPORTS, *OF_PASTED_CELLS, *OF_THE_DEMONSTRATION}
    assert senders == SENT_BY


def test_workbook_has_texts_and_no_formula(correction):
    book = load_workbook(io.BytesIO(bytes(correction.bundle.workbook)))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]

    assert {cell.data_type for cell in cells} == {"n", "s"}
    told = {cell.value for sheet in ("Data", "Weights") for cell in book[sheet]["A"]}
    assert {
        text.replace("\r", "\n") for text in ("=Root", *texts.INDICATORS, *texts.UNITS)
    } <= told  # XML has one line end


def test_json_of_a_release_has_texts_as_they_are(correction):
    files = files_of(correction)
    tables = json.loads(files["robustness/tables.json"])

    assert set(json.loads(files["robustness/pairs.json"])["units"]) == set(texts.UNITS) - {"'-U8"}
    assert {row["uCode"] for row in tables["ranks"]} == set(texts.UNITS) - {"'-U8"}
    assert set(json.loads(files["consensus.json"])["weights"]) >= {"=Root", *texts.PILLARS, *texts.INDICATORS}
    assert (
        json.loads(Client().get("/api/v1/series/las/editions/2026/releases/v1.1/").content)["reason"]
        == "=A1 was mistyped"
    )


# --- and back -----------------------------------------------------------------------------------------------------------


def test_readers_give_every_text_of_a_release_back(correction):
    files = files_of(correction)
    rows = read_framework("framework.csv", files["framework.csv"])
    tree = tree_of(rows)
    table = read_data("data.csv", files["data.csv"], tree, others=other_columns(rows))
    listed = read_listed({}, (), files)
    frozen = texts.listed().in_order()
    wanted = texts.table(30.0)
    place = [wanted.units.index(unit) for unit in table.units]

    assert {row.code: row for row in rows} == {row.code: row for row in texts.rows()}
    assert (listed.units, listed.groups, listed.sources) == (frozen.units, frozen.groups, frozen.sources)
    assert read_units("units.csv", files["units.csv"]) == frozen.units
    assert (table.names, table.times) == (tuple(wanted.names[one] for one in place), wanted.times)
    assert table.groups == {"+Region": tuple(texts.REGIONS[one] for one in place)}
    assert np.array_equal(table.values, wanted.values[place], equal_nan=True)
    assert {*texts.sources()} <= {*read_sources("sources.csv", files["sources.csv"])}
    assert {*read_licences("licences.csv", files["licences.csv"])} == {*texts.licences()}
    assert set(read_weights("weights.csv", files["weights.csv"], tree)) == {"=Root", *texts.PILLARS, *texts.INDICATORS}
    panel = read_judgements("judgements.csv", files["judgements.csv"], tree)
    assert ({*panel.groups}, [node.node for node in panel.nodes]) == ({"@academia"}, ["=Root", *texts.PILLARS])
    assert {row.unit for row in read_change(files["robustness/change.csv"].decode())} == set(texts.UNITS)
    told = write_languages({"=fr": dict.fromkeys({*tree.by_code} - {tree.root}, 0.5)}).encode()
    assert set(read_languages("l.csv", told, tree)) == {"=fr"}


def test_lists_and_own_files_are_read_back(exports, closed):
    people = list(csv_records(exports["people.csv"]))
    own = list(csv_records(exports["answers.csv"]))
    told = list(csv_rows(exports["unofficial.csv"]))

    assert [(one["code"], one["name"], one["group"]) for one in people[:2]] == [
        (f"={number}", f"+Name {number}", "@academia") for number in (1, 2)
    ]
    assert {one["comment"] for one in own} == {
        *Comment.objects.filter(judgement__panelist__code="=1").values_list("text", flat=True)
    }
    assert {one["node"] for one in own} == {"=Root", "+A"}
    assert ["unofficial", "rank", "@U4"] in [row[:3] for row in told]


def test_pages_read_every_text_of_a_release(correction):
    head = release_head("las", "2026")

    assert groupings(head)["+Region"] == dict(zip(texts.UNITS, texts.REGIONS, strict=True))
    assert {row.unit for row in study(correction.pk).changes} == set(texts.UNITS)
    assert dict(correction.units.values_list("code", "names__en")) == dict(zip(texts.UNITS, texts.NAMES, strict=True))


def test_release_verifies_and_her_own_file_stands_by_it(correction):
    content = bytes(correction.bundle.zip)
    verdict = verify("bundle.zip", content)
    mine = write_mine(own_page(Panelist.objects.get(code="=1"))).encode()

    assert (verdict.manifest["format"], verdict.differences, verdict.not_recomputable) == (6, (), ())
    assert check_own("mine.json", mine, "bundle.zip", content).answers == 6


def test_dictionary_says_how_texts_stand(correction):
    first = next(csv_records(files_of(correction)["dictionary.csv"].decode()))

    assert first == {"file": "*.csv", "column": "<text>", "type": "text", "unit": "", "meaning": TEXTS}


# --- of other formats ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["data.csv", "units.csv", "licences.csv", "scores.csv"])
def test_formula_in_a_release_is_a_difference(correction, name):
    files = unpack(bytes(correction.bundle.zip))
    altered = repacked(files | {name: re.sub(rb"(^|,)'=", rb"\1=", files[name], flags=re.MULTILINE)})

    assert {one.file for one in verify("bundle.zip", altered).differences} == {name}


def test_formula_is_told_by_its_place_and_no_table_is_told_as_such():
    files = {"a.csv": b"x,=y\n'=1,-1,=1\n", "b.csv": b"a,b\rc\n", "c.json": b"=1"}

    assert [str(one) for one in formulas(files)] == [
        "a.csv:1:=y: begins like a formula, expected '=y, got =y",
        "a.csv:2:: begins like a formula, expected '=1, got =1",
        "b.csv::: is no table (new-line character seen in unquoted field - do you need to open the file in universal-newline mode?)",
    ]


def test_release_of_this_format_is_none_of_the_one_before(correction):
    files = unpack(bytes(correction.bundle.zip))

    assert verify("bundle.zip", repacked(files, format=5)).differences


@pytest.mark.parametrize("form", [1, 5])
def test_tables_of_older_formats_are_guarded_for_reading_alone(form):
    files = {"a.csv": b"'=x,=y\n-1,'z\n", "b.csv": b"a,b\rc\n", "c.csv": b"\xff", "d.json": b"=1"}

    assert as_today(files, form=form) == files | {"a.csv": b"''=x,'=y\n-1,''z\n"}
    assert as_today(files, form=6) == as_today(files, form=None) == files


def test_what_older_code_computed_is_guarded_when_it_is_released(scored):
    scoring = Scoring.objects.get(freeze__edition=scored)
    guarded_now = scoring.result["sources.csv"]
    scoring.result["sources.csv"] = guarded_now.replace("'=Office", "=Office")
    assert live(scoring.result["sources.csv"])
    with guards.unguarded(Scoring):
        scoring.save(update_fields=["result"])

    release = release_edition(scored, **BY)

    assert files_of(release)["sources.csv"].decode() == guarded_now
    assert without_formulas({"a.csv": "=x,'=y\n-1,''z\n", "b.json": "=x"}) == {
        "a.csv": "'=x,'=y\n-1,''z\n",
        "b.json": "=x",
    }
