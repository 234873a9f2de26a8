"""What the files of a release tell of how sure it is and why its units moved: kept by a process, since they never change."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from accounts.units import UnitKind
from scoring.models import Release
from scoring.numerics.composite.country_shares import CountryShares
from scoring.numerics.robustness.scope import Scope, scope_of
from scoring.queries.published import reading
from scoring.queries.published.headline import Separability

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from scoring.files.changes import ChangeRow
    from scoring.files.movers import ImportanceRow, OnePersonRow
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
    manifest does not name it. ``importance`` and ``one_person`` tell what moves scores and weights.
    """

    studied: StudyTables | None
    changes: Mapping[str, ChangeRow]
    compared: Compared | None
    importance: tuple[ImportanceRow, ...]
    one_person: tuple[OnePersonRow, ...]


def release_study(head: ReleaseHead) -> ReleaseStudy:
    """Return what a release's files tell; two queries, none once it is read."""
    return cached_release_study(head.release_id, head.fingerprint)


@lru_cache(maxsize=KEPT)
def cached_release_study(release_id: int, _fingerprint: str) -> ReleaseStudy:
    """Read what is stored of a release."""
    tables = reading.study(release_id)
    compared = Release.objects.values_list("manifest__compared", flat=True).get(pk=release_id)
    return ReleaseStudy(
        studied=tables.studied,
        changes={row.unit: row for row in tables.changes},
        compared=Compared(compared["edition"], compared["number"]) if compared else None,
        importance=tables.importance,
        one_person=tables.one_person,
    )


@dataclass(frozen=True, slots=True)
class ReleaseFacts:
    """What stands beside a release's numbers, each None where its files do not tell it.

    Who can be told apart, what of the ranking its countries share, and what its intervals vary and do not.
    """

    apart: Separability | None = None
    countries: CountryShares | None = None
    scope: Scope | None = None


def facts_by_release(releases: Iterable[int]) -> dict[int, ReleaseFacts]:
    """Return what stands beside the numbers of releases; one query."""
    return {release: _facts(apart, told) for release, (apart, told) in reading.facts(releases).items()}


def scope_over(covers: Collection[str], facts: ReleaseFacts) -> Scope:
    """Return what intervals over these factors of a release's draws hold, and what they do not."""
    told = facts.scope
    return scope_of(covers, None if told is None else "which_experts" not in told.not_varied)


def release_facts(head: ReleaseHead) -> ReleaseFacts:
    """Return what stands beside a release's numbers; one query."""
    return facts_for(facts_by_release([head.release_id])[head.release_id], unit_kind=head.unit_kind)


def facts_for(facts: ReleaseFacts, *, unit_kind: str) -> ReleaseFacts:
    """Leave out what countries share where countries are ranked: each has one unit, so it is all of it, and says nothing."""
    return replace(facts, countries=None) if unit_kind == UnitKind.COUNTRY else facts


def _facts(apart: Mapping[str, Any] | None, told: Mapping[str, Any]) -> ReleaseFacts:
    shares, scope = told["countries"], told["scope"]
    return ReleaseFacts(
        apart=_separability(apart) if apart else None,
        countries=CountryShares(**shares) if shares else None,
        scope=Scope(tuple(scope["varied"]), tuple(scope["not_varied"])) if scope else None,
    )


def _separability(told: Mapping[str, Any]) -> Separability:
    return Separability(tuple((first, last) for first, last in told["groups"]), *told["clear"])
