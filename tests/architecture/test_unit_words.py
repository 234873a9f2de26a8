"""What a series ranks is said in its own word: every message that names a city has one for countries, regions, institutions."""

import re
from functools import cache

import pytest
from babel.messages.pofile import read_po
from django.conf import settings
from django.template import engines
from django.template.base import TextNode
from django.templatetags.i18n import BlockTranslateNode, TranslateNode
from django.utils.translation import to_locale

from accounts.templatetags.units import of_kind, unit_kind
from accounts.units import UnitKind
from tests.architecture.test_translations import FORMS as FORMS_OF_CITIES
from tests.architecture.test_translations import (
    MAY_LACK,
    SOURCES,
    loses_marks,
    python_messages,
    read,
    template_messages,
)

FORMS = FORMS_OF_CITIES | {"en": 2}
KINDS = [kind.value for kind in UnitKind if kind != UnitKind.CITY]
CITY = {
    "en": r"\bcit(?:y|ies)\b",
    "ar": r"مدين|مدن",
    "fr": r"\b(?:ville|cité)s?\b",
    "pt": r"\bcidades?\b",
    "ru": r"\bгород(?:а|у|ом|е|ов|ам|ами|ах)?\b",
    "zh_Hans": r"城市",
}
# These mean a city whatever is ranked.
ABOUT_CITIES = {
    "Towns and cities",  # one of the kinds, where it is chosen
    "A row says where a value comes from; resolution is city or country, given is 1 or 0.",  # what a file's cells hold
}


def names_a_city(language, *texts):
    return any(re.search(CITY[language], re.sub(r"%\(\w+\)s", "", text), re.IGNORECASE) for text in texts)


def forms(text):
    return text if isinstance(text, tuple) else (text,)


@cache
def of_cities(root):
    """Return the catalogues of the messages as they are of cities, English's made of the messages themselves."""
    paths = {one.parts[-3]: one for one in (root / "locale").glob("*/LC_MESSAGES/django.po")}
    return {language: read(language, path.read_text(encoding="utf-8")).messages for language, path in paths.items()}


@cache
def of_kinds(root):
    """Return by language the messages of other kinds, by kind and message."""
    found = {}
    for path in (root / "platform/config/kinds").glob("*/LC_MESSAGES/django.po"):
        with path.open("rb") as file:
            catalogue = read_po(file, locale=path.parts[-3], abort_invalid=True)
        found[path.parts[-3]] = {(one.context, one.id): one for one in catalogue if one.id}
    return found


def says_city(root, message):
    """Say whether the message names a city in any language."""
    if names_a_city("en", *forms(message)):
        return True
    for language, messages in of_cities(root).items():
        known = messages.get(message) or messages.get(forms(message)[0])
        if known and names_a_city(language, *forms(known.string)):
            return True
    return False


def is_marked(node):
    """Say whether a message of a template is asked for as the kind has it."""
    if isinstance(node, TranslateNode):
        return node.noop and any(function is of_kind for function, _ in node.filter_expression.filters)
    context = node.message_context
    return context is not None and any(function is unit_kind for function, _ in context.filters)


def nodes(path):
    template = engines["django"].from_string(path.read_text()).template
    return [one for kind in (TranslateNode, BlockTranslateNode) for one in template.nodelist.get_nodes_by_type(kind)]


@cache
def templates(root):
    """Return every message of templates with its node."""
    paths = sorted((root / "templates").rglob("*.*"))
    return [(path, *found) for path in paths for found in zip(template_messages(path), nodes(path), strict=True)]


@cache
def modules(root):
    """Return every message of modules, and whether its module asks for messages as the kind has them."""
    found = []
    for folder in SOURCES:
        for path in sorted((root / folder).rglob("*.py")):
            text = path.read_text()
            if "gettext" in text:
                is_aware = "from accounts.units import" in text and "gettext" in text.split("accounts.units import")[1]
                found += [(path, message, is_aware) for message in python_messages(path)]
    return found


