"""How a release was made: the panel in counts, its weights with spread, consistency and agreement, and the recipe."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, Any

from django.db.models import F

from scoring.files.older_formats import S_STAR_UNBOUNDED
from scoring.files.recipes import with_rounding_of
from scoring.models import Consensus, ConsensusNode, ConsensusWeight, ExpertConsistency, Freeze
from scoring.numerics.ahp.consensus import bounded_s_star, why_no_s_star
from scoring.numerics.ahp.disclosure import SMALLEST_GROUP
from scoring.queries.freezes import CARRIED, CarriedWeights
from scoring.queries.pairs import end_of_pairs
from scoring.queries.published.criteria import NamedCriterion, criteria
from scoring.queries.published.listed import FrozenList, frozen_list
from scoring.queries.published.movers import Movers, movers
from scoring.queries.published.release_study import release_facts
from scoring.recipe import recipe_from_dict
from surveys import handover

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from scoring.numerics.types import CompositeRecipe
    from scoring.queries.published.release_head import ReleaseHead
    from scoring.queries.published.release_study import ReleaseFacts

BANDS = ((0.5, "very low"), (0.625, "low"), (0.75, "moderate"), (0.875, "high"))


@dataclass(frozen=True, slots=True)
class WeightRow:
    """A criterion with its share of its parent and of the whole; ``low`` and ``high`` bound nine of ten draws."""

    criterion: NamedCriterion
    local: float
    global_weight: float
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class NodeRow:
    """Agreement and consistency at one node; middles are left out where fewer than five experts answered it.

    ``no_s_star`` says why S* is not defined, and is empty where it is.
    """

    criterion: NamedCriterion
    experts: int
    s_star: float | None
    no_s_star: str
    band: str
    kendall_w: float | None
    group_cr: float | None
    middle_cr: float | None
    excluded: int


@dataclass(frozen=True, slots=True)
class ClusterSummary:
    """Experts who weigh alike: how many, and the indicators they hold more and less important than the others do."""

    experts: int
    more: tuple[str, ...]
    less: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MethodPage:
    """The method of an edition as frozen; ``clusters`` is empty where the panel is of one mind or a cluster is too small.

    ``is_of_one`` says that nobody else was there to approve it, None of what was frozen before approvals were asked for.
    Without ``by_person`` nothing of the panel is published person by person, nor which experts weigh alike.
    """

    head: ReleaseHead
    frozen_at: datetime
    freeze_number: int
    listed: FrozenList | None
    pairs_end: datetime | None
    pairs_destroyed_at: datetime | None
    is_asked: bool
    by_person: bool
    fingerprint: str
    experts: int
    s_star: float | None
    no_s_star: str
    band: str
    weights: tuple[WeightRow, ...]
    nodes: tuple[NodeRow, ...]
    clusters: tuple[ClusterSummary, ...]
    method: Mapping[str, Any]
    recipe: CompositeRecipe
    has_spread: bool
    carried: CarriedWeights | None
    approved_at: datetime | None
    is_of_one: bool | None
    beside: ReleaseFacts
    movers: Movers

    @property
    def carried_days(self) -> int:
        """How old weights that are carried over were when the method was frozen."""
        return self.carried.age(self.frozen_at) if self.carried else 0

    @property
    def longest(self) -> float:
        """The largest weight or interval's end of the table, which its axis ends with."""
        return max((max(row.global_weight, row.high or 0.0) for row in self.weights), default=1.0)


@dataclass(frozen=True, slots=True)
class DictionaryPage:
    """Every criterion of an edition with its definition."""

    head: ReleaseHead
    criteria: tuple[NamedCriterion, ...]


def dictionary_page(head: ReleaseHead) -> DictionaryPage:
    """Return the criteria of a release; one query."""
    return DictionaryPage(head, criteria(head.freeze_id))


