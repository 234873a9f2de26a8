"""Every problem of a file and every note on its reading is told by a known code, with the facts that its sentence names."""

import ast
from string import Formatter

import pytest
from django.conf import settings
from django.utils.translation import gettext, override

from exchange.problems import FileNote, FileProblem, nearest
from exchange.wording import DID_YOU_MEAN, NOTES, PROBLEMS, note_sentence, problem_sentence

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
