"""Changes of a framework's rows: each takes the rows and returns what they become, or says by name why it cannot be.

A draft may be unfinished: a group of criteria may still be empty. It is one tree all the same.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from django.utils.text import slugify

from accounts.names import localised
from surveys.errors import CriterionError
from surveys.values.framework import IN_TREE, FrameworkRow

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

AGGREGATE: Final = "Aggregate"
INDICATOR: Final = "Indicator"
MOST_CRITERIA: Final = 500
LONGEST_CODE: Final = 64
LONGEST_UNIT: Final = 200
CODE: Final = re.compile(r"[A-Za-z0-9_.-]+")
WORDS_OF_A_CODE: Final = 3

Rows = tuple[FrameworkRow, ...]


def settled(rows: Sequence[FrameworkRow]) -> Rows:
    """Return the rows as they are kept: the tree depth first with its levels, then all others.

    Raises
    ------
    CriterionError
        Too many criteria, a code that stands twice or is too long, a parent that is not there or is an indicator, no root or several, a cycle.
    """
    codes = Counter(row.code for row in rows)
    for row in rows:
        if codes[row.code] > 1:
            raise CriterionError(f"criterion {row.code} stands twice", field="code", why="code_twice", code=row.code)
        if len(row.code) > LONGEST_CODE or len(row.denominator) > LONGEST_CODE or len(row.unit) > LONGEST_UNIT:
            facts = {"code": row.code[:20], "most": LONGEST_CODE, "unit": LONGEST_UNIT}
            raise CriterionError(f"{row.code[:20]}: code or unit is too long", field="text", why="too_long", **facts)
    if len(rows) > MOST_CRITERIA:
        raise CriterionError(f"more than {MOST_CRITERIA} criteria", field="name", why="too_many", most=MOST_CRITERIA)
    tree = [row for row in rows if row.kind in IN_TREE]
    _check_parents(tree)
    below = children_of(tree)
    ordered = [row for root in below.get(None, ()) for row in _depth_first(root, below)]
    if len(ordered) < len(tree):
        raise CriterionError("the criteria form a cycle", field="parent", why="cycle")
    others = (row for row in rows if row.kind not in IN_TREE)
    return (*_with_levels(ordered, below), *others)


def _check_parents(tree: Sequence[FrameworkRow]) -> None:
    kinds = {row.code: row.kind for row in tree}
    roots = [row.code for row in tree if row.parent is None]
    if len(roots) > 1 or not tree:
        raise CriterionError(f"{len(roots)} criteria have no parent", field="parent", why="roots", count=len(roots))
    for row in tree:
        if row.parent is not None and kinds.get(row.parent) != AGGREGATE:
            raise CriterionError(f"{row.parent} cannot have children", field="parent", why="no_group", code=row.parent)


def children_of(rows: Sequence[FrameworkRow]) -> dict[str | None, list[FrameworkRow]]:
    """Return the rows of the tree by their parent, in order."""
    found: dict[str | None, list[FrameworkRow]] = {}
    for row in rows:
        if row.kind in IN_TREE:
            found.setdefault(row.parent, []).append(row)
    return found


def _depth_first(row: FrameworkRow, below: Mapping[str | None, list[FrameworkRow]]) -> list[FrameworkRow]:
    found, waiting = [], [row]
    while waiting:
        one = waiting.pop()
        found.append(one)
        waiting.extend(reversed(below.get(one.code, ())))
    return found


def _with_levels(ordered: Sequence[FrameworkRow], below: Mapping[str | None, list[FrameworkRow]]) -> Rows:
    """Return them with levels as COINr counts them: an indicator is 1, a group one above its highest child."""
    levels: dict[str, int] = {}
    for row in reversed(ordered):
        is_group = row.kind == AGGREGATE
        levels[row.code] = 1 + max((levels[one.code] for one in below.get(row.code, ())), default=int(is_group))
    return tuple(replace(row, level=levels[row.code]) for row in ordered)


def with_all_below(rows: Sequence[FrameworkRow], code: str) -> list[FrameworkRow]:
    """Return a criterion and everything under it."""
    return _depth_first(criterion(rows, code), children_of(rows))


def criterion(rows: Sequence[FrameworkRow], code: str) -> FrameworkRow:
    """Return a criterion of the tree by its code.

    Raises
    ------
    CriterionError
        It is not there (any more).
    """
    for row in rows:
        if row.code == code and row.kind in IN_TREE:
            return row
    raise CriterionError(f"there is no criterion {code}", field="code", why="gone", code=code)


def suggested_code(names: Mapping[str, str], taken: Collection[str]) -> str:
    """Return a code that is free, made of the first words of a name; a numbered one where the name has no Latin letters."""
    words = next((found for text in (localised(names, "en"), *names.values()) if (found := _words(text))), [])
    base = "".join(words[:WORDS_OF_A_CODE]) or "C"
    used = {one.casefold() for one in taken}
    if words and base.casefold() not in used:
        return base
    number = 2 if words else 1
    while f"{base}{number}".casefold() in used:
        number += 1
    return f"{base}{number}"


def _words(text: str) -> list[str]:
    return [word[:1].upper() + word[1:12] for word in slugify(text).replace("_", "-").split("-") if word]


def added(rows: Sequence[FrameworkRow], new: FrameworkRow) -> Rows:
    """Return the rows with a new one, the last under its parent; without a code it is given one."""
    named = replace(new, code=new.code or suggested_code(new.names, [row.code for row in rows]))
    _check(named)
    return settled([*rows, named])


def worded(rows: Sequence[FrameworkRow], code: str, said: Mapping[str, Any]) -> Rows:
    """Return the rows with other facts of one criterion; a new code is followed by all that name it."""
    old = criterion(rows, code)
    new = replace(old, **said)
    _check(new)
    if new.kind == INDICATOR and children_of(rows).get(code):
        raise CriterionError(f"{code} has children", field="kind", why="has_children")

    def follow(row: FrameworkRow) -> FrameworkRow:
        return replace(row, parent=new.code) if row.parent == code else row

    return settled([new if row is old else follow(row) for row in rows])


def _check(row: FrameworkRow) -> None:
    """Refuse a criterion without a name, or with a code that files and recipes could not hold."""
    if not any(text.strip() for text in row.names.values()):
        raise CriterionError("a criterion has a name in one language at least", field="name", why="no_name")
    if len(row.code) > LONGEST_CODE or not CODE.fullmatch(row.code):
        raise CriterionError(f"{row.code} is no code", field="code", why="bad_code", most=LONGEST_CODE)


def moved(rows: Sequence[FrameworkRow], code: str, parent: str) -> Rows:
    """Return the rows with a criterion, and all below it, under another parent, as its last child."""
    if parent in {row.code for row in with_all_below(rows, code)}:
        raise CriterionError(f"{parent} stands under {code}", field="parent", why="cycle")
    criterion(rows, parent)
    old = criterion(rows, code)
    return settled([*(row for row in rows if row is not old), replace(old, parent=parent)])


def grouped(rows: Sequence[FrameworkRow], code: str, members: Collection[str], names: Mapping[str, str]) -> Rows:
    """Return the rows with some children of a criterion in a new group under it, where the first of them stood."""
    children = {row.code for row in children_of(rows).get(criterion(rows, code).code, ())}
    if not members or not children.issuperset(members):
        raise CriterionError(f"these are no children of {code}", field="members", why="no_members")
    group = FrameworkRow(suggested_code(names, [row.code for row in rows]), code, kind=AGGREGATE, names=dict(names))
    _check(group)
    first = next(position for position, row in enumerate(rows) if row.code in members)
    put = [replace(row, parent=group.code) if row.code in members else row for row in rows]
    return settled([*put[:first], group, *put[first:]])


def shifted(rows: Sequence[FrameworkRow], code: str, step: int) -> Rows:
    """Return the rows with a criterion one place up (-1) or down (1) among its siblings; at the end it stays."""
    row = criterion(rows, code)
    siblings = children_of(rows)[row.parent]
    place = siblings.index(row)
    other = place + step
    if not 0 <= other < len(siblings):
        return tuple(rows)
    swapped = {code: siblings[other], siblings[other].code: row}
    return settled([swapped.get(one.code, one) for one in rows])


def without(rows: Sequence[FrameworkRow], code: str) -> Rows:
    """Return the rows without a criterion and all below it."""
    gone = {row.code for row in with_all_below(rows, code)}
    if criterion(rows, code).parent is None:
        raise CriterionError(f"{code} is the root", field="code", why="root_stays")
    return settled([row for row in rows if row.code not in gone])
