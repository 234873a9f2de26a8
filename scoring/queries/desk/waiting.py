"""What waits on somebody at the desk, over all her series: the one source of page, API and daily mail."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Final, TypeAlias

from accounts.waiting import invitation_matters
from scoring.models import Edition, Job
from scoring.queries.desk.capabilities import acts_of
from scoring.queries.desk.work import series_work
from surveys import handover

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from datetime import datetime
    from uuid import UUID
    from zoneinfo import ZoneInfo

    from accounts.lifecycle import Actor
    from accounts.models import Series
    from scoring.queries.desk.work import EditionWork, SeriesWork
    from surveys.values.rounds import PanelSummary, RoundSummary

ENDS_WITHIN: Final = timedelta(days=3)
ACTS: Final = {
    "approval_asked": "approve_method",
    "link_request": "settle_request",
    "mail_returned": "people_of",
    "round_ends": "close_round",
    "consensus": "weigh_edition",
    "scoring": "request_scoring",
    "bundle": "release_edition",
    "upload": "answer_upload",
    "upload_refused": "answer_upload",
    "upload_draft": "confirm_upload",
    "invitation_over": "invite_again",
    "invitation_returned": "invite_again",
}
"""The act that settles what waits; of work the one that asks for it."""
KINDS: Final = (
    "approval_asked",
    "invitation_over",
    "invitation_returned",
    "link_request",
    "mail_returned",
    "round_ends",
    "upload_draft",
    "upload_refused",
    "work_failed",
    "work_silent",
)


Found: TypeAlias = "tuple[int, str, Matter]"
"""A matter with the key of its series and the act that settles it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Matter:
    """One thing that waits: what, where, since when. No panelist is named in it, nor any address.

    Attributes
    ----------
    kind : str
        One of `KINDS`.
    series, names, zone : str, Mapping[str, str], ZoneInfo
        The series, its names by language, and the time zone of its desk.
    since : datetime
        Since when it waits; of a round that ends three days before its end.
    until : datetime | None
        When a round ends.
    count, invited : int
        How many wait; of a round who has not handed in, of how many.
    edition, step : str
        The edition, and the step of its chain.
    panel, round_uid, round_number : Mapping[str, str], UUID | None, int
        The panel's names by language, and the round where it is settled.
    work : str
        Of work what it is: consensus, scoring, bundle or upload.
    """

    kind: str
    series: str
    names: Mapping[str, str]
    zone: ZoneInfo
    since: datetime
    until: datetime | None = None
    count: int = 1
    invited: int = 0
    edition: str = ""
    step: str = ""
    panel: Mapping[str, str] = field(default_factory=dict)
    round_uid: UUID | None = None
    round_number: int = 0
    work: str = ""


def waiting_on(hers: Mapping[Series, Collection[Actor]], *, reader: str = "", at: datetime) -> tuple[Matter, ...]:
    """Return what waits on somebody of this name with these roles and what she may act on, oldest first; seven queries."""
    return matters_of(hers, series_work(hers), reader=reader, at=at) if hers else ()


def matters_of(
    hers: Mapping[Series, Collection[Actor]], found: SeriesWork, *, reader: str, at: datetime
) -> tuple[Matter, ...]:
    """Return what waits of what was found, each with an act that she may do; two more queries."""
    series = {one.pk: one for one in hers}
    may = {one.pk: acts_of(roles) for one, roles in hers.items()}
    all_of_them = [
        *_of_invitations(series, at=at),
        *_of_panels(series, found.panels, at=at),
        *_of_work(series, found, at=at),
        *_of_approvals(series, found, reader),
    ]
    hers_to_settle = [matter for pk, act, matter in all_of_them if act in may[pk]]
    return tuple(sorted(hers_to_settle, key=lambda one: (one.since, one.series, one.kind, one.edition)))


