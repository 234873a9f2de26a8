"""Empty files come back as spreadsheets save them: filled in, in an old encoding, and are read without a word more."""

import csv
import io
import json

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.utils.translation import gettext, override

from exchange.delimited import OLD_ENCODINGS, decode
from exchange.options import FileReading, ReadingOptions
from exchange.problems import FileProblemsError
from exchange.templates import BYTE_ORDER_MARK
from exchange.wording import KEEP_LINES, PROBLEMS, TEMPLATES
from scoring.files.licences import read_licences
from scoring.files.sources import read_sources
from scoring.files.tables import read_data
from scoring.files.templates import FORMS, OF_FRAMEWORK, template_of
from scoring.files.unit_lists import read_unit_list
from scoring.files.units import read_units
from surveys.files.framework import read_framework
from surveys.files.judgements import read_judgements
from surveys.values.framework import FrameworkRow, tree_of, words_of

FRAMEWORK = """\
iCode,Parent,Level,Type,iName,iName_fr,iName_ar
Root,,2,Aggregate,City,Cité,مدينة
A,Root,1,Indicator,Work,Œuvre,عمل
B,Root,1,Indicator,Air,Air,هواء
C,Root,1,Indicator,School,École,مدرسة
"""
ROWS = read_framework("framework.csv", FRAMEWORK.encode())
TREE = tree_of(ROWS)
LANGUAGES = [code for code, _ in settings.LANGUAGES]
OWN = {"fr": "windows-1252", "pt": "windows-1252", "ar": "windows-1256", "ru": "windows-1251", "zh-hans": "gb18030"}
"""What a spreadsheet saves in where the computer speaks a language."""
GROUPS = {
    "windows-1252": "société civile",
    "windows-1256": "مجتمع مدني",
    "windows-1251": "гражданское общество",
    "windows-1250": "občanská společnost",
    "windows-1254": "sivil toplum, iş dünyası",
    "gb18030": "民间社会",
}
"""A group as somebody writes it whose computer has an old encoding."""
VALUES = {"long": ("0,333", "1/3", "3"), "wide": ("3", "3", "-3")}


def as_told(**options):
    return FileReading(ReadingOptions(**options))


def template(form, language):
    with override(language):
        return template_of(form, ROWS)


def cells_of(text):
    """Return the rows of a template; its last line tells which separator it has."""
    lines = text.removeprefix(BYTE_ORDER_MARK)
    separator = ";" if ";" in lines.splitlines()[-1] else ","
    return list(csv.reader(io.StringIO(lines), delimiter=separator))


def saved(rows, encoding):
    """Return a file as a spreadsheet saves it where numbers have a decimal comma; letters that the encoding lacks are lost."""
    out, width = io.StringIO(), max(map(len, rows))
    csv.writer(out, delimiter=";", lineterminator="\r\n").writerows([*row, *[""] * (width - len(row))] for row in rows)
    return out.getvalue().encode(encoding, "replace")


def filled(form, language, group, comment=""):
    """Return the rows of a template of judgements with the answers of one expert."""
    rows = cells_of(template(form, language))
    start = next(number for number, row in enumerate(rows) if "expert" in row)
    columns, pairs = rows[start], rows[start + 1 :] or [[""] * len(rows[start])]
    for position, row in enumerate(pairs):
        told = {"expert": "E1", "expert_weight": "1,5", "group": group}
        if form == "long":
            told |= {"value": VALUES[form][position], "comment": comment}
        else:
            told |= dict(zip(columns[4:], VALUES[form], strict=True))
        row[:] = [told.get(column, cell) for column, cell in zip(columns, row, strict=True)]
    return [*rows[: start + 1], *pairs]


def answers(panel):
    (judged,) = panel.nodes
    return judged.matrices[0][[0, 0, 1], [1, 2, 2]].tolist()


EXPECTED = {"long": [0.333, 1 / 3, 3], "wide": [1 / 3, 1 / 3, 3]}


# --- as spreadsheets save them --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", OLD_ENCODINGS)
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("form", ["long", "wide"])
def test_template_tells_each_old_encoding(form, language, encoding):
    content, reading = saved(filled(form, language, GROUPS[encoding], GROUPS[encoding]), encoding), as_told()

    panel = read_judgements("sent.csv", content, TREE, reading=reading)

    assert (panel.groups, panel.experts) == ((GROUPS[encoding],), ("E1",))
    assert answers(panel) == pytest.approx(EXPECTED[form])
    assert panel.expert_weights.tolist() == [1.5]
    assert {note.code for note in reading.notes} >= {"encoding_fits", "skipped_rows"}


