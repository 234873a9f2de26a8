"""The first page of the desk: what waits on its reader, what runs, and every edition with its next step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from accounts.lifecycle import MEMBERS, Actor
from accounts.models import Series
from scoring.models import Edition
from scoring.queries.desk.capabilities import acts_of
from scoring.queries.desk.chain import Done, chain, next_act, next_of, rounds_of
from scoring.queries.desk.waiting import matters_of
from scoring.queries.desk.work import series_work
from scoring.states import EDITION, LIFECYCLES
from surveys import handover

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from datetime import datetime
    from uuid import UUID
    from zoneinfo import ZoneInfo

    from scoring.queries.desk.chain import ChainStep
    from scoring.queries.desk.jobs import Progress
    from scoring.queries.desk.waiting import Matter
    from scoring.queries.desk.work import SeriesWork
    from surveys.values.rounds import PanelSummary, RoundSummary


@dataclass(frozen=True, slots=True)
class RunningWork:
    """Work under way, and the edition that it is for."""

    series: str
    name: str
    edition: str
    progress: Progress


@dataclass(frozen=True, slots=True)
class HomeEdition:
    """An edition with its steps and the next of them.

    Attributes
    ----------
    round : RoundSummary | None
        The last round that asked of its framework.
    release, released_at : str, datetime | None
        The number of its last release, and when that came out.
    awaits_correction : bool
        Whether the data now open are others than those released.
    is_hers : bool
        Whether the reader may take the next step.
    awaited : tuple[Actor, ...]
        Who takes it, where she does not.
    """

    slug: str
    steps: tuple[ChainStep, ...]
    round: RoundSummary | None
    release: str
    released_at: datetime | None
    awaits_correction: bool
    is_hers: bool
    awaited: tuple[Actor, ...]

    @property
    def next(self) -> ChainStep | None:
        """Return the step that comes next; None where all is done."""
        return next_of(self.steps)

    @property
    def done(self) -> int:
        """Return how many steps are done."""
        return sum(step.state == "done" for step in self.steps)


@dataclass(frozen=True, slots=True)
class HomeSeries:
    """A series with its editions, newest first; ``is_owned`` where its people and roles are the reader's to settle."""

    slug: str
    name: str
    zone: ZoneInfo
    is_owned: bool
    editions: tuple[HomeEdition, ...]


@dataclass(frozen=True, slots=True)
class DeskPage:
    """What waits on somebody, what runs, and all series on which she works.

    ``may_begin`` says whether she may begin another; ``demonstration`` is where a series to look at stands, for who has none.
    """

    waiting: tuple[Matter, ...]
    running: tuple[RunningWork, ...]
    series: tuple[HomeSeries, ...]
    may_begin: bool
    demonstration: str


def desk_page(
    hers: Mapping[Series, Collection[Actor]], *, may_begin: bool = False, reader: str = "", at: datetime
) -> DeskPage:
    """Read the first page for somebody of this name with these roles; eight queries, however many series, rounds and mails."""
    if not hers:
        return DeskPage((), (), (), may_begin, _demonstration())
    found = series_work(hers)
    return DeskPage(
        matters_of(hers, found, reader=reader, at=at),
        tuple(_running(hers, found, at=at)),
        tuple(_series(hers, found)),
        may_begin,
        "",
    )


def _demonstration() -> str:
    """Return the slug of a demonstration that has a release; empty where there is none."""
    shown = Series.objects.filter(is_demonstration=True, editions__state=Edition.State.RELEASED)
    return shown.values_list("slug", flat=True).first() or ""


def _running(series: Collection[Series], found: SeriesWork, *, at: datetime) -> Iterator[RunningWork]:
    by_pk = {one.pk: one for one in series}
    for one in found.work:
        if one.progress.is_running and not one.is_silent(at):
            edition = found.editions[one.edition]
            its = by_pk[edition.series_id]
            yield RunningWork(its.slug, its.name, edition.slug, one.progress)


def _series(hers: Mapping[Series, Collection[Actor]], found: SeriesWork) -> Iterator[HomeSeries]:
    uids = {edition.framework_uid for edition in found.editions.values() if edition.framework_uid}
    frozen = handover.frozen_frameworks(uids)
    for one, roles in hers.items():
        panels, may = found.panels.get(one.uid, ()), acts_of(roles)
        editions = [edition for edition in found.editions.values() if edition.series_id == one.pk]
        rows = tuple(_edition(edition, panels, found, frozen=frozen, may=may) for edition in editions)
        yield HomeSeries(one.slug, one.name, one.zone, Actor.OWNER in roles, rows)


def _edition(
    edition: Any, panels: Collection[PanelSummary], found: SeriesWork, *, frozen: frozenset[UUID], may: frozenset[str]
) -> HomeEdition:
    """Read one edition of `series_work`, whose rows carry its last freeze and release."""
    uids = {one.panel_uid for one in edition.panels.all()}
    asked = [panel for panel in panels if panel.uid in uids]
    rounds = rounds_of(edition, asked)
    work = {one.progress.kind: one.progress for one in found.work if one.edition == edition.pk}
    has_release = edition.last_released_at is not None
    is_released = edition.state == Edition.State.RELEASED and has_release
    differs = edition.dataset is not None and edition.dataset.fingerprint != edition.last_data
    steps = chain(
        edition,
        is_framework_fixed=edition.framework_uid in frozen,
        panels=asked,
        consensus=work.get("consensus"),
        weighed_round=edition.weighed_round,
        freeze=Done(edition.frozen_at, edition.frozen_by) if edition.frozen_at else None,
        scoring=work.get("scoring"),
        published=Done(edition.last_released_at, edition.last_released_by) if is_released and not differs else None,
    )
    act = next_act(next_of(steps), awaits_correction=is_released and differs)
    is_possible = act in EDITION.possible(edition.state)
    return HomeEdition(
        slug=edition.slug,
        steps=steps,
        round=rounds[-1] if rounds else None,
        release=f"{edition.last_major}.{edition.last_minor}" if has_release else "",
        released_at=edition.last_released_at,
        awaits_correction=is_released and differs,
        is_hers=act in may if is_possible else "plan_round" in may,
        awaited=tuple(one for one in MEMBERS if one in LIFECYCLES.by_act[act])
        if is_possible and act not in may
        else (),
    )
