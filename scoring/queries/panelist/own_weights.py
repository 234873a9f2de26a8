"""One panelist's own weights beside the group's, and where her receipts are published; for her own eyes.

Hers are log least squares, as at the end of each question, whatever method the group's are computed by.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from django.db.models import Exists, OuterRef

from accounts.names import name_and_language
from scoring.models import Consensus, ConsensusNode, ConsensusWeight, Freeze, ReleaseFile
from scoring.numerics.ahp.disclosure import SMALLEST_GROUP
from scoring.numerics.ahp.incomplete import llsm
from scoring.numerics.ahp.pairwise import connected
from surveys import handover
from surveys.values.own import carried_over

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from uuid import UUID

    from scoring.numerics.types import Tree
    from surveys.values.own import OwnPage, OwnRound


@dataclass(frozen=True, slots=True)
class OwnWeightRow:
    """A criterion: her weight and the group's, within its question and of the whole; None where there is none to show.

    ``low`` and ``high`` are the 5th and 95th percentile of the group's weight of the whole.
    """

    name: str
    name_language: str
    depth: int
    is_node: bool
    own_local: float | None
    group_local: float | None
    own: float | None
    group: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class OwnWeights:
    """Her weights by the answers of one round and those before it; ``experts`` is 0 while there is no group to show."""

    round_number: int
    rows: tuple[OwnWeightRow, ...]
    experts: int


@dataclass(frozen=True, slots=True)
class ReceiptPlace:
    """A published list that holds a receipt: the release and where its list is."""

    receipt: str
    series: str
    edition: str
    number: str


@dataclass(frozen=True, slots=True)
class OwnReceipts:
    """Where her receipts stand: in published lists, or in a frozen one that is published with its release.

    ``codes`` are those under which her answers stand there.
    """

    published: tuple[ReceiptPlace, ...]
    frozen: frozenset[str]
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Group:
    """The panel's weights as far as they may be shown, by code."""

    experts: int
    local: Mapping[str, float]
    global_weights: Mapping[str, ConsensusWeight]


def own_weights(page: OwnPage) -> OwnWeights | None:
    """Return her weights by her latest closed round, else the open one; None where nothing is answered; five queries."""
    closed = [one for one in page.rounds if one.is_closed]
    if not page.rounds:
        return None
    shown = (closed or list(page.rounds))[-1]
    answers = _answers(page, shown)
    if not answers:
        return None
    content = handover.framework(shown.framework)
    group = _group(shown.uid, content.tree) if shown.is_closed else None
    local = _own_local(content.tree, answers)
    names = {row.code: row.names for row in content.rows}
    global_weights = _own_global_weights(content.tree, local)
    rows = tuple(
        _row(code, depth, names=names, tree=content.tree, local=local, global_weights=global_weights, group=group)
        for code, depth in _walk(content.tree)
        if depth
    )
    return OwnWeights(shown.number, rows, group.experts if group else 0)


def _answers(page: OwnPage, shown: OwnRound) -> dict[frozenset[str], tuple[str, str, str, float]]:
    """Return her standing answers of the round and those it follows, each pair's last one."""
    by_uid = {one.uid: one for one in page.rounds}
    waves, uid = [], shown.uid
    while uid in by_uid:
        waves.append(by_uid[uid])
        follows = by_uid[uid].follows
        if follows is None:
            break
        uid = follows
    return carried_over(
        ({node.item.code for node in wave.nodes if node.skipped}, wave.answers) for wave in reversed(waves)
    )


def _own_local(tree: Tree, answers: Mapping[frozenset[str], tuple[str, str, str, float]]) -> dict[str, float]:
    """Return her weight of every item within its question; a question whose answers do not join all items has none."""
    local: dict[str, float] = {}
    for node in tree.nodes:
        items = tree.children[node]
        matrix = np.full((len(items), len(items)), np.nan)
        np.fill_diagonal(matrix, 1.0)
        place = {code: position for position, code in enumerate(items)}
        for parent, a, b, value in answers.values():
            if parent == node:
                matrix[place[a], place[b]], matrix[place[b], place[a]] = value, 1 / value
        if connected(matrix):
            local |= dict(zip(items, llsm(matrix).tolist(), strict=True))
    return local


