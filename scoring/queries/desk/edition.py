"""An edition at the desk: the chain from framework to release, each link's state, and which comes next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.db.models.fields.json import KT

from accounts.lifecycle import MEMBERS
from exchange.tables import csv_records
from scoring.files.uncertainty_reader import RANKS, half_of
from scoring.files.unit_lists import ListedUnits
from scoring.models import Bundle, Consensus, Edition, Freeze, Scoring, Upload
from scoring.numerics.ahp.consensus import why_no_s_star
from scoring.queries.datasets import count_departures
from scoring.queries.desk.approval import ApprovalState, approval_state
from scoring.queries.desk.capabilities import acts_of
from scoring.queries.desk.chain import NEXT, Done, chain, is_of_before, next_act, next_of, rounds_of
from scoring.queries.desk.jobs import Progress, progress_of
from scoring.queries.desk.uploads import UploadFacts, last_uploads
from scoring.queries.freezes import CarriedWeights, last_freeze, weights_of, weights_to_carry
from scoring.queries.published.headline import RankedPlace, Untypical, untypical
from scoring.states import EDITION, LIFECYCLES
from surveys import handover

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from datetime import datetime

    from django.db.models import QuerySet

    from accounts.lifecycle import Actor
    from accounts.models import Series
    from scoring.queries.desk.chain import ChainStep
    from surveys.values.rounds import FrameworkContent, PanelSummary, RoundSummary

TOP: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewPlace(RankedPlace):
    """A unit in the preview of the result."""

    score: float


@dataclass(frozen=True, slots=True)
class Preview:
    """What a release would say: the first places, and those whose place is not where their draws mostly are."""

    top: tuple[PreviewPlace, ...]
    elsewhere: tuple[PreviewPlace, ...]
    untypical: Untypical


@dataclass(frozen=True, slots=True)
class DeskRelease:
    """A release with the progress of its bundle."""

    number: str
    at: datetime
    by: str
    reason: str
    dataset: str
    bundle: Progress | None


@dataclass(frozen=True, slots=True)
class ConsensusFacts:
    """The consensus in numbers; ``is_of_before`` its round was opened again, so that no method is frozen on it."""

    experts: int
    s_star: float | None
    no_s_star: str
    excluded: int
    draws: int
    is_of_before: bool


@dataclass(frozen=True, slots=True)
class UnitListFacts:
    """The list of units in numbers, with its rule by language."""

    number: int
    units: int
    countries: int
    groups: tuple[str, ...]
    rule: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class DeskEditionPage:
    """An edition's chain, and what each link shows."""

    series_slug: str
    series_name: str
    slug: str
    state: str
    is_demonstration: bool
    is_simulated: bool
    framework: FrameworkContent | None
    panels: tuple[PanelSummary, ...]
    rounds: tuple[RoundSummary, ...]
    consensus: ConsensusFacts | None
    recipe_text: str
    unit_list: UnitListFacts | None
    freeze_fingerprint: str
    dataset_number: int | None
    dataset_note: str
    preview: Preview
    releases: tuple[DeskRelease, ...]
    steps: tuple[ChainStep, ...]
    awaits_correction: bool
    departures: int
    carried: CarriedWeights | None
    to_carry: tuple[CarriedWeights, ...]
    approval: ApprovalState | None
    uploads: Mapping[str, UploadFacts]
    may: frozenset[str]

    @property
    def possible(self) -> frozenset[str]:
        """Return the acts that the edition's state allows; a revision is ended only where something is released."""
        return EDITION.possible(self.state) - (frozenset() if self.releases else {"keep_method"})

    @property
    def acts(self) -> frozenset[str]:
        """Return those of them that the reader may do."""
        return self.possible & self.may

    @property
    def awaited(self) -> tuple[Actor, ...]:
        """Return who takes the next step, where it can be taken and is not the reader's."""
        act = next_act(next_of(self.steps), awaits_correction=self.awaits_correction)
        if act not in self.possible or act in self.may:
            return ()
        return tuple(one for one in MEMBERS if one in LIFECYCLES.by_act[act])

    @property
    def data_upload(self) -> UploadFacts | None:
        """Return the files of data that were last sent."""
        return self.uploads.get(Upload.Kind.DATA)

    @property
    def units_upload(self) -> UploadFacts | None:
        """Return the files of a list of units that were last sent."""
        return self.uploads.get(Upload.Kind.UNITS)

    @property
    def closed_rounds(self) -> tuple[RoundSummary, ...]:
        """Return the rounds that a consensus may be computed of."""
        return tuple(one for one in self.rounds if one.is_closed)

    @property
    def next_step(self) -> str:
        """Return the key of what comes next; empty when all is done."""
        step = next_of(self.steps)
        return step.key if step else ""

    @property
    def running(self) -> tuple[Progress, ...]:
        """Return the work under way."""
        work = [step.progress for step in self.steps] + [one.bundle for one in self.releases]
        work += [upload.progress for upload in self.uploads.values()]
        return tuple(one for one in work if one and one.is_running)