def method_page(head: ReleaseHead) -> MethodPage:
    """Return the method of a release; seven queries, and those of `movers`."""
    rows = Freeze.objects.select_related("recipe", "consensus", "approval").defer(
        "content", "consensus__result", "consensus__counted"
    )
    freeze = rows.annotate(told=F("content__by_person"), carried=F(f"content__{CARRIED}")).get(pk=head.freeze_id)
    by_person = freeze.told is not False  # older freezes do not say
    consensus = freeze.consensus
    tree = {criterion.code: criterion for criterion in criteria(head.freeze_id)}
    weights = _weights(tree, ConsensusWeight.objects.filter(consensus=consensus))
    kept = handover.pairs_of_round(consensus.round_uid)
    nodes = _nodes(tree, consensus, form=head.form)
    s_star = None if any(node.no_s_star == "too_far_apart" for node in nodes) else consensus.s_star
    return MethodPage(
        head=head,
        frozen_at=freeze.frozen_at,
        freeze_number=freeze.number,
        listed=frozen_list(head, tree),
        pairs_end=end_of_pairs(kept) if kept else None,
        pairs_destroyed_at=kept.destroyed_at if kept else None,
        is_asked=kept is not None and kept.is_at_work,
        by_person=by_person,
        fingerprint=freeze.fingerprint,
        experts=consensus.experts,
        s_star=s_star,
        no_s_star=why_no_s_star(s_star, consensus.homogeneity),
        band=band(s_star),
        weights=weights,
        nodes=nodes,
        clusters=_clusters(tree, consensus.clusters) if by_person else (),
        method=consensus.method,
        recipe=with_rounding_of(recipe_from_dict(freeze.recipe.content), head.form),
        has_spread=any(row.low is not None for row in weights),
        carried=CarriedWeights.from_plain(freeze.carried),
        approved_at=freeze.approval.approved_at if freeze.approval else None,
        is_of_one=freeze.is_of_one,
        beside=release_facts(head),
        movers=movers(head, tree),
    )


def _clusters(tree: Mapping[str, NamedCriterion], clusters: Sequence[Mapping[str, Any]]) -> tuple[ClusterSummary, ...]:
    """Return the groups of experts who weigh alike, unless one is so small that it points at people."""
    if len(clusters) < 2 or min(len(cluster["experts"]) for cluster in clusters) < SMALLEST_GROUP:
        return ()

    def names(cluster: Mapping[str, Any], sign: int) -> tuple[str, ...]:
        return tuple(tree[one["indicator"]].name for one in cluster["divides"] if sign * one["log_ratio"] > 0)

    return tuple(ClusterSummary(len(cluster["experts"]), names(cluster, 1), names(cluster, -1)) for cluster in clusters)


def band(s_star: float | None) -> str:
    """Return the word for a consensus S* (Goepel's bands); empty where it is not defined."""
    if s_star is None:
        return ""
    return next((word for bound, word in BANDS if s_star <= bound), "very high")


def _weights(tree: Mapping[str, NamedCriterion], rows: Iterable[ConsensusWeight]) -> tuple[WeightRow, ...]:
    found = {row.code: row for row in rows}
    return tuple(
        WeightRow(
            criterion=criterion,
            local=row.local_weight,
            global_weight=row.global_weight,
            low=row.low,
            high=row.high,
        )
        for criterion in tree.values()
        if criterion.depth and (row := found.get(criterion.code))
    )


def _nodes(tree: Mapping[str, NamedCriterion], consensus: Consensus, *, form: int | None) -> tuple[NodeRow, ...]:
    """Return the nodes with S* as the files of a release of this format have it."""

    def told(s_star: float | None) -> float | None:
        is_older = form is not None and form <= S_STAR_UNBOUNDED
        return s_star if s_star is None or is_older else bounded_s_star(s_star)

    ratios: dict[str, list[float]] = {}
    excluded: dict[str, int] = {}
    for node, cr, included in ExpertConsistency.objects.filter(consensus=consensus).values_list(
        "node", "cr", "included"
    ):
        excluded[node] = excluded.get(node, 0) + (not included)
        if cr is not None:
            ratios.setdefault(node, []).append(cr)
    return tuple(
        NodeRow(
            criterion=tree[row.node],
            experts=row.experts,
            s_star=told(row.s_star),
            no_s_star=why_no_s_star(told(row.s_star), row.homogeneity),
            band=band(told(row.s_star)),
            kendall_w=row.kendall_w,
            group_cr=row.group_cr,
            middle_cr=median(ratios[row.node]) if len(ratios.get(row.node, ())) >= SMALLEST_GROUP else None,
            excluded=excluded.get(row.node, 0),
        )
        for row in ConsensusNode.objects.filter(consensus=consensus)
        if row.node in tree
    )
