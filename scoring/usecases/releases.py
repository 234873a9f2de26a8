"""Release an edition, correct it by a new release, build what is downloaded."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from django.db import transaction

from accounts.acts import note
from accounts.names import localised
from accounts.usecases.series import fix_unit_kind
from scoring.errors import LicenceUnknownError, MissingPartError, NothingChangedError
from scoring.files import departures
from scoring.files.bundle import MANIFEST, README, ManifestHeading, manifest, manifest_text, pack, readme
from scoring.files.dictionary import NAME as DICTIONARY
from scoring.files.dictionary import dictionary
from scoring.files.digits import sha256
from scoring.files.guarding import as_today, without_formulas
from scoring.files.licences import NAME as LICENCES
from scoring.files.licences import by_source, licences_from_plain, unknown_sources, write_licences
from scoring.files.published import published_units
from scoring.files.sources import read_sources
from scoring.files.uncertainty_reader import SUMMARY
from scoring.files.unit_lists import KEY as UNIT_LIST
from scoring.files.withheld import kept_back_by, without_values
from scoring.files.workbook import SHEETS, workbook
from scoring.models import Bundle, Edition, Release, ReleaseFile, ReleaseUnit, Scoring
from scoring.queries.freezes import CARRIED, CarriedWeights, last_freeze
from scoring.queries.frozen import frozen_of
from scoring.queries.members import areas_of
from scoring.usecases import jobs
from scoring.usecases.edition_data import open_data
from scoring.usecases.editions import locked_edition
from scoring.usecases.readings import keep_reading
from scoring.version import code_version
from surveys.files.framework import other_columns

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from scoring.files.frozen import FrozenMethod
    from scoring.files.licences import SourceLicence
    from scoring.files.sources import Source
    from scoring.models import Dataset, Freeze
    from scoring.usecases.jobs import Claim


@transaction.atomic
def release_edition(edition: Edition, *, reason: str = "", by: str, at: datetime) -> Release:
    """Publish the edition's finished scoring as release 1.0: everything needed to recompute it, never changed again.

    The first number is that of its freeze: 2.0 follows a second one, supersedes what was released before and needs a reason.

    Effects in order: the series keeps the kind of unit that it ranks; the release with its manifest, its files, its units and its reading as pages read them; the edition is released; the
    bundle for download is queued.

    Raises
    ------
    WrongStateError
        The edition is not frozen, or released already.
    MissingPartError
        Its data are not scored, or there is no reason where there must be one.
    LicenceUnknownError
        Of a source of its values no licence is known, or not whether they may be passed on.
    """
    locked = locked_edition(edition, "release_edition")
    latest = locked.releases.order_by("major", "minor").last()
    if latest and not reason.strip():
        raise MissingPartError("another release of an edition needs a reason", part="reason")
    release = _publish(
        locked, _finished_scoring(locked), supersedes=latest, reason=reason.strip() if latest else "", by=by, at=at
    )
    locked.state = Edition.State.RELEASED
    locked.save(update_fields=["state"])
    note("released", f"{release.number} of edition {locked.uid}", by=by, at=at)
    return release


@transaction.atomic
def correct_release(edition: Edition, *, dataset: Dataset, reason: str, by: str, at: datetime) -> Release:
    """Publish corrected data, scored by the same freeze, as 1.1, 1.2 and so on; the earlier release stays as it is.

    The data must have been scored: `use_dataset`, `request_scoring`, and the scoring done.

    Raises
    ------
    WrongStateError
        The edition is not released.
    MissingPartError
        The data are not scored, or there is no reason.
    NothingChangedError
        The data are those of the latest release.
    LicenceUnknownError
        As `release_edition`; licences come with the data, or as a patch of them.
    """
    locked = locked_edition(edition, "correct_release")
    if not reason.strip():
        raise MissingPartError("a correction needs a reason", part="reason")
    latest = locked.releases.latest("major", "minor")
    open_data(locked, dataset)
    scoring = _finished_scoring(locked)
    if latest.manifest["dataset"]["fingerprint"] == dataset.fingerprint:
        raise NothingChangedError("the data are those of the latest release", release=latest.number)
    release = _publish(locked, scoring, supersedes=latest, reason=reason.strip(), by=by, at=at)
    note("corrected", f"{latest.number} by {release.number} of edition {locked.uid}", by=by, at=at)
    return release


def _finished_scoring(edition: Edition) -> Scoring:
    """Return the scoring of the edition's data by its last freeze."""
    scoring = (
        Scoring.objects.select_related("freeze", "dataset", "compared__edition")
        .filter(freeze=last_freeze(edition), dataset=edition.dataset_id, state=Scoring.State.DONE)
        .first()
    )
    if scoring is None or scoring.result is None:
        raise MissingPartError("the edition's data are not scored", part="scoring")
    return scoring