def _matter(series: Series, kind: str, **facts: object) -> Matter:
    return Matter(kind=kind, series=series.slug, names=series.names, zone=series.zone, **facts)  # type: ignore[arg-type]


def _of_invitations(series: Mapping[int, Series], *, at: datetime) -> Iterator[Found]:
    for one in invitation_matters(series.values(), at=at):
        matter = _matter(series[one.series], one.kind, count=one.count, since=one.since)
        yield one.series, ACTS[one.kind], matter


def _of_panels(
    series: Mapping[int, Series], panels: Mapping[UUID, tuple[PanelSummary, ...]], *, at: datetime
) -> Iterator[Found]:
    by_uid = {panel.uid: (one, panel) for one in series.values() for panel in panels.get(one.uid, ())}
    for found in handover.panel_matters([one.uid for one in series.values()]):
        one, panel = by_uid[found.panel_uid]
        round_ = _round_of(panel, found.round_uid)
        told = _of_round(panel, round_)
        yield one.pk, ACTS[found.kind], _matter(one, found.kind, count=found.count, since=found.since, **told)
    for one, panel in by_uid.values():
        for round_ in panel.rounds:
            ends = round_.finish_until or round_.closes_at
            left = round_.invited - round_.submitted
            if round_.is_open and ends is not None and ends - ENDS_WITHIN <= at and left > 0:
                told = {"since": ends - ENDS_WITHIN, "until": ends, "count": left, "invited": round_.invited}
                yield one.pk, ACTS["round_ends"], _matter(one, "round_ends", **told, **_of_round(panel, round_))


def _round_of(panel: PanelSummary, uid: UUID | None) -> RoundSummary | None:
    """Return the round that is named, else the open one, else the last: on the page of each the requests stand."""
    named = [one for one in panel.rounds if one.uid == uid] or [one for one in panel.rounds if one.is_open]
    found = named or panel.rounds
    return found[-1] if found else None


def _of_round(panel: PanelSummary, round_: RoundSummary | None) -> dict[str, object]:
    if round_ is None:
        return {"panel": panel.names}
    return {"panel": panel.names, "round_uid": round_.uid, "round_number": round_.number}


def _of_work(series: Mapping[int, Series], found: SeriesWork, *, at: datetime) -> Iterator[Found]:
    for one in found.work:
        edition = found.editions[one.edition]
        name = one.progress.kind
        # the scoring of a method that is being revised is nobody's next step
        is_past = name == "scoring" and edition.state == Edition.State.PREPARING
        kind = "" if is_past else _kind_of(one, at=at)
        if kind:
            step = one.part or {"bundle": "release"}.get(name, name)
            since = one.heard_at if kind == "work_silent" else one.progress.finished_at or one.heard_at
            told = {"edition": edition.slug, "step": step, "work": name, "since": since}
            yield edition.series_id, ACTS.get(kind, ACTS[name]), _matter(series[edition.series_id], kind, **told)


def _of_approvals(series: Mapping[int, Series], found: SeriesWork, reader: str) -> Iterator[Found]:
    """Find the methods that wait for a second person, but for those that the reader asked for herself."""
    for edition in found.editions.values():
        is_open = edition.state == Edition.State.PREPARING and edition.approval_asked_at is not None
        if is_open and edition.approval_asked_by != reader:
            told = {"edition": edition.slug, "step": "freeze", "since": edition.approval_asked_at}
            yield (
                edition.series_id,
                ACTS["approval_asked"],
                _matter(series[edition.series_id], "approval_asked", **told),
            )


def _kind_of(one: EditionWork, *, at: datetime) -> str:
    """Return what of a piece of work waits; empty where nothing does: it is at work, done, or was cancelled."""
    if one.is_silent(at):
        return "work_silent"
    if one.progress.state == Job.State.FAILED:
        return "work_failed"
    if one.progress.kind == "upload" and one.progress.state == Job.State.DONE:
        return "upload_refused" if one.problems else "upload_draft"
    return ""