def edition_for_desk(series: Series, slug: str) -> Edition | None:
    """Return an edition with what its chain names; one query, without the large contents."""
    return (
        Edition.objects.select_related("series", "recipe", "unit_list", "consensus", "dataset")
        .defer(
            "recipe__content", "unit_list__content", "consensus__result", "consensus__counted", "consensus__clusters"
        )
        .filter(series=series, slug=slug)
        .first()
    )


def desk_edition_page(edition: Edition, roles: Collection[Actor] = (), *, reader: str = "") -> DeskEditionPage:
    """Read the chain of an edition from `edition_for_desk`, for somebody of this name with these roles.

    Fourteen queries at most, however many rows.
    """
    framework = None if edition.framework_uid is None else handover.framework(edition.framework_uid)
    asked = {panel.panel_uid for panel in edition.panels.all()}
    panels = tuple(panel for panel in handover.panels(edition.series.uid) if panel.uid in asked)
    rounds = rounds_of(edition, panels)
    freeze = last_freeze(edition)
    scoring = _scoring(edition, freeze)
    carried = weights_of(edition.carried_id).told if edition.carried_id else None
    releases = tuple(_releases(edition))
    listed = ListedUnits.from_plain(edition.unit_list.content) if edition.unit_list else None
    is_released = edition.state == Edition.State.RELEASED and bool(releases)
    awaits_correction = is_released and _differs(edition, releases[0])
    published = releases[-1] if is_released and not awaits_correction else None
    steps = chain(
        edition,
        is_framework_fixed=bool(framework and framework.fingerprint),
        panels=panels,
        consensus=progress_of(edition.consensus) if edition.consensus else None,
        weighed_round=edition.consensus.round_uid if edition.consensus else None,
        freeze=Done(freeze.frozen_at, freeze.frozen_by) if freeze else None,
        scoring=progress_of(scoring) if scoring else None,
        published=Done(published.at, published.by) if published else None,
    )
    return DeskEditionPage(
        series_slug=edition.series.slug,
        series_name=edition.series.name,
        slug=edition.slug,
        state=edition.state,
        is_demonstration=edition.series.is_demonstration,
        is_simulated=any(panel.is_simulated for panel in panels),
        framework=framework,
        panels=panels,
        rounds=rounds,
        consensus=_consensus(edition.consensus, () if carried else rounds),
        recipe_text=edition.recipe.text if edition.recipe else "",
        unit_list=_unit_list(listed, edition.unit_list.number) if listed and edition.unit_list else None,
        freeze_fingerprint=freeze.fingerprint if freeze else "",
        dataset_number=edition.dataset.number if edition.dataset else None,
        dataset_note=edition.dataset.note if edition.dataset else "",
        preview=_preview(scoring if edition.state != Edition.State.PREPARING else None),
        releases=releases,
        steps=steps,
        awaits_correction=awaits_correction,
        departures=_departures(edition, freeze),
        carried=carried,
        to_carry=_to_carry(edition, framework),
        approval=approval_state(edition, reader) if _is_next(steps, "freeze") else None,
        uploads=last_uploads(edition),
        may=acts_of(roles),
    )


