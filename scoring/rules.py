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


FEW: Final = range(1, SMALLEST_GROUP)
LABELS: Final = ((), ("group",), ("weight",), ("group", "weight"))


class CodeRow(NamedTuple):
    """What is published under one code: all answers, as node, a, b and ratio, and what is told beside them."""

    answers: frozenset[tuple[str, str, str, str]]
    group: str = ""
    weight: str = ""

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


def rows_differ_by_few(now: Sequence[CodeRow], earlier: Sequence[CodeRow]) -> bool:
    """Say whether published rows, laid beside rows published before, single out one to four people.

    Codes join nothing, but answers do: who answered anew, came or went stands in one of the two files alone, and those who
    ask know who she is. So of the rows that are on one side alone there are five or more, or none: of all who answered the
    same nodes, and of those who share group and weight as well. Rows are laid beside each other by answers alone and with
    group, weight or both, as a label that changes tells somebody too; by all answers, and by those to pairs that both files
    have. Where at a node there are more people than before, or fewer, it is not one to four rows there that tell who.
    """
    pairs = {one[:3] for row in now for one in row.answers} & {one[:3] for row in earlier for one in row.answers}
    shared = [[cut for row in rows if (cut := row.at(pairs)).answers] for rows in (now, earlier)]
    sides = ((now, earlier), (earlier, now), shared, shared[::-1])
    return any(
        many in FEW for one, other in sides for labels in LABELS for many in _on_one_side(one, other, labels)
    ) or any(_came_or_went(node, now, earlier) for node in {node for node, _a, _b in pairs})


def _on_one_side(one: Sequence[CodeRow], other: Sequence[CodeRow], labels: Sequence[str]) -> Iterator[int]:
    """Count the rows that only one side has by answers and labels, by what is told of each besides."""

    def key(row: CodeRow) -> tuple[Hashable, ...]:
        return (row.answers, *(getattr(row, label) for label in labels))

    more = Counter(map(key, one)) - Counter(map(key, other))
    by_nodes: Counter[Hashable] = Counter()
    by_all: Counter[Hashable] = Counter()
    for row, many in Counter(one).items():
        by_all[row.nodes, row.group, row.weight] += min(many, more[key(row)])  # any of those alike may be the one
    for row in {key(row): row for row in one}.values():
        by_nodes[row.nodes] += more[key(row)]
    yield from by_nodes.values()
    yield from by_all.values()


def _came_or_went(node: str, now: Sequence[CodeRow], earlier: Sequence[CodeRow]) -> bool:
    """Say whether one to four rows at a node tell who is there more than before, or no more."""
    here, there = (Counter(said for row in rows if (said := row.at_node(node))) for rows in (now, earlier))
    more, less = (here - there).total(), (there - here).total()
    return more != less and max(more, less) in FEW
