"""How codes, names and languages of a file are matched with known ones: one rule for every file."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from django.conf import settings
from django.utils.translation import get_supported_language_variant

if TYPE_CHECKING:
    from collections.abc import Iterable

TRADITIONAL: Final = {"hant", "tw", "hk", "mo"}


def key(text: str) -> str:
    """Return what two spellings of one name have in common: letters alike, capitals or not, blanks, forms of width."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


class KnownWords:
    """Words that a file may name, found by any of their spellings."""

    def __init__(self, words: Iterable[str] | Mapping[str, str]) -> None:
        """Know these words, or what each of several names means.

        Parameters
        ----------
        words : Iterable[str] | Mapping[str, str]
            The words, or the word that is meant by each name. A spelling that several share finds none of them.
        """
        self.exact = dict(words) if isinstance(words, Mapping) else {word: word for word in words}
        self.keyed: dict[str, str] = {}
        self.shared: set[str] = set()
        for name, word in self.exact.items():
            if self.keyed.setdefault(key(name), word) != word:
                self.shared.add(key(name))

    def find(self, text: str) -> str | None:
        """Return the word that a text means: itself, or the one with its spelling; None where there is none, or several."""
        if text in self.exact:
            return self.exact[text]
        spelling = key(text)
        return None if spelling in self.shared else self.keyed.get(spelling)


def languages() -> list[str]:
    """Return the codes of the languages that there are."""
    return [code for code, _ in settings.LANGUAGES]


def language_of(text: str) -> str | None:
    """Return the code of the language that ``zh_Hans``, ``zh-hans`` or ``zh`` means; None where it is none of ours.

    A region is passed over (``pt-BR`` is ``pt``); traditional Chinese is not simplified Chinese.
    """
    tag = text.strip().replace("_", "-").lower()
    if not tag.isascii() or TRADITIONAL & set(tag.split("-")):
        return None
    try:
        return get_supported_language_variant(tag)
    except LookupError:
        return None