@pytest.mark.parametrize(("language", "encoding"), [("fr", "windows-1252"), ("ar", "windows-1256")])
@pytest.mark.parametrize("form", ["long", "wide"])
def test_template_that_was_only_filled_in_is_weighed_without_an_option(tmp_path, form, language, encoding):
    framework, out = tmp_path / "framework.csv", tmp_path / "empty.csv"
    framework.write_text(FRAMEWORK)
    call_command("template", form, "--framework", str(framework), "--language", language, "--out", str(out))
    assert out.read_bytes() == template(form, language).encode()
    sent = tmp_path / "sent.csv"
    sent.write_bytes(saved(filled(form, language, GROUPS[encoding], "çà et là: œuvre, été"), encoding))
    told, refused = io.StringIO(), io.StringIO()

    call_command(
        "weigh", str(sent), "--framework", str(framework), "--out", str(tmp_path / "w"), stdout=told, stderr=refused
    )

    summary = json.loads((tmp_path / "w" / "summary.json").read_text())
    assert (refused.getvalue(), summary["experts"]) == ("", 1)
    (encoded,) = [note["facts"]["encoding"] for note in summary["notes"] if note["code"] == "encoding_fits"]
    assert encoded == encoding


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("form", ["long", "wide"])
def test_template_is_read_as_it_was_written(form, language):
    with override(language):
        text = template_of(form, ROWS)
    rows = filled(form, language, "ONG")
    content = saved(rows, "utf-8-sig")

    assert answers(read_judgements("sent.csv", content, TREE, reading=as_told())) == pytest.approx(EXPECTED[form])
    assert text.startswith(BYTE_ORDER_MARK)
    assert (";" in text.splitlines()[-1]) is (language in {"fr", "pt", "ru"})


@pytest.mark.parametrize(("language", "encoding"), OWN.items())
def test_lines_above_the_columns_survive_the_encoding_of_their_language(language, encoding):
    with override(language):
        lines = [gettext(text) for text in (KEEP_LINES, *TEMPLATES.values())]

    assert [line for line in lines if line.encode(encoding, "replace").decode(encoding) != line] == []


def test_names_stand_in_the_readers_language():
    long, wide, data = (cells_of(template(form, "fr")) for form in ("long", "wide", "data"))

    assert long[3][-3:] == ["Cité", "Œuvre", "Air"]
    assert wide[2][4:] == ["Œuvre / Air", "Œuvre / École", "Air / École"]
    assert data[2:] == [["", "", "", "Œuvre", "Air", "École"], ["uCode", "uName", "Time", "A", "B", "C"]]


# --- each form by its reader ----------------------------------------------------------------------------------------------


def sent_back(form, told):
    """Return a template with these cells in each of its rows, or in one of its own where it has none."""
    rows = cells_of(template(form, "fr"))
    start = next(number for number, row in enumerate(rows) if next(iter(told)) in row)
    below = rows[start + 1 :] or [[""] * len(rows[start])]
    whole = [[told.get(name, cell) for name, cell in zip(rows[start], row, strict=True)] for row in below]
    return saved([*rows[: start + 1], *whole], "windows-1252")


def read_panel(name, content, reading):
    return read_judgements(name, content, TREE, reading=reading, words=words_of(ROWS))


def read_table(name, content, reading):
    return read_data(name, content, TREE, reading=reading)


def read_list(name, content, reading):
    """Read where values are to come from, beside a list of units from its own template."""
    units = ("units.csv", sent_back("units", {"uCode": "RAB", "uName": "Rabat", "country": "MAR"}))
    return read_unit_list(rule={"en": "All."}, units=units, sources=(name, content), reading=reading)


READERS = {
    "framework": (read_framework, {"iCode": "Root", "Type": "Indicator", "iName": "Cité", "iName_fr": "Cité"}),
    "long": (read_panel, {"expert": "E1", "value": "3"}),
    "wide": (read_panel, {"expert": "E1", "A_B": "3"}),
    "data": (read_table, {"uCode": "RAB", "uName": "Salé", "A": "1,5"}),
    "units": (read_units, {"uCode": "SAL", "uName": "Salé", "country": "MAR", "uName_fr": "Salé"}),
    "sources": (read_sources, {"uCode": "SAL", "iCode": "A", "source": "Société", "given": "1"}),
    "planned": (read_list, {"source": "Société", "vintage": "2024"}),
    "licences": (read_licences, {"source": "Société", "licence": "CC BY 4.0", "redistribution": "1"}),
}


