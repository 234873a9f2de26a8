"""Every word a page, a mail or a message shows is in the Arabic catalogue, with its placeholders."""

import re

import pytest
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_file
from babel.messages.pofile import read_po
from django.conf import settings
from django.template import engines
from django.templatetags.i18n import BlockTranslateNode, TranslateNode
from django.utils.translation import trim_whitespace

KEYWORDS = DEFAULT_KEYWORDS | {
    f"{name}_lazy": DEFAULT_KEYWORDS[name] for name in ("gettext", "ngettext", "pgettext", "npgettext")
}
PLACEHOLDER = re.compile(r"%\(\w+\)s|\{\w+\}|%%|</?\w+>")
SOURCES = ("platform", "surveys", "scoring")


@pytest.fixture(scope="module")
def arabic(root):
    with (root / "locale" / "ar" / "LC_MESSAGES" / "django.po").open("rb") as file:
        return {message.id: message for message in read_po(file, locale="ar") if message.id}


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


def filled(message):
    return all(message.string) if isinstance(message.string, tuple) else bool(message.string)


def test_arabic_has_every_message_of_templates_and_code(root, arabic):
    missing = [
        (path.name, message)
        for path, messages in files(root)
        for message in messages(path)
        if message not in arabic and (message[0] if isinstance(message, tuple) else message) not in arabic
    ]

    assert missing == []


def test_arabic_leaves_nothing_open_or_in_doubt(arabic):
    assert [message.id for message in arabic.values() if not filled(message) or message.fuzzy] == []


def test_arabic_gives_all_six_plural_forms(arabic):
    plural = [message for message in arabic.values() if isinstance(message.id, tuple)]

    assert {len(message.string) for message in plural} == {6}


def test_arabic_keeps_placeholders_and_marks(arabic):
    wrong = []
    for message in arabic.values():
        asked = set(PLACEHOLDER.findall(message.id if isinstance(message.id, str) else message.id[1]))
        forms = [message.string] if isinstance(message.string, str) else message.string
        plural = isinstance(message.id, tuple)
        wrong += [
            (message.id, form)
            for form in forms
            if not (set(PLACEHOLDER.findall(form)) <= asked if plural else set(PLACEHOLDER.findall(form)) == asked)
        ]

    assert wrong == []


def test_every_language_has_a_catalogue(root):
    folders = {"zh-hans": "zh_Hans"}
    names = [folders.get(code, code) for code, _ in settings.LANGUAGES if code != "en"]

    assert [name for name in names if not (root / "locale" / name / "LC_MESSAGES" / "django.po").is_file()] == []
