"""Every word a page, a mail or a message shows is in every catalogue, said in its language, its placeholders kept."""

import re
from collections import Counter
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from itertools import zip_longest

import pytest
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_file
from babel.messages.pofile import read_po
from django.conf import settings
from django.template import engines
from django.templatetags.i18n import BlockTranslateNode, TranslateNode
from django.utils.translation import to_locale, trim_whitespace

FORMS = {"ar": 6, "fr": 2, "pt": 2, "ru": 4, "zh_Hans": 1}  # how many plural forms each language has
# How many placeholders a plural's first forms may leave out: those for one number only, none of it, one or two.
MAY_LACK = {"ar": (4, 1, 1), "fr": (1,), "pt": (1,)}
# What may read as in English: what every language shares, then the words a language spells the same.
SAME_EVERYWHERE = {
    "%(low)s–%(high)s",
    "%(name)s: %(how)s",
    "%(number)s %%",
    ",",
    ":",
    ";",
    "25–75 %%",
    "5–95 %%",
    "AHP",
    "CSV",
    "Steelyard",
}
SAME = {
    "ar": set(),
    "fr": {
        "%(experts)s expert",
        "Cause",
        "Code",
        "Experts",
        "Importance",
        "Invitation",
        "Licence",
        "Licences",
        "Pages",
        "Panel",
        "Question",
        "Questions",
        "Place",
        "Places",
        "Points",
        "Score",
        "Score, 0–100",
        "Scores",
        "Source",
        "Sources",
        "expert",
    },
    "pt": set(),
    "ru": set(),
    "zh_Hans": set(),
}
KEYWORDS = DEFAULT_KEYWORDS | {
    f"{name}_lazy": DEFAULT_KEYWORDS[name] for name in ("gettext", "ngettext", "pgettext", "npgettext")
}
PLACEHOLDER = re.compile(r"%\(\w+\)s|\{\w+\}|%%|%|</?\w+>")  # a lone % is a broken one
PLURAL = re.compile(r'^msgid_plural ".*"\n(?:".*"\n)*((?:msgstr.*\n(?:".*"\n)*)*)', flags=re.MULTILINE)
SOURCES = ("platform", "surveys", "scoring")


# --- catalogues and what is asked of them -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Catalogue:
    """A language's messages, and the text they were read from."""

    language: str
    text: str
    messages: dict


def read(language, text):
    found = read_po(BytesIO(text.encode()), locale=language, abort_invalid=True)
    return Catalogue(language, text, {message.id: message for message in found if message.id})


@pytest.fixture(scope="module", params=FORMS)
def catalogue(request, root):
    path = root / "locale" / request.param / "LC_MESSAGES" / "django.po"
    return read(request.param, path.read_text(encoding="utf-8"))


def template_messages(path):
    template = engines["django"].from_string(path.read_text()).template
    for node in template.nodelist.get_nodes_by_type(TranslateNode):
        yield node.filter_expression.var.literal.replace("%", "%%")  # as Django looks it up
    for node in template.nodelist.get_nodes_by_type(BlockTranslateNode):
        forms = [node.render_token_list(tokens)[0] for tokens in (node.singular, node.plural) if tokens]
        forms = [trim_whitespace(form) if node.trimmed else form for form in forms]
        yield forms[0] if len(forms) == 1 else tuple(forms)


def python_messages(path):
    return [found[1] for found in extract_from_file("python", path, keywords=KEYWORDS)]


def files(root):
    yield from ((path, template_messages) for path in sorted((root / "templates").rglob("*.*")))
    for folder in SOURCES:
        for path in sorted((root / folder).rglob("*.py")):
            if "gettext" in path.read_text():
                yield path, python_messages


@cache
def shown(root):
    return [(path.name, message) for path, messages in files(root) for message in messages(path)]


# --- what can be wrong with one ---------------------------------------------------------------------------------------


def missing(catalogue, asked):
    known = catalogue.messages
    return [
        (name, message)
        for name, message in asked
        if message not in known and (message[0] if isinstance(message, tuple) else message) not in known
    ]


def ids(message):
    return message.id if isinstance(message.id, tuple) else (message.id,)


def forms(message):
    return message.string if isinstance(message.string, tuple) else (message.string,)


def empty(catalogue):
    return [message.id for message in catalogue.messages.values() if not all(form.strip() for form in forms(message))]


def fuzzy(catalogue):
    return [message.id for message in catalogue.messages.values() if message.fuzzy]


def wrongly_many_forms(catalogue):
    """Return how many forms its plurals have, and its header says, where the language has another number."""
    counts = {len(re.findall(r"^msgstr\[\d\]", block, flags=re.MULTILINE)) for block in PLURAL.findall(catalogue.text)}
    counts.update(int(number) for number in re.findall(r"nplurals=(\d+)", catalogue.text))
    return sorted(counts - {FORMS[catalogue.language]})


def marks(form):
    """Return a form's placeholders, which may come more than once, and its tags with their number."""
    found = Counter(PLACEHOLDER.findall(form))
    return {(mark, count if mark.startswith("<") else 1) for mark, count in found.items()}


def loses_marks(message, may_lack):
    """Say whether a form adds a placeholder or tag, or misses more placeholders than it may, or any tag."""
    asked = marks(ids(message)[-1])
    allowed = may_lack if isinstance(message.id, tuple) else ()
    for form, most in zip_longest(forms(message), allowed, fillvalue=0):
        kept = marks(form)
        lost = [mark for mark, _ in asked - kept]
        if kept - asked or len(lost) > most or any(mark.startswith("<") for mark in lost):
            return True
    return False


