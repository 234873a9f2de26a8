"""A framework's tree as a page shows it: what each node asks, what is told in which language, and what is to be looked at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.conf import settings
from django.utils.translation import get_language_info

from accounts.names import localised, name_and_language
from surveys.values.framework import ENGLISH, IN_TREE, FrameworkRow
from surveys.values.framework_edits import AGGREGATE, children_of
from surveys.values.sheet import minutes

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

MANY_CHILDREN: Final = 8
SINGLE, MANY, CHILDLESS, NO_UNIT, NO_SOURCE = "single", "many", "childless", "no_unit", "no_source"


@dataclass(frozen=True)
class SpokenLanguage:
    """A language of the series: its code, its own name, and how it runs."""

    code: str
    name: str
    direction: str


@dataclass(frozen=True)
class CriterionLine:
    """A row of the tree: what it is, what it asks of a panelist, in how many languages it is told, and what is doubtful."""

    row: FrameworkRow
    name: str
    depth: int
    children: int
    pairs: int
    minutes: int
    told: int
    is_first: bool
    is_last: bool
    doubts: tuple[str, ...]

    @property
    def code(self) -> str:
        """Its code."""
        return self.row.code

    @property
    def is_group(self) -> bool:
        """Say whether others stand, or may stand, under it."""
        return self.row.kind == AGGREGATE

    @property
    def is_root(self) -> bool:
        """Say whether it stands at the top."""
        return self.row.parent is None


@dataclass(frozen=True)
class LanguageGap:
    """A language, and the codes of criteria that have no name, or a definition elsewhere but not in it."""

    language: SpokenLanguage
    names: tuple[str, ...]
    definitions: tuple[str, ...]

    @property
    def count(self) -> int:
        """How many texts are missing."""
        return len(self.names) + len(self.definitions)


@dataclass(frozen=True)
class FrameworkTree:
    """The tree depth first, further columns of the data, and the sums of what is asked and what is missing."""

    lines: tuple[CriterionLine, ...]
    others: tuple[FrameworkRow, ...]
    pairs: int
    minutes: int
    indicators: int
    gaps: tuple[LanguageGap, ...]

    @property
    def is_finished(self) -> bool:
        """Say whether every branch ends in an indicator, as a frozen version does."""
        return not any(CHILDLESS in line.doubts for line in self.lines)

    @property
    def missing(self) -> int:
        """How many texts are missing in all languages together."""
        return sum(gap.count for gap in self.gaps)

    @property
    def doubts(self) -> int:
        """How many doubts there are."""
        return sum(len(line.doubts) for line in self.lines)

    def line(self, code: str) -> CriterionLine | None:
        """Return the line of a criterion."""
        return next((line for line in self.lines if line.code == code), None)

    def below(self, code: str) -> list[CriterionLine]:
        """Return the lines under a criterion, at any depth."""
        found: list[CriterionLine] = []
        inside = {code}
        for line in self.lines:
            if line.row.parent in inside:
                inside.add(line.code)
                found.append(line)
        return found


def spoken_languages(codes: Collection[str]) -> tuple[SpokenLanguage, ...]:
    """Return languages by their codes, in the order of the settings; English, in which codes are made, comes with none."""
    offered = [code for code, _name in settings.LANGUAGES if code in codes] or [ENGLISH]
    names = dict(settings.LANGUAGES)
    return tuple(
        SpokenLanguage(code, str(names[code]), "rtl" if get_language_info(code)["bidi"] else "ltr") for code in offered
    )


def told_in(texts: Mapping[str, str], code: str) -> str:
    """Return a text in a language itself; empty where it is told in others alone."""
    text, other = name_and_language(texts, code)
    return "" if other else text


def with_texts(texts: Mapping[str, str], said: Mapping[str, str]) -> dict[str, str]:
    """Return texts by language with those said in their place; an empty one is taken away, and others stay."""
    kept = {
        language: text
        for language, text in texts.items()
        if not any(told == language or told.split("-")[0] == language for told in said)
    }
    return kept | {language: text for language, text in said.items() if text}


def pairs_of(children: int) -> int:
    """Return how many pairs so many children ask."""
    return children * (children - 1) // 2


def framework_tree(rows: Sequence[FrameworkRow], languages: Sequence[SpokenLanguage]) -> FrameworkTree:
    """Return the tree of a framework's rows as a page shows it."""
    below = children_of(rows)
    lines = tuple(_lines(rows, below, languages))
    pairs = sum(line.pairs for line in lines)
    return FrameworkTree(
        lines=lines,
        others=tuple(row for row in rows if row.kind not in IN_TREE),
        pairs=pairs,
        minutes=minutes(pairs),
        indicators=sum(not line.is_group for line in lines),
        gaps=tuple(_gap(language, [line.row for line in lines]) for language in languages),
    )


def _lines(
    rows: Sequence[FrameworkRow],
    below: Mapping[str | None, list[FrameworkRow]],
    languages: Sequence[SpokenLanguage],
) -> Iterator[CriterionLine]:
    depths: dict[str | None, int] = {None: -1}
    for row in rows:
        if row.kind not in IN_TREE:
            continue
        depths[row.code] = depths[row.parent] + 1
        siblings, children = below[row.parent], len(below.get(row.code, ()))
        yield CriterionLine(
            row=row,
            name=localised(row.names) or row.code,
            depth=depths[row.code],
            children=children,
            pairs=pairs_of(children),
            minutes=minutes(pairs_of(children)),
            told=sum(bool(told_in(row.names, one.code)) for one in languages),
            is_first=siblings[0] is row,
            is_last=siblings[-1] is row,
            doubts=tuple(_doubts(row, children)),
        )


def _doubts(row: FrameworkRow, children: int) -> Iterator[str]:
    """Find what is to be looked at again; an aggregate without children alone keeps a version from being frozen."""
    if row.kind == AGGREGATE:
        if children == 0:
            yield CHILDLESS
        elif children == 1:
            yield SINGLE
        elif children >= MANY_CHILDREN:
            yield MANY
        return
    if not row.unit:
        yield NO_UNIT
    if not row.source:
        yield NO_SOURCE


def _gap(language: SpokenLanguage, rows: Sequence[FrameworkRow]) -> LanguageGap:
    unnamed = tuple(row.code for row in rows if not told_in(row.names, language.code))
    undefined = (
        row.code for row in rows if any(row.definitions.values()) and not told_in(row.definitions, language.code)
    )
    return LanguageGap(language, unnamed, tuple(undefined))