def needed(root):
    """Return every message that must be known of every kind."""
    asked = {message for _path, message, node in templates(root) if is_marked(node)}
    return asked | {message for _path, message, is_aware in modules(root) if is_aware and says_city(root, message)}


def test_message_of_a_template_that_names_a_city_is_asked_for_as_the_kind_has_it(root):
    unmarked = {
        (path.name, message)
        for path, message, node in templates(root)
        if says_city(root, message) and not is_marked(node)
    }

    assert {message for _name, message in unmarked} - ABOUT_CITIES == set(), unmarked


def test_message_of_a_module_that_names_a_city_is_asked_for_as_the_kind_has_it(root):
    found = {message for _path, message, is_aware in modules(root) if says_city(root, message) and not is_aware}

    assert found == ABOUT_CITIES


def test_short_messages_take_no_context_that_threads_would_share(root):
    nodes_with_context = [
        (path.name, message)
        for path, message, node in templates(root)
        if isinstance(node, TranslateNode) and node.message_context is not None
    ]

    assert nodes_with_context == []


def test_only_pages_of_releases_and_series_name_the_unit(root):
    """Where others do, as mails would, their series' kind must be set first: see `accounts.units`."""
    marked = {path.relative_to(root / "templates").parts[0] for path, _, node in templates(root) if is_marked(node)}

    assert marked == {"scoring"}


def test_templates_say_nothing_of_cities_outside_of_messages(root):
    said = {}
    for path in (root / "templates").rglob("*.*"):
        template = engines["django"].from_string(path.read_text()).template
        text = "".join(node.s for node in template.nodelist.get_nodes_by_type(TextNode))
        if names_a_city("en", re.sub(r"<[^>]*>", "", text)):
            said[path.name] = text
    assert said == {}


@pytest.mark.parametrize("language", FORMS)
@pytest.mark.parametrize("kind", KINDS)
def test_catalogue_has_every_message_that_names_the_unit(root, language, kind):
    known = {message for context, message in of_kinds(root)[language] if context == kind}
    known |= {message[0] for message in known if isinstance(message, tuple)}
    asked = {message for message in needed(root) if language != "en" or names_a_city("en", *forms(message))}

    assert {message for message in asked if message not in known and forms(message)[0] not in known} == set()
    assert len(asked) > 80


@pytest.mark.parametrize("language", FORMS)
def test_catalogue_has_nothing_that_is_not_asked_for(root, language):
    asked = {forms(message)[0] for message in needed(root)}

    assert {message for _kind, message in of_kinds(root)[language] if forms(message)[0] not in asked} == set()


@pytest.mark.parametrize("language", FORMS)
def test_catalogue_names_no_city(root, language):
    found = of_kinds(root)[language].values()

    assert [one.string for one in found if names_a_city(language, *forms(one.string))] == []


@pytest.mark.parametrize("language", FORMS)
def test_catalogue_is_whole_and_keeps_placeholders(root, language):
    for one in of_kinds(root)[language].values():
        assert all(text.strip() for text in forms(one.string)), one.id
        assert not one.fuzzy, one.id
        assert len(forms(one.string)) == (FORMS[language] if isinstance(one.id, tuple) else 1), one.id
        assert not loses_marks(one, MAY_LACK.get(language, ())), one.id


def test_every_language_has_a_catalogue_of_the_kinds(root):
    assert {to_locale(code) for code, _ in settings.LANGUAGES} == set(of_kinds(root)) == set(FORMS)


@pytest.mark.parametrize(
    ("language", "text", "is_found"),
    [
        ("en", "All ranked Cities", True),
        ("en", "its capacity", False),
        ("fr", "La ville", True),
        ("ar", "كل المدن", True),
        ("pt", "uma cidade", True),
        ("ru", "Города", True),
        ("ru", "городской", False),
        ("zh_Hans", "该城市", True),
        ("en", "%(city)s", False),
    ],
)
def test_words_for_a_city_are_found(language, text, is_found):
    assert names_a_city(language, text) is is_found


def test_message_that_names_a_city_in_another_language_alone_is_found(root):
    assert says_city(root, "Within reach of its peers")
    assert not says_city(root, "Settings")
