"""People of a panel from the cells of a spreadsheet, as they are pasted: every row with what is wrong with it."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Final

from django.conf import settings
from django.utils.translation import get_language_info, override

from exchange.cells import unguarded
from exchange.delimited import SEPARATORS, said_separator, split_rows
from exchange.names import KnownWords, language_of
from exchange.problems import FileProblemsError, listed, nearest
from exchange.tables import csv_text
from surveys.values.panel_people import MOST_PEOPLE, NewPerson, PersonFault, faults_of, time_zones

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

COLUMNS: Final = {
    "email": (
        "email, e-mail, mail, mail address, e-mail address, email address, address, البريد الإلكتروني, البريد, عنوان البريد, "
        "عنوان البريد الإلكتروني, courriel, mél, adresse électronique, adresse e-mail, adresse de courriel, correio eletrónico, "
        "correio eletrônico, endereço de e-mail, endereço eletrónico, почта, эл. почта, электронная почта, "
        "адрес электронной почты, 邮箱, 电子邮箱, 电子邮件, 邮件地址"
    ),
    "name": "name, full name, الاسم, الاسم الكامل, nom, nom complet, nome, nome completo, имя, фио, 姓名, 名字",
    "group": "group, region, المجموعة, المنطقة, groupe, région, grupo, região, группа, регион, 组别, 分组, 组, 地区, 区域",
    "field": (
        "field, expertise, المجال, التخصص, domaine, spécialité, área, domínio, especialidade, область, сфера, "
        "специальность, 领域, 专业"
    ),
    "language": "language, اللغة, langue, língua, idioma, язык, 语言",
    "time_zone": "time zone, time_zone, timezone, المنطقة الزمنية, fuseau horaire, fuso horário, часовой пояс, 时区",
    "weight": "weight, الوزن, poids, peso, вес, 权重",
}
"""How the columns are called, in the six languages."""
MORE_LANGUAGES: Final = {
    "en": "الإنجليزية, الانجليزية",
    "ar": "العربية, عربي",
    "zh-hans": "Chinese, 中文, 汉语, 普通话, chinois, chinês, китайский, الصينية",
    "fr": "الفرنسية",
    "ru": "الروسية",
    "pt": "البرتغالية",
}
"""How people write the languages, beside their names in each other."""
NAMES: Final = KnownWords({name: column for column, names in COLUMNS.items() for name in names.split(", ")})
WEIGHT: Final = re.compile(r"\d{1,6}([.,]\d{1,9})?")
AMBIGUOUS: Final = re.compile(r"\d+,\d{3}")  # 1,500 may be a thousand and more


@dataclass(frozen=True)
class PeopleRow:
    """One row: its number as a person counts, its cells as they stand, whom it names, and what is wrong with it."""

    number: int
    cells: tuple[str, ...]
    person: NewPerson
    faults: tuple[PersonFault, ...]


@dataclass(frozen=True)
class PeopleTable:
    """A table of people.

    ``problem`` is why no row could be read: empty, no_address, column_twice, too_many or one of a file; ``facts`` what and
    where. ``passed_over`` are columns that nobody knows.
    """

    header: tuple[str, ...] = ()
    rows: tuple[PeopleRow, ...] = ()
    passed_over: tuple[str, ...] = ()
    problem: str = ""
    facts: str = ""

    @property
    def good(self) -> tuple[PeopleRow, ...]:
        """The rows that may be taken in."""
        return tuple(row for row in self.rows if not row.faults)

    @property
    def bad(self) -> tuple[PeopleRow, ...]:
        """The rows to be mended."""
        return tuple(row for row in self.rows if row.faults)

    @property
    def rest(self) -> str:
        """The table with the rows to be mended alone, as it may be pasted again."""
        return csv_text(self.header, (row.cells for row in self.bad), separator="\t") if self.bad else ""


def read_people_table(text: str, *, language: str = "", known: Collection[str] = ()) -> PeopleTable:
    """Read pasted cells; the first row names the columns, in any order.

    Parameters
    ----------
    text
        Cells separated by tabs, semicolons, commas or bars.
    language
        The language of rows that name none.
    known
        Addresses, in small letters, of those who are in the panel already.
    """
    try:
        grid = _grid(text)
    except FileProblemsError as error:
        return PeopleTable(problem="unreadable", facts=error.problems[0].what)
    header = tuple(grid[0][1]) if grid else ()
    columns = [NAMES.find(name) or "" for name in header]
    if problem := _problem(grid, header, columns):
        return problem
    rows = [_row(number, cells, columns, language) for number, cells in grid[1:]]
    passed_over = tuple(name for name, column in zip(header, columns, strict=True) if name and not column)
    return PeopleTable(header, tuple(_with_doubles(rows, known)), passed_over)


def _problem(
    grid: Sequence[tuple[int, list[str]]], header: Sequence[str], columns: Sequence[str]
) -> PeopleTable | None:
    """Return why no row can be read, if none can."""
    if not grid:
        return PeopleTable(problem="empty")
    named = [column for column in columns if column]
    if "email" not in named:
        return PeopleTable(problem="no_address")
    if twice := sorted({column for column in named if named.count(column) > 1}):
        same = [name for name, column in zip(header, columns, strict=True) if column == twice[0]]
        return PeopleTable(problem="column_twice", facts=listed(same))
    if len(grid) == 1:
        return PeopleTable(problem="empty")
    return PeopleTable(problem="too_many", facts=str(MOST_PEOPLE)) if len(grid) - 1 > MOST_PEOPLE else None


def _grid(text: str) -> list[tuple[int, list[str]]]:
    """Return the rows, parted by what gives the columns that are known."""
    said, text = said_separator(text)
    first = next(iter(text.strip().splitlines()), "")

    def known(separator: str) -> int:
        return sum(NAMES.find(name.strip(' "')) is not None for name in first.split(separator))

    separator = said or max(("\t", *SEPARATORS), key=known)
    return [(number, list(map(unguarded, cells))) for number, cells in split_rows("", text, separator).rows]


def _row(number: int, cells: list[str], columns: Sequence[str], language: str) -> PeopleRow:
    """Read one row by itself."""
    texts = {
        column: " ".join(cell.split()) for column, cell in zip(columns, cells, strict=False) if column and cell.strip()
    }
    faults = [PersonFault("", "cells")] if any(cells[len(columns) :]) else []
    spoken, zone = texts.get("language", ""), texts.get("time_zone", "")
    person = NewPerson(
        email=texts.get("email", ""),
        name=texts.get("name", ""),
        group=texts.get("group", ""),
        language=(known_language(spoken) or spoken) if spoken else language,
        time_zone=_zones().find(zone) or zone,
        field=texts.get("field", ""),
        weight=_weight(texts.get("weight", "1")),
    )
    near = {
        "language": nearest(spoken, _languages().exact).get("near", ""),
        "time_zone": nearest(zone, time_zones()).get("near", ""),
    }
    faults += [
        replace(fault, near=near.get(fault.field, "")) if fault.code == "unknown" else fault
        for fault in faults_of(person)
    ]
    return PeopleRow(number, tuple(cells), person, tuple(faults))


def _with_doubles(rows: list[PeopleRow], known: Collection[str]) -> Iterator[PeopleRow]:
    """Say of which rows the address stands in the panel, or in an earlier row."""
    first: dict[str, int] = {}
    for row in rows:
        address = row.person.email.casefold()
        fault = None
        if address and address in known:
            fault = PersonFault("email", "taken")
        elif address and first.setdefault(address, row.number) != row.number:
            fault = PersonFault("email", "twice", str(first[address]))
        yield replace(row, faults=(*row.faults, fault)) if fault else row


def known_language(text: str) -> str | None:
    """Return the code of the language that a text names, by its code or in any of the six languages."""
    return _languages().find(text) or language_of(text)


@cache
def _languages() -> KnownWords:
    """Know the languages by their names in themselves and in each other."""
    names: dict[str, str] = {}
    for reader, _name in settings.LANGUAGES:
        with override(reader):
            for code, own in settings.LANGUAGES:
                told = get_language_info(code)
                told_names = (own, told["name"], told["name_local"], told["name_translated"])
                names |= dict.fromkeys(map(str, told_names), code)
    for code, words in MORE_LANGUAGES.items():
        names |= dict.fromkeys(words.split(", "), code)
    return KnownWords(names)


@cache
def _zones() -> KnownWords:
    return KnownWords(time_zones())


def _weight(text: str) -> float:
    """Return a weight; no number where it is none, or could be two."""
    if WEIGHT.fullmatch(text) is None or AMBIGUOUS.fullmatch(text):
        return float("nan")
    return float(text.replace(",", "."))
