"""What the files of a release tell of how sure it is and why its units moved: read once a process, since they never change."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from scoring.files.changes import NAME as CHANGE
from scoring.files.changes import read_change
from scoring.files.uncertainty_reader import ALIKE, READ, SUMMARY, read_alike, read_study, read_summary
from scoring.models import Release, ReleaseFile
from scoring.queries.published.headline import Separability

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from scoring.files.changes import ChangeRow
    from scoring.files.uncertainty_reader import StudyTables
    from scoring.queries.published.release_head import ReleaseHead

KEPT = 8  # releases; one of 137 units takes about a megabyte


@dataclass(frozen=True, slots=True)
class Compared:
    """The release that moves are counted from."""

    edition: str
    number: str


@dataclass(frozen=True, slots=True)
class ReleaseStudy:
    """What a release's files under ``robustness/`` tell, in no language: the study, and the moves by unit.

    ``studied`` is None without a study, ``changes`` is empty without an earlier release, and ``compared`` is None where the
    manifest does not name it.
    """

    studied: StudyTables | None
    changes: Mapping[str, ChangeRow]
    compared: Compared | None


def release_study(head: ReleaseHead) -> ReleaseStudy:
    """Return what a release's files tell; two queries, none once they are read."""
    return read_stored(head.release_id, head.fingerprint)


@lru_cache(maxsize=KEPT)
def read_stored(release_id: int, _fingerprint: str) -> ReleaseStudy:
    """Read the files of a release."""
    rows = ReleaseFile.objects.filter(release=release_id, name__in=[*READ, CHANGE]).values_list("name", "content")
    files = {name: bytes(content).decode() for name, content in rows}
    compared = Release.objects.values_list("manifest__compared", flat=True).get(pk=release_id)
    changes = read_change(files.pop(CHANGE)) if CHANGE in files else []
    return ReleaseStudy(
        studied=read_study(files),
        changes={row.unit: row for row in changes},
        compared=Compared(compared["edition"], compared["number"]) if compared else None,
    )


def separability_by_release(releases: Iterable[int]) -> dict[int, Separability]:
    """Return who can be told apart, by release; one query. A release whose pairs were not counted is not in it."""
    files: dict[int, dict[str, str]] = {}
    rows = ReleaseFile.objects.filter(release__in=list(releases), name__in=[ALIKE, SUMMARY])
    for release, name, content in rows.values_list("release", "name", "content"):
        files.setdefault(release, {})[name] = bytes(content).decode()
    found = {}
    for release, own in files.items():
        clear = read_summary(own[SUMMARY]).clear if SUMMARY in own else None
        if clear is not None:
            groups = tuple((one.first, one.last) for one in read_alike(own.get(ALIKE, "")))
            found[release] = Separability(groups, *clear)
    return found
