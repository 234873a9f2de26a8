"""Every problem of a file and every note on its reading is told by a known code, with the facts that its sentence names."""

import ast
from string import Formatter

import pytest
from django.conf import settings
from django.utils.translation import gettext, override

from exchange.options import SAID
from exchange.problems import FileNote, FileProblem, nearest
from exchange.wording import DID_YOU_MEAN, NOTES, OPTIONS, PROBLEMS, note_sentence, options_for, problem_sentence
from scoring.api.bodies import ReadingSerializer
from scoring.management.base import one_line
from scoring.management.commands import score, weigh
from scoring.management.reading import as_typed, with_notes
from scoring.web.desk.reading_form import ReadingForm

LANGUAGES = [code for code, _ in settings.LANGUAGES]


def placeholders(text):
    return {name for _, name, *_ in Formatter().parse(text) if name}


def texts():
    yield DID_YOU_MEAN
    yield from NOTES.values()
    for sentence in PROBLEMS.values():
        yield from filter(None, sentence)


def named_by(code):
    return placeholders(PROBLEMS[code].what) | placeholders(PROBLEMS[code].allowed)


@pytest.fixture(scope="module")
def calls(root):
    """Return the codes that calls of production code name, by what is called, and every text that it holds."""
    named, texts = {"problem": set(), "note": set()}, set()
    for path in (path for room in ("platform", "surveys", "scoring") for path in sorted((root / room).rglob("*.py"))):
        if path.name == "wording.py" and path.parent.name == "exchange":
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                texts.add(node.value)
            if isinstance(node, ast.Call):
                called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                place = {"FileProblem": 1, "problem": 0, "_problem": 0, "refuse": 0, "refusal": 1, "note": 1}.get(
                    called
                )
                if place is None or len(node.args) <= place:
                    continue
                kind = "note" if called == "note" else "problem"
                named[kind] |= (
                    set(constants(node.args[place]))
                    if kind == "problem" or "reading" in ast.unparse(node.func)
                    else set()
                )
    return named, texts


def constants(node):
    """Yield the texts that an expression may be: itself, or either side of a choice."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from constants(node.body)
        yield from constants(node.orelse)


# --- codes --------------------------------------------------------------------------------------------------------------


def test_every_code_that_is_told_has_a_sentence(calls):
    named, _ = calls

    assert named["problem"] - set(PROBLEMS) == set()
    assert named["note"] - set(NOTES) == set()
    assert len(named["problem"]) > 60
    assert len(named["note"]) > 10


def test_every_sentence_is_told_somewhere(calls):
    _, texts = calls

    assert {*PROBLEMS, *NOTES} - texts == set()


# --- sentences in every language ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_translation_names_the_facts_of_its_sentence(language):
    with override(language):
        said = {text: gettext(text) for text in texts()}

    assert {text: other for text, other in said.items() if placeholders(other) != placeholders(text)} == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_is_said_with_its_facts(language):
    with override(language):
        for code, sentence in PROBLEMS.items():
            told = problem_sentence(code, {name: f"<{name}>" for name in named_by(code)})
            assert bool(told.allowed) is bool(sentence.allowed)
            assert {name for name in named_by(code) if f"<{name}>" in "".join(told)} == named_by(code)
        for code, text in NOTES.items():
            said = note_sentence(code, {name: f"<{name}>" for name in placeholders(text)})
            assert all(f"<{name}>" in said for name in placeholders(text))


# --- options ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_sentence_names_an_option_of_a_command(language):
    """What one types is no word of those who read a page, or an answer of the API."""
    with override(language):
        assert [text for text in texts() if "--" in gettext(text)] == []


def test_every_option_is_one_of_the_commands():
    known = {action.dest for command in (score, weigh) for action in command.Command().create_parser("", "")._actions}

    assert {option.name for code in OPTIONS for option in OPTIONS[code]} - known == set()
    assert set(OPTIONS) - {*PROBLEMS, *NOTES} == set()


def test_page_and_request_have_the_same_fields_for_what_may_be_said():
    assert tuple(ReadingForm.base_fields) == tuple(ReadingSerializer().fields) == SAID
    assert set(SAID) <= {option.name for code in OPTIONS for option in OPTIONS[code]} | {"thousands"}


@pytest.mark.parametrize("code", OPTIONS)
def test_every_option_says_the_facts_of_its_problem(code):
    named = {name for option in OPTIONS[code] for name in placeholders(option.value)}
    told = options_for(code, {name: f"<{name}>" for name in named})

    assert [option.name for option in told] == [option.name for option in OPTIONS[code]]
    assert all(f"<{name}>" in "".join(option.value for option in told) for name in named)


@pytest.mark.parametrize(
    ("problem", "typed"),
    [
        (FileProblem("a.csv", "decimal", facts={"point": "1.2", "comma": "1200"}), "--decimal"),
        (FileProblem("a.csv", "step_range", facts={"value": "99"}), "--range free, --missing 99"),
        (FileProblem("a.csv", "missing_marker", facts={"marker": "*", "count": 1}), "--missing '*'"),
        (FileProblem("a.csv", "no_respondent", facts={"columns": "a"}), "--expert-column"),
        (FileProblem("a.csv", "empty_file"), ""),
    ],
)
def test_command_says_what_to_type(problem, typed):
    assert as_typed(problem.options) == typed
    assert one_line(problem) == str(problem) + (f" ({typed})" if typed else "")


def test_note_of_a_command_says_what_to_type():
    notes = [{"file": "a.csv", "what": "Far.", "option": "--missing 999"}, {"file": "a.csv", "what": "Near."}]

    assert with_notes("Done.", notes) == "Done.\na.csv: Far. (--missing 999)\na.csv: Near."


# --- lines --------------------------------------------------------------------------------------------------------------


def test_problem_is_one_line_with_its_place_and_what_may_be_meant():
    facts = {"columns": "uCode, Time", **nearest("Tine", ["uCode", "Time"])}
    problem = FileProblem("data.xlsx", "unknown_column", 3, "Tine", "x", facts, "Sheet 2")

    assert str(problem) == (
        "data.xlsx:3:Tine: [Sheet 2] unknown column; did you mean Time?, allowed uCode, Time, got x"
    )
    with override("fr"):
        assert problem.what == "colonne inconnue\u202f; vouliez-vous dire Time\u202f?"


def test_note_is_one_line_of_its_file():
    assert str(FileNote("data.csv", "separator", {"separator": "tab"})) == "data.csv: Columns are separated by tab."


def test_what_was_kept_before_it_was_reworded_is_told_by_its_code():
    assert FileProblem("a.csv", "of_old", facts={"most": 3}).what == "of_old"
    assert FileProblem("a.csv", "too_large").what == "too_large"  # it did not name its limit then
    assert FileNote("a.csv", "of_old").what == "of_old"