def _publish(
    edition: Edition, scoring: Scoring, *, supersedes: Release | None, reason: str, by: str, at: datetime
) -> Release:
    """Write a release with its files and units, and queue its bundle; it supersedes one by the same freeze or an earlier one."""
    frozen = frozen_of(scoring.freeze)
    results: dict[str, str] = scoring.result or {}
    licences = licences_from_plain(scoring.dataset.licences or ())
    sources = read_sources("sources.csv", results["sources.csv"].encode())
    _check_licences(sources, licences)
    unit_kind = fix_unit_kind(edition.series)
    kept_back = kept_back_by(sources, licences)
    major = scoring.freeze.number
    minor = supersedes.minor + 1 if supersedes and supersedes.major == major else 0
    heading = ManifestHeading(
        series=edition.series.slug,
        title=localised(edition.series.names, "en"),
        edition=edition.slug,
        release=f"{major}.{minor}",
        released_at=at,
        supersedes=supersedes.number if supersedes else "",
        reason=reason,
        limits=localised(edition.limits, "en"),
        is_demonstration=edition.series.is_demonstration,
        is_simulated=scoring.freeze.content["round"]["is_simulated"],
        unit_kind=unit_kind,
        licence=edition.series.licence,
        licences=licences,
        kept_back=kept_back.sources,
        withheld=tuple(frozen.withheld),
        carried=_carried(scoring.freeze),
    )
    public = without_values(results, kept_back)
    files = {README: readme(heading), **frozen.release_files(), **public, LICENCES: write_licences(licences)}
    if frozen.listed:
        files[departures.NAME] = departures.write_departures(frozen.listed.sources, sources)
    files = without_formulas({**files, DICTIONARY: dictionary(files, unit_kind=unit_kind)})
    listed = manifest(heading, files, _facts(scoring, frozen, sources))
    release = Release.objects.create(
        edition=edition,
        freeze=scoring.freeze,
        major=major,
        minor=minor,
        supersedes=supersedes,
        reason=reason,
        manifest=listed,
        fingerprint=listed["fingerprint"],
        code_version=code_version(),
        released_at=at,
        released_by=by,
    )
    contents = {name: text.encode() for name, text in {**files, MANIFEST: manifest_text(listed)}.items()}
    ReleaseFile.objects.bulk_create(
        ReleaseFile(release=release, name=name, content=content, sha256=sha256(content))
        for name, content in contents.items()
    )
    ReleaseUnit.objects.bulk_create(_units(release, results, frozen, licences), batch_size=500)
    keep_reading(release, contents)
    Bundle.objects.create(release=release, requested_at=at, requested_by=by)
    return release


def _check_licences(sources: Iterable[Source], licences: Iterable[SourceLicence]) -> None:
    unknown = unknown_sources(sources, licences)
    if unknown:
        names = ", ".join(text or "values that name no source" for text in unknown)
        what = "no licence is known of these sources, or nobody said whether their values may be published"
        do = "send licences.csv with the data, or alone as a correction of them, and score the data again"
        raise LicenceUnknownError(f"{what}: {names}; {do}", sources=list(unknown))


def _carried(freeze: Freeze) -> str:
    """Say whose weights were taken over, and how old they were; empty where the edition asked its own panels."""
    carried = CarriedWeights.from_plain(freeze.content.get(CARRIED))
    if carried is None:
        return ""
    day, age = carried.asked_until.date().isoformat(), carried.age(freeze.frozen_at)
    return (
        f"The weights are carried over from edition {carried.edition}: its panel was asked until {day}, {age} days before this "
        "method was frozen."
    )


def _frozen_when(freeze: Freeze) -> dict[str, object]:
    """Say when the method was fixed, and whether a second person approved it, where that was asked for."""
    approved_at = freeze.approval.approved_at if freeze.approval else None
    said = {} if freeze.is_of_one is None else {"approved_at": approved_at and approved_at.isoformat()}
    return {"fingerprint": freeze.fingerprint, "frozen_at": freeze.frozen_at.isoformat(), **said}