def _is_next(steps: tuple[ChainStep, ...], key: str) -> bool:
    return any(step.key == key and step.state == NEXT for step in steps)


def _to_carry(edition: Edition, framework: FrameworkContent | None) -> tuple[CarriedWeights, ...]:
    """Return the weights of other editions that fit, while another choice is open."""
    if framework is None or edition.state != Edition.State.PREPARING:
        return ()
    return tuple(one.told for one in weights_to_carry(edition) if one.version == framework.fingerprint)


def _departures(edition: Edition, freeze: Freeze | None) -> int:
    """Count the values of the data now open that are not from what the last freeze fixed."""
    if edition.dataset is None or freeze is None or freeze.unit_list_id is None:
        return 0
    stands = edition.unit_list if freeze.unit_list_id == edition.unit_list_id else freeze.unit_list
    return count_departures(edition.dataset, ListedUnits.from_plain(stands.content).sources) if stands else 0


def _unit_list(listed: ListedUnits, number: int) -> UnitListFacts:
    countries = {unit.country for unit in listed.units if unit.country}
    return UnitListFacts(number, len(listed.units), len(countries), tuple(listed.groups), listed.rule)


def _differs(edition: Edition, latest: DeskRelease) -> bool:
    """Say whether the data now open are others than those of the latest release."""
    return edition.dataset is not None and edition.dataset.fingerprint != latest.dataset


def _scoring(edition: Edition, freeze: Freeze | None) -> Scoring | None:
    """Return the scoring of the data now open, with its scores and drawn ranks alone."""
    if freeze is None or edition.dataset_id is None:
        return None
    rows: QuerySet[Scoring] = Scoring.objects.filter(freeze=freeze, dataset=edition.dataset_id)
    return rows.defer("result").annotate(scores=KT("result__scores.csv"), ranks=KT(f"result__{RANKS}")).first()


def _preview(scoring: Scoring | None) -> Preview:
    """Read what the scoring found, from its scores and its drawn ranks."""
    scores, drawn = (getattr(scoring, name, None) or "" for name in ("scores", "ranks"))
    own = {row["uCode"]: row for row in csv_records(drawn)}
    places = [_place(row, own.get(row["uCode"], {})) for row in csv_records(scores) if row["rank"]]
    elsewhere = tuple(place for place in places if place.is_off_half or place.is_other_tier)
    return Preview(tuple(places[:TOP]), elsewhere, untypical(places))


def _place(score: Mapping[str, str], drawn: Mapping[str, str]) -> PreviewPlace:
    def whole(row: Mapping[str, str], column: str) -> int | None:
        return int(float(row[column])) if row.get(column) else None

    q1, q3 = (float(drawn[column]) if drawn.get(column) else None for column in ("rank_q1", "rank_q3"))
    return PreviewPlace(
        name=score["uName"],
        rank=int(score["rank"]),
        low=whole(score, "rank_low"),
        high=whole(score, "rank_high"),
        half=half_of(q1, q3),
        tier_number=whole(score, "tier"),
        modal_tier=whole(drawn, "modal_tier"),
        score=float(score["score"]),
    )


def _releases(edition: Edition) -> Iterator[DeskRelease]:
    bundles = {
        bundle.release_id: bundle for bundle in Bundle.objects.filter(release__edition=edition).defer("zip", "workbook")
    }
    for release in edition.releases.all():
        bundle = bundles.get(release.pk)
        yield DeskRelease(
            number=release.number,
            at=release.released_at,
            by=release.released_by,
            reason=release.reason,
            dataset=release.manifest["dataset"]["fingerprint"],
            bundle=progress_of(bundle) if bundle else None,
        )


def _consensus(consensus: Consensus | None, rounds: tuple[RoundSummary, ...]) -> ConsensusFacts | None:
    if consensus is None or consensus.state != Consensus.State.DONE:
        return None
    return ConsensusFacts(
        consensus.experts,
        consensus.s_star,
        why_no_s_star(consensus.s_star, consensus.homogeneity),
        len(consensus.excluded),
        consensus.method["draws"],
        is_of_before(consensus.round_uid, consensus.requested_at, rounds),
    )
