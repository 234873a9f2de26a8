"""A release's stored reading; where none is stored yet, as after an upgrade until the sweep, the same is derived here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scoring.files import release_reading as derived
from scoring.files.country_shares import NAME as SHARES
from scoring.files.guarding import as_today
from scoring.files.release_model import read_release_model
from scoring.files.release_reading import FILES, FORM
from scoring.files.uncertainty_reader import ALIKE, SUMMARY
from scoring.models import ReleaseFile, ReleaseReading
from scoring.queries.published.criteria import criteria

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from scoring.files.release_reading import ReleaseTables
    from scoring.numerics.robustness.release_model import ReleaseModel
    from scoring.queries.published.release_head import ReleaseHead


def _stored(release_id: int, *columns: str) -> tuple[Any, ...] | None:
    return ReleaseReading.objects.filter(release=release_id, form=FORM).values_list(*columns).first()


def study(release_id: int) -> ReleaseTables:
    """Return how sure a release is, why its units moved, and what moves its scores and weights; one query."""
    found = _stored(release_id, "study")
    if found is None:
        return derived.study_of(files_of(release_id, derived.STUDY_FILES))
    return derived.unpack_study(bytes(found[0]))


def model(release_id: int) -> ReleaseModel:
    """Return what a release was computed from; one query.

    Raises
    ------
    NumericsError
        The release's files do not tell it.
    """
    found = _stored(release_id, "model", "refusal")
    if found is None:
        return read_release_model(files_of(release_id, derived.MODEL_FILES))
    packed, refusal = found
    return derived.unpack_model(None if packed is None else bytes(packed), refusal)


def facts(releases: Iterable[int]) -> dict[int, tuple[Mapping[str, Any] | None, Mapping[str, Any]]]:
    """Return by release who can be told apart (None where pairs were not counted) and what stands beside it; one query."""
    asked = list(releases)
    rows = ReleaseReading.objects.filter(release__in=asked, form=FORM).values_list("release", "separability", "facts")
    found: dict[int, tuple[Mapping[str, Any] | None, Mapping[str, Any]]] = {
        release: (apart, told) for release, apart, told in rows
    }
    missing = [release for release in asked if release not in found]
    files = _files_by_release(missing, (SUMMARY, ALIKE, SHARES)) if missing else {}
    for release in missing:
        own = files.get(release, {})
        found[release] = derived.separability_of(own), derived.facts_of(own)
    return found


def groupings(head: ReleaseHead) -> Mapping[str, Mapping[str, str]]:
    """Return the grouping columns of a release's data by unit; one query."""
    found = _stored(head.release_id, "groupings")
    if found is None:
        files = files_of(head.release_id, (derived.DATA,))
        return derived.groupings_of(files, named=named_columns(head.freeze_id))
    columns: Mapping[str, Mapping[str, str]] = found[0]
    return columns


def panel_groups(release_id: int) -> Mapping[str, int]:
    """Return how many experts of each group gave a release's judgements; one query."""
    found = _stored(release_id, "panel_groups")
    if found is None:
        return derived.panel_groups_of(files_of(release_id, (derived.JUDGEMENTS,)))
    groups: Mapping[str, int] = found[0]
    return groups


def files_of(release_id: int, names: Collection[str] = FILES) -> dict[str, bytes]:
    """Return the files of a release by these names, as today's readers take them; one query."""
    return _files_by_release([release_id], names).get(release_id, {})


def _files_by_release(releases: Collection[int], names: Collection[str]) -> dict[int, dict[str, bytes]]:
    found: dict[int, dict[str, bytes]] = {}
    rows = ReleaseFile.objects.filter(release__in=releases, name__in=names)
    for release, form, name, content in rows.values_list("release", "release__manifest__format", "name", "content"):
        found.setdefault(release, {}).update(as_today({name: bytes(content)}, form=form))
    return found


def named_columns(freeze_id: int) -> set[str]:
    """Return the codes and denominators that an edition's frozen framework names; one query."""
    tree = criteria(freeze_id)
    return {name for one in tree for name in (one.code, one.denominator)}