def without_marks(catalogue):
    may_lack = MAY_LACK.get(catalogue.language, ())
    found = catalogue.messages.values()
    return [(message.id, message.string) for message in found if loses_marks(message, may_lack)]


def as_in_english(catalogue):
    """Return what reads as in English and is not listed, and what is listed and reads otherwise."""
    same = {
        message.id: ids(message)[0] for message in catalogue.messages.values() if {*ids(message)} & {*forms(message)}
    }
    return sorted(({*same.values()} - SAME_EVERYWHERE) ^ SAME[catalogue.language])


CHECKS = (empty, fuzzy, wrongly_many_forms, without_marks, as_in_english)


# --- the catalogues ---------------------------------------------------------------------------------------------------


def test_every_language_has_a_catalogue(root):
    languages = {to_locale(code) for code, _ in settings.LANGUAGES if code != "en"}

    assert languages == {path.name for path in (root / "locale").iterdir() if path.is_dir()} == {*FORMS} == {*SAME}


def test_catalogue_has_every_message_of_templates_and_code(root, catalogue):
    assert missing(catalogue, shown(root)) == []


def test_catalogue_leaves_nothing_empty(catalogue):
    assert empty(catalogue) == []


def test_catalogue_leaves_nothing_in_doubt(catalogue):
    assert fuzzy(catalogue) == []


def test_catalogue_gives_every_plural_form(catalogue):
    assert wrongly_many_forms(catalogue) == []


def test_catalogue_keeps_placeholders_and_tags(catalogue):
    assert without_marks(catalogue) == []


def test_catalogue_says_it_in_its_language(catalogue):
    assert as_in_english(catalogue) == []


# --- the checks themselves --------------------------------------------------------------------------------------------

RIGHT = """\
msgid ""
msgstr ""
"Language: ar\\n"
"Plural-Forms: nplurals=6; plural=n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : n%100>=3 && n%100<=10 ? 3 : n%100>=11 ? 4 : 5;\\n"

#, python-format
msgid "Weight of %(name)s: <b>%(weight)s</b> %%"
msgstr "وزن %(name)s: <b>%(weight)s</b> %%"

#, python-brace-format
msgid "Round {number}"
msgstr "الجولة {number}"

#, python-format
msgid "%(total)s city of %(name)s"
msgid_plural "%(total)s cities of %(name)s"
msgstr[0] "لا مدن من %(name)s"
msgstr[1] "مدينة واحدة من %(name)s"
msgstr[2] "مدينتان من %(name)s"
msgstr[3] "%(total)s مدن من %(name)s"
msgstr[4] "%(total)s مدينة من %(name)s"
msgstr[5] "%(total)s مدينة من %(name)s"
"""
FAULTS = [
    (empty, "الجولة {number}", ""),
    (empty, "مدينة واحدة من %(name)s", ""),
    (fuzzy, "#, python-brace-format", "#, fuzzy, python-brace-format"),
    (wrongly_many_forms, 'msgstr[5] "%(total)s مدينة من %(name)s"\n', ""),
    (wrongly_many_forms, "nplurals=6", "nplurals=7"),
    (without_marks, '{number}"\n\n#, python-format', '{n}"\n\n#, python-format'),
    (without_marks, "الجولة {number}", "الجولة"),
    (without_marks, "وزن %(name)s:", "وزن:"),
    (without_marks, '<b>%(weight)s</b> %%"\n\n#, python-brace', '<b>%(weight)s %%"\n\n#, python-brace'),
    (without_marks, '</b> %%"\n\n#, python-brace', '</b> %"\n\n#, python-brace'),
    (without_marks, "مدينتان من %(name)s", "مدينتان"),  # one may be left out, not both
    (without_marks, "مدينتان من %(name)s", "مدينتان من %(nam)s"),
    (without_marks, "%(total)s مد", "مد"),
    (without_marks, "مدينة واحدة من %(name)s", "<b>مدينة</b> واحدة من %(name)s"),
    (without_marks, "%(total)s مدن من %(name)s", "%(total)s مدن"),
    (as_in_english, "الجولة {number}", "Round {number}"),
    (as_in_english, "مدينتان من %(name)s", "%(total)s cities of %(name)s"),
]  # fmt: skip


@pytest.mark.parametrize("check", CHECKS)
def test_check_finds_nothing_where_nothing_is_wrong(check):
    assert check(read("ar", RIGHT)) == []


@pytest.mark.parametrize(("check", "right", "wrong"), FAULTS)
def test_check_finds_its_fault(check, right, wrong):
    assert right in RIGHT
    assert check(read("ar", RIGHT.replace(right, wrong))) != []


@pytest.mark.parametrize("asked", ["Round {n}", ("%(total)s town", "%(total)s towns")])
def test_check_finds_what_a_page_shows_and_the_catalogue_has_not(asked):
    known = [
        ("page.html", "Round {number}"),
        ("page.html", ("%(total)s city of %(name)s", "%(total)s cities of %(name)s")),
    ]

    assert missing(read("ar", RIGHT), [*known, ("page.html", asked)]) == [("page.html", asked)]


def test_check_finds_a_listed_word_that_reads_otherwise(monkeypatch):
    monkeypatch.setitem(SAME, "ar", {"Round {number}"})

    assert as_in_english(read("ar", RIGHT)) == ["Round {number}"]
