"""The chain of an edition, from framework to release: each link's state, which comes next, and the act that takes it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from scoring.models import Edition

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime
    from uuid import UUID

    from scoring.queries.desk.jobs import Progress
    from surveys.values.rounds import PanelSummary, RoundSummary

ACT_OF: Final = {
    "consensus": "weigh_edition",
    "recipe": "settle_recipe",
    "units": "settle_units",
    "freeze": "freeze_method",
    "data": "load_edition_data",
    "scoring": "request_scoring",
    "release": "release_edition",
}
"""The act that takes a step of the chain."""

DONE, NEXT, WAITING, RUNNING, FAILED = "done", "next", "waiting", "running", "failed"


@dataclass(frozen=True, slots=True)
class ChainStep:
    """One link of the chain: its state, and when and by whom it was done."""

    key: str
    state: str
    at: datetime | None = None
    by: str = ""
    progress: Progress | None = None


class Done(NamedTuple):
    """When a step was taken, and by whom."""

    at: datetime
    by: str


def next_of(steps: Collection[ChainStep]) -> ChainStep | None:
    """Return the step that comes next; None when all is done."""
    return next((step for step in steps if step.state != DONE), None)


def next_act(step: ChainStep | None, *, awaits_correction: bool) -> str:
    """Return the act that takes a step; empty where there is none, or the work is under way."""
    if step is None or step.state == RUNNING:
        return ""
    return "correct_release" if awaits_correction and step.key == "release" else ACT_OF.get(step.key, "")


def chain(
    edition: Edition,
    *,
    is_framework_fixed: bool,
    panels: Collection[PanelSummary],
    consensus: Progress | None,
    weighed_round: UUID | None,
    freeze: Done | None,
    scoring: Progress | None,
    published: Done | None,
) -> tuple[ChainStep, ...]:
    """Say of every link whether it is done; the first that is not is next, the rest wait."""
    rounds = rounds_of(edition, panels)
    closed = [one for one in rounds if one.is_closed]
    dataset = edition.dataset
    recipe = edition.recipe
    fixed = edition.state != Edition.State.PREPARING  # one that is revised has a freeze, and is not frozen
    is_carried = edition.carried_id is not None  # nobody has to be asked
    if consensus and not is_carried and is_of_before(weighed_round, consensus.requested_at, rounds):
        consensus = None
    is_asked = is_carried or bool(rounds) or any(panel.panelists for panel in panels)
    links = (
        ChainStep("framework", DONE if is_framework_fixed else WAITING),
        ChainStep("panel", DONE if is_asked else WAITING),
        ChainStep("round", DONE if closed or is_carried else WAITING, closed[-1].closed_at if closed else None),
        _work("consensus", consensus),
        ChainStep("recipe", DONE if recipe else WAITING, recipe.created_at if recipe else None),
        _of_list(edition, is_frozen=fixed and freeze is not None),
        ChainStep("freeze", DONE, *freeze) if fixed and freeze else ChainStep("freeze", WAITING),
        ChainStep("data", DONE, dataset.loaded_at, dataset.loaded_by) if dataset else ChainStep("data", WAITING),
        _work("scoring", scoring if fixed else None),
        ChainStep("release", DONE, *published) if published else ChainStep("release", WAITING),
    )
    unfinished = next((number for number, step in enumerate(links) if step.state != DONE), None)
    return tuple(
        ChainStep(step.key, NEXT, progress=step.progress) if number == unfinished and step.state == WAITING else step
        for number, step in enumerate(links)
    )


def is_of_before(round_uid: UUID | None, asked_at: datetime, rounds: Collection[RoundSummary]) -> bool:
    """Say whether a round was opened again after its weights were asked for."""
    weighed = next((one for one in rounds if one.uid == round_uid), None)
    return weighed is not None and (weighed.closed_at is None or weighed.closed_at > asked_at)


def _of_list(edition: Edition, *, is_frozen: bool) -> ChainStep:
    """Say of the list of units whether it is settled; an edition that was frozen before lists were kept needs none."""
    listed = edition.unit_list
    if listed is None:
        return ChainStep("units", DONE if is_frozen else WAITING)
    return ChainStep("units", DONE, listed.created_at, listed.created_by)


def rounds_of(edition: Edition, panels: Collection[PanelSummary]) -> tuple[RoundSummary, ...]:
    """Return the rounds of an edition's panels that asked of its framework, latest last."""
    return tuple(one for panel in panels for one in panel.rounds if one.framework_uid == edition.framework_uid)


def _work(key: str, progress: Progress | None) -> ChainStep:
    if progress is None:
        return ChainStep(key, WAITING)
    state = RUNNING if progress.is_running else FAILED if progress.has_failed else DONE
    return ChainStep(key, state, progress.finished_at, progress.requested_by, progress)
