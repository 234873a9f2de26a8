"""The indicator systems of a series at the desk: all of them in a list, and one version as a tree with what it asks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.conf import settings
from django.db.models import Count, Exists, OuterRef, Q

from accounts.names import localised
from surveys.models import Criterion, FrameworkChange, FrameworkVersion
from surveys.queries.frameworks import framework_rows, versions_for
from surveys.values.framework_page import FrameworkTree, framework_tree, spoken_languages

if TYPE_CHECKING:
    from collections.abc import Collection
    from uuid import UUID

    from accounts.models import Series
    from surveys.values.framework import FrameworkRow
    from surveys.values.framework_page import SpokenLanguage


@dataclass(frozen=True)
class FrameworkVersionRow:
    """A version in the list: what it is called, how large it is, and whether it may still change."""

    uid: UUID
    name: str
    number: int
    is_draft: bool
    is_shared: bool
    indicators: int
    groups: int


@dataclass(frozen=True)
class FrameworkListPage:
    """The series, and the versions that it may use: its own first."""

    series_slug: str
    series_name: str
    is_demonstration: bool
    versions: tuple[FrameworkVersionRow, ...]


@dataclass(frozen=True)
class OtherVersion:
    """Another version of the same framework."""

    uid: UUID
    number: int
    is_draft: bool


@dataclass(frozen=True)
class FrameworkPage:
    """A version at the desk: its tree, its state, and how the draft stands among what others do (``revision``)."""

    series_slug: str
    series_name: str
    is_demonstration: bool
    uid: UUID
    name: str
    number: int
    is_draft: bool
    is_shared: bool
    revision: int
    may_undo: bool
    rows: tuple[FrameworkRow, ...]
    tree: FrameworkTree
    languages: tuple[SpokenLanguage, ...]
    others: tuple[OtherVersion, ...]

    @property
    def draft(self) -> OtherVersion | None:
        """The draft of the framework, where another version is one."""
        return next((one for one in self.others if one.is_draft), None)


def framework_list(series: Series) -> FrameworkListPage:
    """Read which framework versions a series may use; one query."""
    found = versions_for(series.uid).annotate(
        indicators=Count("criteria", filter=Q(criteria__kind=Criterion.Kind.INDICATOR)),
        groups=Count("criteria", filter=Q(criteria__kind=Criterion.Kind.AGGREGATE)),
    )
    rows = (
        FrameworkVersionRow(
            uid=one.uid,
            name=one.framework.name,
            number=one.number,
            is_draft=one.is_draft,
            is_shared=one.framework.series_id is None,
            indicators=one.indicators,
            groups=one.groups,
        )
        for one in found
    )
    return FrameworkListPage(series.slug, series.name, series.is_demonstration, tuple(rows))


def framework_page(series: Series, version: FrameworkVersion) -> FrameworkPage:
    """Read a version of a framework of the series, or of a shared one; four queries."""
    criteria = list(version.criteria.order_by("position"))
    rows = framework_rows(criteria)
    last = version.changes.order_by("revision").last()
    undoable = Exists(FrameworkChange.objects.filter(version=OuterRef("pk"), is_undone=False))
    siblings = list(
        FrameworkVersion.objects.filter(framework=version.framework_id).annotate(undoable=undoable).order_by("number")
    )
    languages = spoken_languages(series.languages or [code for code, _name in settings.LANGUAGES])
    return FrameworkPage(
        series_slug=series.slug,
        series_name=series.name,
        is_demonstration=series.is_demonstration,
        uid=version.uid,
        name=version.framework.name,
        number=version.number,
        is_draft=version.is_draft,
        is_shared=version.framework.series_id is None,
        revision=last.revision if last else 0,
        may_undo=any(one.undoable for one in siblings if one.pk == version.pk),
        rows=rows,
        tree=framework_tree(rows, languages),
        languages=languages,
        others=tuple(OtherVersion(one.uid, one.number, one.is_draft) for one in siblings if one.pk != version.pk),
    )


def copyable_versions(series: Collection[Series]) -> list[tuple[UUID, str]]:
    """Return what somebody with a role in these series may copy: versions of theirs and shared ones; one query."""
    mine = Q(framework__series__in=series) | Q(framework__series=None)
    found = FrameworkVersion.objects.filter(mine).select_related("framework").order_by("framework__slug", "number")
    return [(one.uid, f"{localised(one.framework.names)}\N{NO-BREAK SPACE}{one.number}") for one in found]