def _facts(scoring: Scoring, frozen: FrozenMethod, sources: Sequence[Source]) -> dict[str, object]:
    """Return what else identifies a release: seeds, code versions, fingerprints of freeze and data."""
    freeze, dataset, listed = scoring.freeze, scoring.dataset, frozen.listed
    departed = departures.departures(listed.sources, sources) if listed else []
    return {
        "code_version": code_version(),
        "computed_by": {"consensus": freeze.content["consensus"]["code_version"], "scores": scoring.code_version},
        "people": freeze.consensus.experts,
        "seed": {"consensus": frozen.method.seed, "recipe": frozen.recipe.robustness.seed},
        "framework": freeze.content["framework_version"],
        "draws": _draws(scoring.result or {}),
        "compared": _compared(scoring.compared),
        "areas": areas_of(scoring.edition),
        **({CARRIED: freeze.content[CARRIED]} if CARRIED in freeze.content else {}),
        "freeze": _frozen_when(freeze),
        **({UNIT_LIST: {**listed.in_manifest(), "departures": len(departed)}} if listed else {}),
        "dataset": {
            "number": dataset.number,
            "fingerprint": dataset.fingerprint,
            "loaded_at": dataset.loaded_at.isoformat(),
            "note": dataset.note,
        },
    }


def _draws(results: Mapping[str, str]) -> dict[str, object] | None:
    """Say how many draws there are, what was asked of them, and what ended them; None where nothing was drawn."""
    if SUMMARY not in results:
        return None
    told = json.loads(results[SUMMARY])
    accuracy = told.get("accuracy", {})  # a scoring by earlier code may wait for its release
    return {"used": told["draws"], **{key: accuracy.get(key) for key in ("asked", "budget", "ended")}}


def _compared(release: Release | None) -> dict[str, str] | None:
    """Name the release that the change starts from."""
    if release is None:
        return None
    return {"edition": release.edition.slug, "number": release.number, "fingerprint": release.fingerprint}


def _units(
    release: Release, results: dict[str, str], frozen: FrozenMethod, licences: Iterable[SourceLicence]
) -> Iterator[ReleaseUnit]:
    """Give every unit of the release as pages read it."""
    needed = frozen.recipe.screen.unit_availability
    columns = other_columns(frozen.rows)
    for one in published_units(results, frozen.tree, others=columns, needed=needed, licences=by_source(licences)):
        yield ReleaseUnit(
            release=release,
            code=one.row.code,
            names=dict(one.row.names),
            aliases=list(one.row.aliases),
            country_code=one.row.country,
            country_names=dict(one.row.country_names),
            population=one.row.population,
            latitude=one.row.latitude,
            longitude=one.row.longitude,
            rank=one.rank,
            rank_low=one.rank_low,
            rank_high=one.rank_high,
            rank_joint_low=one.rank_joint_low,
            rank_joint_high=one.rank_joint_high,
            rank_q1=one.rank_q1,
            rank_q3=one.rank_q3,
            tier=one.tier,
            modal_tier=one.modal_tier,
            score=one.score,
            aggregates=one.aggregates,
            values=one.values,
            left_out=one.left_out,
        )


def build_bundle(bundle_id: int, *, now: Callable[[], datetime]) -> bool:
    """Build a release's zip and workbook from its files alone.

    True when this call finished it; a second one changes nothing.
    """
    return jobs.perform(Bundle, bundle_id, _build, now=now)


def _build(claim: Claim[Bundle]) -> None:
    release = Release.objects.get(pk=claim.job.release_id)
    files = {name: bytes(content) for name, content in release.files.values_list("name", "content")}
    total = len(SHEETS) + 1

    def show(done: int) -> None:
        claim.progress("workbook", done=done, total=total)

    show(0)
    tables = as_today(files, form=release.manifest.get("format"))
    book = workbook(tables, at=release.released_at, progress=show)
    claim.progress("zip", done=total - 1, total=total)
    packed = pack(files)
    with transaction.atomic():
        claim.finish(
            zip=packed,
            zip_sha256=sha256(packed),
            workbook=book,
            workbook_sha256=sha256(book),
            done=total,
            total=total,
        )