def test_every_form_has_its_reader():
    assert {*READERS} == {*FORMS} == {*TEMPLATES}


@pytest.mark.parametrize("form", FORMS)
def test_form_is_read_by_its_reader_as_it_is_saved(form):
    reader, told = READERS[form]
    reading = as_told()

    assert reader("sent.csv", sent_back(form, told), reading)

    told = {note.code: note.facts for note in reading.notes if note.file == "sent.csv"}
    assert told["encoding_fits"] == {"encoding": "windows-1252"}
    assert "ignored_columns" not in told
    assert "kept_columns" not in told


def test_pairs_of_one_column_are_refused_before_anybody_fills_them_in():
    rows = [FrameworkRow("Root", kind="Aggregate"), *(FrameworkRow(code, "Root") for code in ("A", "A_B", "B_C", "C"))]

    with pytest.raises(FileProblemsError) as caught:
        template_of("wide", rows)

    (problem,) = caught.value.problems
    assert (problem.code, problem.column) == ("column_of_two", "A_B_C")
    assert template_of("long", rows)


def test_refusal_of_a_form_that_nobody_reads_names_the_command():
    command = PROBLEMS["judgement_form"].what.partition("manage.py ")[2].partition("`")[0]

    out = io.StringIO()
    call_command(command, "licences", stdout=out)

    assert out.getvalue() == template("licences", "en")


# --- the command ----------------------------------------------------------------------------------------------------------


def test_template_never_writes_over_a_file(tmp_path):
    path, refused = tmp_path / "mine.csv", io.StringIO()
    path.write_text("filled in")

    with pytest.raises(SystemExit) as ended:
        call_command("template", "units", "--out", str(path), stderr=refused)

    assert (ended.value.code, path.read_text()) == (2, "filled in")
    assert refused.getvalue().startswith("mine.csv:::")


@pytest.mark.parametrize("form", OF_FRAMEWORK)
def test_template_of_a_framework_needs_one(form):
    with pytest.raises(CommandError, match="--framework") as refused:
        call_command("template", form)

    assert refused.value.returncode == 2


def test_template_says_where_it_is(tmp_path):
    told, out = io.StringIO(), tmp_path / "units.csv"

    call_command("template", "units", "--out", str(out), stdout=told)

    assert told.getvalue() == f"An empty file of the form units is in {out}.\n"


# --- what tells an encoding -----------------------------------------------------------------------------------------------

CITY = "ville;société;œuvre\nÉ;ß;ü\n"


def decoded(content, *words):
    return decode("sent.csv", content, as_told(), words)


def test_encodings_that_give_one_text_are_one_reading():
    content = "ville,société\r\n".encode("windows-1252")

    assert content.decode("windows-1254") == content.decode("windows-1252")
    assert decoded(content, "société") == "ville,société\r\n"


def test_word_that_one_encoding_alone_gives_tells_it_beside_words_that_others_give_too():
    content = CITY.encode("windows-1252")

    assert decoded(content, "société", "œuvre", "É;ß") == CITY


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (CITY.encode("windows-1252"), ()),
        (CITY.encode("windows-1252"), ("société",)),
        (CITY.encode("windows-1252"), ("É;ß", CITY.encode("windows-1252").decode("windows-1256")[-5:-1])),
        (CITY.encode("windows-1252"), ("É",)),
    ],
    ids=["no word", "a word that several give", "words that speak against each other", "a word met by chance"],
)
def test_encoding_is_asked_for_where_no_word_tells_it_alone(content, words):
    with pytest.raises(FileProblemsError) as caught:
        decoded(content, *words)

    (problem,) = caught.value.problems
    assert problem.code == "encoding"


def test_names_in_every_language_tell_the_encoding_of_judgements():
    content = "expert;node;a;b;value;group\nE1;Root;A;B;3;École\n".encode("windows-1252")

    with pytest.raises(FileProblemsError):
        read_judgements("sent.csv", content, TREE, reading=as_told())
    panel = read_judgements("sent.csv", content, TREE, reading=as_told(), words=words_of(ROWS))
    assert panel.groups == ("École",)
