"""What may be shown of a panel's languages and rows: no group so small that it points at a person, in one release or between two."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from scoring.numerics.ahp.disclosure import SMALLEST_GROUP, nodes_answered

if TYPE_CHECKING:
    from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence

    from scoring.numerics.types import PanelJudgements

    Said = Mapping[int, Hashable]  # by person what she answered; below 0 is somebody of whom nobody knows who she is
    Answers = Mapping[str, Mapping[str, Said]]  # by node and language
    Figures = Mapping[str, float]
    Files = Sequence[Sequence["CodeRow"]]


FEW: Final = range(1, SMALLEST_GROUP)
LABELS: Final = ((), ("group",), ("weight",), ("group", "weight"))


class CodeRow(NamedTuple):
    """What is published under one code: all answers, as node, a, b and ratio, and what is told beside them.

    ``who`` she is no file says; below 0 is somebody of whom nobody knows.
    """

    answers: frozenset[tuple[str, str, str, str]]
    group: str = ""
    weight: str = ""
    who: int = 0

    def at(self, pairs: Collection[tuple[str, str, str]]) -> CodeRow:
        """Return the same with the answers to these pairs alone."""
        return self._replace(answers=frozenset(one for one in self.answers if one[:3] in pairs))

    def at_node(self, node: str) -> frozenset[tuple[str, str, str, str]]:
        """Return the answers at a node."""
        return frozenset(one for one in self.answers if one[0] == node)

    @property
    def nodes(self) -> frozenset[str]:
        """The nodes answered."""
        return frozenset(one[0] for one in self.answers)


def languages_to_leave_out(panel: PanelJudgements) -> tuple[str, ...]:
    """Return the languages without which the panel may be weighed and told, in order.

    At every node five people or more of the language answered, or none, and five others or more: what the others say, and
    what they leave of the whole, is of five people at least. So is what all languages told leave of the whole: where it is
    not, the smallest of them joins it.
    """
    answers, spoken = nodes_answered(panel), np.array(panel.languages)
    asked, found = answers.any(axis=0), {}
    for language in sorted({*panel.languages} - {""}):
        there, others = (answers[spoken == language].sum(axis=0), answers[spoken != language].sum(axis=0))
        is_told = (there == 0) | ((there >= SMALLEST_GROUP) & (others >= SMALLEST_GROUP))
        if there.any() and is_told[asked].all():
            found[language] = there
    while found:
        rest = answers.sum(axis=0) - sum(found.values())
        if not ((rest > 0) & (rest < SMALLEST_GROUP)).any():
            break
        del found[min(found, key=lambda language: (found[language].sum(), language))]
    return tuple(found)


def figures_to_tell(
    found: Mapping[str, Figures], now: Answers, earlier: Sequence[tuple[Answers, Mapping[str, Figures]]]
) -> dict[str, Figures]:
    """Return what may be told of each language after what was told before.

    Where those of the language, or all others, differ at a node by one to four people from a group that was told before, the
    earlier figures stay: the difference would tell what those few answered. Where there are none of the same criteria
    nothing is told. Earlier figures count with the people whom they were computed of, however often they were repeated.

    Parameters
    ----------
    found
        The weights that all others give, by language, as they would be computed now.
    now
        What they are computed of.
    earlier
        The same of what was told before, in order.
    """
    told: dict[str, list[Figures]] = {}
    groups: list[tuple[Answers, str]] = []
    for answers, figures_of in earlier:
        for language, figures in figures_of.items():
            if figures not in told.setdefault(language, []):
                told[language].append(figures)
                groups.append((answers, language))
    out: dict[str, Figures] = {}
    for language, figures in found.items():
        if any(_differ_by_few(now, language, answers, other) for answers, other in groups):
            same = [one for one in told.get(language, ()) if {*one} == {*figures}]
            if same:
                out[language] = same[-1]
        else:
            out[language] = figures
    return out


def _differ_by_few(now: Answers, language: str, earlier: Answers, other: str) -> bool:
    """Say whether at a node those of a language, or all others, are one to four people other than either was before."""
    return any(
        0 < fewest_between(one, before) < SMALLEST_GROUP
        for node in now.keys() & earlier.keys()
        for one in _sides(now[node], language)
        for before in _sides(earlier[node], other)
    )


def _sides(spoken: Mapping[str, Said], language: str) -> Iterator[Said]:
    """Give what those of a language said at a node, and what all others did."""
    yield spoken.get(language, {})
    yield {who: said for name, people in spoken.items() if name != language for who, said in people.items()}


def fewest_between(one: Said, other: Said) -> int:
    """Return of how many people at least the answers differ: who is on one side alone, or said something else.

    Who is known to nobody any more may be anybody unknown on the other side, or somebody who stands there alone; as long as
    that is not certain it is one at least.
    """
    changed = sum(one[who] != other[who] for who in one.keys() & other.keys())
    left, right = ({who: a[who] for who in a.keys() - b.keys()} for a, b in ((one, other), (other, one)))
    all_left, all_right = Counter(left.values()), Counter(right.values())
    unknown = Counter(said for side in (left, right) for who, said in side.items() if who < 0)
    if not changed and all_left == all_right and unknown == all_left + all_right:
        return 0
    alike = sum(min(many, all_right[said], unknown[said]) for said, many in all_left.items())
    rest = len(left) - alike, len(right) - alike
    return max(1, changed + sum(rest) - min(*rest, unknown.total() - alike))


def rows_tell_few(now: Sequence[CodeRow], published: Files) -> bool:
    """Say whether rows, laid beside rows published before, single out one to four people.

    Codes join nothing, but answers do: who answered anew, came or went stands in some of the files alone, who did not stands in
    all, and those who ask know who she is. So five rows or more, or none, stand in the same files: of all who answered the
    same nodes, and of those who share group and weight as well. Rows are laid beside each other by answers alone and with
    group, weight or both, as a label that changes tells somebody too; by all answers, and by those to pairs that the files
    share. Where at a node there are more people than before, or fewer, it is not one to four rows there that tell who. Rows
    that were published before as they are tell nothing more.

    Rows of one node beside longer ones hold so little that they are alike by chance: there people are counted who answered
    otherwise, came or went.
    """
    if not published or any(Counter(row[:3] for row in now) == Counter(row[:3] for row in one) for one in published):
        return False
    longest = max(len(row.nodes) for rows in (now, *published) for row in rows)
    together = [
        [row._replace(who=0) for row in rows if len(row.nodes) > 1 or longest == 1] for rows in (now, *published)
    ]
    beside: list[Files] = [together, _at_shared(together), *(_at_shared([together[0], one]) for one in together[1:])]
    counts = (told for files in beside for labels in LABELS for told in _alike(files, labels))
    return any(least > 0 and most in FEW for least, most in counts) or any(
        _came_or_went(node, now, one)
        or (longest > 1 and fewest_between(_alone_at(node, now), _alone_at(node, one)) in FEW)
        for one in published
        for node in {node for row in now for node in row.nodes}
    )


def _at_shared(files: Files) -> list[list[CodeRow]]:
    """Return the files with the answers to pairs alone that somebody answered in each of them."""
    pairs = set.intersection(*({one[:3] for row in rows for one in row.answers} for rows in files))
    return [[cut for row in rows if (cut := row.at(pairs)).answers] for rows in files]


def _alike(files: Files, labels: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Count the rows that are, by answers and labels, in the same of the files, by what is told of each besides.

    At least and at most: of rows alike in all that is laid beside each other, any may be the one that is in other files.
    """

    def key(row: CodeRow) -> tuple[Hashable, ...]:
        return (row.answers, *(getattr(row, label) for label in labels))

    counts = [Counter(map(key, rows)) for rows in files]
    least: Counter[Hashable] = Counter()
    most: Counter[Hashable] = Counter()
    where: dict[Hashable, Counter[tuple[bool, ...]]] = {}
    for row in {key(row): row for rows in files for row in rows}.values():
        many = [count[key(row)] for count in counts]
        where[key(row)] = there = Counter(tuple(one > number for one in many) for number in range(max(many)))
        for places, some in there.items():
            most[row.nodes, places] += some
            least[row.nodes, places] += some
    for number, rows in enumerate(files):
        for row, alike in Counter(rows).items():
            others = counts[number][key(row)] - alike
            for places, some in where[key(row)].items():
                if places[number]:
                    told = (number, places, row.nodes, row.group, row.weight)
                    most[told] += min(alike, some)
                    least[told] += max(0, some - others)
    yield from ((least[told], many) for told, many in most.items())


def _alone_at(node: str, rows: Sequence[CodeRow]) -> Said:
    """Return by person what those answered whose row is of this node alone."""
    return {row.who: row.answers for row in rows if row.nodes == {node}}


def _came_or_went(node: str, now: Sequence[CodeRow], earlier: Sequence[CodeRow]) -> bool:
    """Say whether one to four rows at a node tell who is there more than before, or no more."""
    here, there = (Counter(said for row in rows if (said := row.at_node(node))) for rows in (now, earlier))
    more, less = (here - there).total(), (there - here).total()
    return more != less and max(more, less) in FEW
