"""The whole study of how sure a ranking is, cut into parts that any number of workers may compute in any order."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal, TypeAlias

from scoring.numerics.errors import MethodError
from scoring.numerics.pipeline import score
from scoring.numerics.robustness.between import Basis
from scoring.numerics.robustness.change import Change, join_changes, split_change
from scoring.numerics.robustness.choices import sizes
from scoring.numerics.robustness.doubling import more_draws
from scoring.numerics.robustness.draws import draw_weights, with_local_intervals
from scoring.numerics.robustness.intervals import counted, intervals, rank_draws
from scoring.numerics.robustness.leave_one_out import leave_one_out
from scoring.numerics.robustness.one_person import one_person
from scoring.numerics.robustness.pairs import MOST_PAIRED, count_above
from scoring.numerics.robustness.runs import Runs, join_runs
from scoring.numerics.robustness.sensitivity import sensitivity, sobol_runs, sobol_size

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from scoring.numerics.robustness.intervals import Intervals
    from scoring.numerics.robustness.leave_one_out import LeaveOneOut
    from scoring.numerics.robustness.one_person import OnePerson
    from scoring.numerics.robustness.sensitivity import Sensitivity
    from scoring.numerics.types import (
        CompositeRecipe,
        ConsensusMethod,
        Factor,
        PanelJudgements,
        PanelWeights,
        Scored,
        Table,
        Tree,
        WeightDraws,
    )

Work: TypeAlias = Literal["draws", "sobol", "change"]
Part: TypeAlias = Runs | Change


@dataclass(frozen=True)
class EarlierRelease:
    """What the earlier release was computed from, and the data of this edition's first release where this corrects it."""

    basis: Basis
    first: Table | None = None


@dataclass(frozen=True)
class Question:
    """What a study is computed from: a table, the framework, local weights and recipe, and where there is one the panel.

    Draws of weights start from the panel's judgements, weighed as the method says; draw d is the consensus' own draw d.
    ``languages`` holds local weights without each language, where the judgements themselves do not tell the languages.
    ``consensus`` are the panel's weights and intervals as they were published; the study repeats them, number for number.
    Without ``by_person`` nothing is told that would say what single panelists answered.
    """

    table: Table
    tree: Tree
    weights: Mapping[str, float] | None
    recipe: CompositeRecipe
    panel: PanelJudgements | None = None
    method: ConsensusMethod | None = None
    languages: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    earlier: EarlierRelease | None = None
    consensus: PanelWeights | None = None
    by_person: bool = True

    def everybody(self) -> tuple[str, ...]:
        """Return the units of this table and of the earlier release's, each once."""
        before = () if self.earlier is None else self.earlier.basis.table.units
        return tuple(dict.fromkeys((*self.table.units, *before)))

    def nominal(self) -> Scored:
        """Score once as the recipe says."""
        return score(self.table, self.tree, self.weights, self.recipe)

    def weight_draws(self, *, first: int = 0, count: int | None = None) -> WeightDraws | None:
        """Draw the panel's weights; None where weights are no factor or there is no panel.

        Without ``count`` they are those that are published and that the sensitivity chooses from: one for each stated draw,
        or for the first doubling.
        """
        if "weights" not in self.recipe.robustness.factors or self.panel is None or self.method is None:
            return None
        method = replace(self.method, draws=self.recipe.robustness.first_draws)
        return draw_weights(self.panel, method, first=first, count=count)

    def one_person(self, nominal: Scored) -> tuple[OnePerson, ...]:
        """Return the most that one panelist could do; nothing without a panel, or where no single one is told of."""
        if self.panel is None or self.method is None or not self.by_person:
            return ()
        return one_person(self.panel, self.method, nominal, self.tree, self.weights)


@dataclass(frozen=True)
class Robust:
    """What the draws say of a ranking; ``choices`` says how many choices each factor had.

    ``weight_draws`` are those that are published: all, or those of the first doubling where accuracy was asked for.
    ``weights`` are the consensus' own with their intervals; None where weights were not drawn, or come of no panel.
    """

    nominal: Scored
    intervals: Intervals
    sensitivity: Sensitivity | None
    leave_one_out: LeaveOneOut
    weight_draws: WeightDraws | None
    weights: PanelWeights | None
    choices: Mapping[Factor, int]


@dataclass(frozen=True)
class Study:
    """A ranking with what its draws say (None without draws) and why its units moved (None without an earlier release).

    ``one_person`` has the most that one panelist could do, by node; nothing without a panel.
    """

    nominal: Scored
    robust: Robust | None
    change: Change | None
    one_person: tuple[OnePerson, ...] = ()


