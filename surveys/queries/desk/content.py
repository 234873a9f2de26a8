"""Which of a framework's names and definitions are there, language by language."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.conf import settings

from accounts.names import name_and_language
from surveys.models import Criterion

if TYPE_CHECKING:
    from collections.abc import Iterable

    from surveys.models import FrameworkVersion


@dataclass(frozen=True)
class LanguageStatus:
    """A language: how many criteria have a name and a definition in it, and the codes of those that lack one.

    ``panelists`` counts those who are asked in it. Where no language has a definition, none is missing.
    """

    code: str
    name: str
    panelists: int
    names: int
    names_missing: tuple[str, ...]
    definitions: int
    definitions_missing: tuple[str, ...]

    @property
    def is_complete(self) -> bool:
        """Whether nothing is missing."""
        return not (self.names_missing or self.definitions_missing)


def content_status(version: FrameworkVersion, languages: Iterable[str]) -> tuple[LanguageStatus, ...]:
    """Return the status of every language offered, given one language an invited panelist; one query."""
    asked = list(languages)
    kinds = (Criterion.Kind.INDICATOR, Criterion.Kind.AGGREGATE)
    criteria = list(version.criteria.filter(kind__in=kinds).order_by("position"))
    return tuple(_status(code, str(name), asked.count(code), criteria) for code, name in settings.LANGUAGES)


def _status(code: str, name: str, panelists: int, criteria: list[Criterion]) -> LanguageStatus:
    unnamed = tuple(one.code for one in criteria if not all(_own(one.names, code)))
    wanted = [one for one in criteria if any(one.definitions.values())]
    undefined = tuple(one.code for one in wanted if not all(_own(one.definitions, code)))
    return LanguageStatus(
        code, name, panelists, len(criteria) - len(unnamed), unnamed, len(wanted) - len(undefined), undefined
    )


def _own(texts: dict[str, str], code: str) -> tuple[bool, bool]:
    """Say whether there is a text, and whether it is in the language itself."""
    text, language = name_and_language(texts, code)
    return bool(text), not language
