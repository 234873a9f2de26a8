"""Templates inside a sentence: laid out over lines, read as one."""

from __future__ import annotations

from django.template import engines

LAID_OUT = "\n{% if long %}\n  a <b>{{ word }}</b>\n  {{ word }}\n{% endif %}\n"


def render(source: str, **context: object) -> str:
    django = engines["django"]
    return django.from_string("{% load phrases %}" + source).render({"inner": django.from_string(LAID_OUT), **context})


def test_phrase_drops_line_breaks_and_indents() -> None:
    assert render("({% phrase inner %}).", long=True, word="x") == "(a <b>x</b> x)."


def test_phrase_of_nothing_is_nothing() -> None:
    assert render("({% phrase inner %}).", long=False) == "()."


def test_phrase_takes_named_values_as_include_does() -> None:
    assert render("{% phrase inner with word='y' long=True only %}", word="x") == "a <b>y</b> y"


def test_phrase_escapes_once() -> None:
    assert render("{% phrase inner %}", long=True, word="<&") == "a <b>&lt;&amp;</b> &lt;&amp;"


def test_phrase_keeps_no_break_spaces() -> None:
    assert render("{% phrase inner %}", long=True, word="60\u00a0%\u202f") == "a <b>60\u00a0%\u202f</b> 60\u00a0%\u202f"