def work_of(question: Question) -> dict[Work, int]:
    """Return how many runs each kind of work takes, one a unit for the change; nothing where there is none to do.

    Where the accuracy of the draws is asked for, they are those of the first doubling; `more_runs` says what follows.
    """
    recipe = question.recipe
    draws = recipe.robustness.first_draws
    sobol = sobol_size(recipe) if draws else 0
    change = 0 if question.earlier is None else len(question.everybody())
    sizes_: dict[Work, int] = {"draws": draws, "sobol": sobol, "change": change}
    return {work: size for work, size in sizes_.items() if size}


def more_runs(nominal: Scored, drawn: Sequence[Part]) -> int:
    """Return how many draws are wanted after these, which are all from the first on; 0 where they are enough."""
    choices = nominal.recipe.robustness
    if not drawn or choices.draws != "auto":
        return 0
    runs = join_work(drawn)
    return more_draws(choices, nominal.ranks, counted(nominal, runs)) if isinstance(runs, Runs) else 0


def compute_part(question: Question, nominal: Scored, work: Work, *, first: int, count: int) -> Part:
    """Compute the runs ``first`` … ``first + count - 1`` of one kind of work; cutting the work changes no run.

    Raises
    ------
    NumericsError
        A step's refusal.
    """
    if work == "change":
        return _change(question, first=first, count=count)
    if work == "sobol":
        drawn = question.weight_draws()
        return sobol_runs(nominal, question.tree, question.weights, drawn, first=first, count=count)
    drawn = question.weight_draws(first=first, count=count)
    runs = rank_draws(nominal, question.tree, question.weights, drawn, first=first, count=count)
    return replace(runs, above=count_above(runs.ranks)) if len(nominal.units) <= MOST_PAIRED else runs


def _change(question: Question, *, first: int, count: int) -> Change:
    """Split the moves of some units."""
    earlier = question.earlier
    if earlier is None:
        raise MethodError("there is no earlier release to compare with", parameter="earlier")
    weights = question.weights or {code: one.weight for code, one in question.tree.by_code.items()}
    after = Basis(question.tree, weights, question.recipe, question.table)
    units = question.everybody()[first : first + count]
    return split_change(earlier.basis, after, first_after=earlier.first, units=units)


def join_parts(question: Question, nominal: Scored, parts: Mapping[Work, Sequence[Part]]) -> Study:
    """Put the parts of all work together, each kind in the order of its runs."""
    joined = {work: join_work(some) for work, some in parts.items()}
    runs = {work: one for work, one in joined.items() if isinstance(one, Runs)}
    change = joined.get("change")
    return Study(
        nominal=nominal,
        robust=_robust(question, nominal, runs) if "draws" in runs else None,
        change=change if isinstance(change, Change) else None,
        one_person=question.one_person(nominal),
    )


def join_work(parts: Sequence[Part]) -> Part:
    """Return parts of one kind of work as one, in the order of their runs."""
    changes = [one for one in parts if isinstance(one, Change)]
    return join_changes(changes) if changes else join_runs([one for one in parts if isinstance(one, Runs)])


def _robust(question: Question, nominal: Scored, runs: Mapping[Work, Runs]) -> Robust:
    """Say what the draws say."""
    drawn = question.weight_draws()
    many = 1 if drawn is None else len(drawn.local)
    found = intervals(nominal, runs["draws"])
    panel = question.panel if question.by_person else None
    without = leave_one_out(
        nominal, question.tree, question.weights, panel, question.method, languages=question.languages
    )
    return Robust(
        nominal=nominal,
        intervals=found,
        sensitivity=sensitivity(nominal, runs["sobol"].ranks, many) if "sobol" in runs else None,
        leave_one_out=without,
        weight_draws=drawn if question.by_person else None,
        weights=_panel_weights(question, drawn),
        choices=sizes(nominal.recipe, len(nominal.indicators), 1 if drawn is None else found.draws),
    )


def _panel_weights(question: Question, drawn: WeightDraws | None) -> PanelWeights | None:
    """Return the consensus' weights with local intervals over its own draws, however many the recipe draws."""
    if drawn is None or question.consensus is None or question.panel is None or question.method is None:
        return None
    return with_local_intervals(question.consensus, question.panel, question.method, drawn)


def study(question: Question, nominal: Scored | None = None) -> Study:
    """Study a ranking in one process; ``nominal`` is its own score where somebody has it.

    Raises
    ------
    NumericsError
        A step's refusal.

    Source: Saisana, Saltelli & Tarantola 2005; OECD/JRC Handbook 2008, step 7.
    """
    scored = nominal or question.nominal()
    parts = {
        kind: [compute_part(question, scored, kind, first=0, count=size)] for kind, size in work_of(question).items()
    }
    while more := more_runs(scored, parts.get("draws", [])):
        further = compute_part(question, scored, "draws", first=more, count=more)  # as many again as there are
        parts["draws"] = [join_work([*parts["draws"], further])]
    return join_parts(question, scored, parts)