def _own_global_weights(tree: Tree, local: Mapping[str, float]) -> dict[str, float]:
    """Return her weight of every criterion in the whole, where every question above it has weights of hers."""
    found = {tree.root: 1.0}
    for code, _depth in _walk(tree):
        parent = tree.by_code[code].parent
        if parent is not None and parent in found and code in local:
            found[code] = found[parent] * local[code]
    return found


def _walk(tree: Tree) -> Iterable[tuple[str, int]]:
    """Yield every criterion with its depth, each question followed by its items."""
    waiting = [(tree.root, 0)]
    while waiting:
        code, depth = waiting.pop()
        yield code, depth
        waiting += [(child, depth + 1) for child in reversed(tree.children.get(code, ()))]


def _group(round_uid: UUID, tree: Tree) -> _Group | None:
    """Return the weights of the consensus that a freeze took, else of the newest, where five or more stand behind it."""
    frozen = Freeze.objects.filter(consensus=OuterRef("pk"))
    consensus = (
        Consensus.objects.filter(round_uid=round_uid, state=Consensus.State.DONE, experts__gte=SMALLEST_GROUP)
        .annotate(is_frozen=Exists(frozen))
        .order_by("-is_frozen", "-finished_at", "-pk")
        .defer("result", "counted")
        .first()
    )
    if consensus is None:
        return None
    enough = set(
        ConsensusNode.objects.filter(consensus=consensus, experts__gte=SMALLEST_GROUP).values_list("node", flat=True)
    ) | {node for node in tree.nodes if len(tree.children[node]) == 1}
    rows = {row.code: row for row in ConsensusWeight.objects.filter(consensus=consensus)}
    told_of_all = {tree.root}
    for code, _depth in _walk(tree):
        parent = tree.by_code[code].parent
        if parent in told_of_all and parent in enough:
            told_of_all.add(code)
    return _Group(
        experts=consensus.experts,
        local={code: row.local_weight for code, row in rows.items() if row.parent in enough},
        global_weights={code: row for code, row in rows.items() if code in told_of_all},
    )


def _row(
    code: str,
    depth: int,
    *,
    names: Mapping[str, Mapping[str, str]],
    tree: Tree,
    local: Mapping[str, float],
    global_weights: Mapping[str, float],
    group: _Group | None,
) -> OwnWeightRow:
    name, language = name_and_language(names[code])
    theirs = group.global_weights.get(code) if group else None
    return OwnWeightRow(
        name=name or code,
        name_language=language,
        depth=depth,
        is_node=bool(tree.children.get(code)),
        own_local=local.get(code),
        group_local=group.local.get(code) if group else None,
        own=global_weights.get(code),
        group=theirs.global_weight if theirs else None,
        low=theirs.low if theirs else None,
        high=theirs.high if theirs else None,
    )


def own_receipts(page: OwnPage) -> OwnReceipts:
    """Look for her receipts in the lists that are published, and in those that are frozen; two queries."""
    mine = [one.receipt for one in page.rounds if one.receipt]
    lists = (
        ReleaseFile.objects.filter(release__edition__series__uid=page.series_uid, name="receipts.csv")
        .select_related("release__edition__series")
        .order_by("release__edition__slug", "release__major", "release__minor")
    )
    found: dict[tuple[str, str], ReceiptPlace] = {}
    for file in lists:
        listed = set(bytes(file.content).decode().split())
        release = file.release
        for receipt in mine:
            if receipt in listed:  # of several releases of an edition the newest is named
                place = ReceiptPlace(receipt, release.edition.series.slug, release.edition.slug, release.number)
                found[receipt, release.edition.slug] = place
    freezes = list(
        Freeze.objects.filter(edition__series__uid=page.series_uid).values_list(
            "content__receipts", "content__by_person", "consensus__uid"
        )
    )
    frozen = {receipt for listed, _told, _consensus in freezes for receipt in listed or ()}
    known = {consensus for _listed, told, consensus in freezes if told is not False}  # older freezes do not say
    codes = [one for one in page.codes if one.consensus in known]
    apart = {one.consensus for one in codes if one.node}  # there her answers stand under those codes alone
    told = tuple(one.code for one in codes if one.node or one.consensus not in apart)
    return OwnReceipts(tuple(found.values()), frozenset(frozen.intersection(mine)), told)
