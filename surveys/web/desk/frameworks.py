"""The indicator systems of a series at the desk: which there are, one as a tree, and what holds for a version as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.doors import actor_and_time, capability_required
from accounts.rules import actors, series_of
from exchange.problems import FileProblemsError
from surveys.errors import BadFrameworkError, CriterionError, RoundStateError, StaleDraftError
from surveys.files.framework import write_framework
from surveys.files.pasted_framework import read_pasted, write_hierarchy
from surveys.files.shipped_frameworks import BY_KEY
from surveys.models import FrameworkVersion
from surveys.queries.desk.frameworks import copyable_versions, framework_list, framework_page
from surveys.queries.frameworks import rows_of, versions_for
from surveys.states import FRAMEWORK, LIFECYCLES, capability
from surveys.usecases.framework_drafts import (
    begin_framework,
    redraft_framework,
    replace_criteria,
    undo_change_of_framework,
)
from surveys.usecases.frameworks import freeze_framework
from surveys.values.framework_changes import changes_between
from surveys.values.framework_page import framework_tree
from surveys.web.desk.framework_forms import PASTE, BeginFrameworkForm, PasteForm

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from django.http import HttpRequest

    from accounts.models import Series
    from surveys.values.framework import FrameworkRow

REFUSED: Final = 422
CONFLICT: Final = 409


def version_of(series: Series, uid: UUID) -> FrameworkVersion:
    """Return a version that the series may use: of its own frameworks, or of a shared one."""
    found: FrameworkVersion = get_object_or_404(versions_for(series.uid), uid=uid)
    return found


def own_version(series: Series, uid: UUID) -> FrameworkVersion:
    """Return a version of a framework of the series, which alone it may change."""
    return get_object_or_404(FrameworkVersion.objects.select_related("framework"), framework__series=series, uid=uid)


def seen_in(request: HttpRequest) -> int:
    """Return the revision of the draft that the page showed; none matches where it does not say."""
    sent = request.POST.get("seen", "")
    return int(sent) if sent.isascii() and sent.isdecimal() and len(sent) < 10 else -1


def told(error: StaleDraftError | RoundStateError) -> str:
    """Say why a draft was not changed."""
    if isinstance(error, StaleDraftError):
        return _(
            "Somebody else changed this draft meanwhile. Nothing of yours was stored: look at the tree, and send it again."
        )
    return _("This version is frozen and never changes. Make a new version to go on.")


def render_version(
    request: HttpRequest, series: Series, version: FrameworkVersion, *, status: int = 200, **context: Any
) -> HttpResponse:
    """Show a version as a tree, and beside it what the context asks for: ``panel`` names it."""
    page = framework_page(series, version)
    may = LIFECYCLES.acts_of(actors(request.user, series))
    may_here = frozenset() if page.is_shared else may & FRAMEWORK.possible(version.state)
    shown = {"page": page, "tree": page.tree, "may": may_here, "chosen": "", "panel": "", **context}
    return render(request, "surveys/desk_framework.html", shown, status=status)


def refused(request: HttpRequest, series: Series, version: FrameworkVersion, why: str) -> HttpResponse:
    """Show the version, and above it why nothing was stored."""
    messages.error(request, why)
    version.refresh_from_db()
    return render_version(request, series, version, status=CONFLICT)


def lead_to_version(series: Series, version: FrameworkVersion) -> HttpResponse:
    """Lead to the page of a version."""
    return redirect("surveys:desk_framework", series=series.slug, uid=version.uid)


@capability_required(GET=capability("framework_list"))
def frameworks(request: HttpRequest, series: Series) -> HttpResponse:
    """List the frameworks that the series may use."""
    may = LIFECYCLES.acts_of(actors(request.user, series))
    return render(request, "surveys/desk_frameworks.html", {"page": framework_list(series), "may": may})


@capability_required(GET=capability("begin_framework"), POST=capability("begin_framework"))
def begin(request: HttpRequest, series: Series) -> HttpResponse:
    """Begin a framework: with nothing, with a shipped one, or as a copy."""
    copyable = copyable_versions(series_of(request.user))
    form = BeginFrameworkForm(request.POST if request.method == "POST" else None, copyable=copyable)
    if form.is_valid():
        kind, which = form.begins_with()
        rows = _rows_to_begin_with(kind, which)
        try:
            made = begin_framework(series, names=form.names(), rows=rows, **actor_and_time(request))
        except CriterionError as error:
            form.refuse(error)
        else:
            messages.success(request, _("The framework is begun. Nothing is asked before it is frozen."))
            page = "surveys:paste_framework" if kind == PASTE else "surveys:desk_framework"
            return redirect(page, series=series.slug, uid=made.uid)
    context = {"page": framework_list(series), "form": form}
    return render(request, "surveys/desk_framework_begin.html", context, status=REFUSED if form.errors else 200)


def _rows_to_begin_with(kind: str, which: str) -> Sequence[FrameworkRow]:
    """Return the criteria of what was chosen; the form offers nothing that its reader may not see."""
    if kind == "shipped":
        return BY_KEY[which].rows
    return rows_of(FrameworkVersion.objects.get(uid=which)) if kind == "copy" else ()


@capability_required(GET=capability("framework_page"))
def framework(request: HttpRequest, series: Series, uid: UUID) -> HttpResponse:
    """Show a version: the tree, what it asks, and what is missing."""
    return render_version(request, series, version_of(series, uid))


@capability_required(GET=capability("replace_criteria"), POST=capability("replace_criteria"))
def paste(request: HttpRequest, series: Series, uid: UUID) -> HttpResponse:
    """Read pasted cells and show what would become of the tree; nothing is stored before that is confirmed."""
    version = own_version(series, uid)
    page = framework_page(series, version)
    if not page.is_draft:
        return refused(request, series, version, told(RoundStateError("")))
    form = PasteForm(request.POST if request.method == "POST" else None, languages=page.languages)
    context: dict[str, Any] = {"page": page, "form": form, "status": 200}
    if form.is_valid():
        try:
            said = form.cleaned_data
            names = version.framework.names
            rows = read_pasted(said["text"], names=names, language=said["language"], stands=page.rows)
            if "keep" in request.POST:
                replace_criteria(version, rows=rows, seen=seen_in(request), **actor_and_time(request))
                messages.success(request, _("The pasted criteria are kept."))
                return lead_to_version(series, version)
            context |= {"tree": framework_tree(rows, page.languages), "changes": changes_between(page.rows, rows)}
        except FileProblemsError as error:
            context |= {"problems": error.problems[:200], "total": len(error.problems), "status": REFUSED}
        except CriterionError as error:
            form.refuse(error)
        except (StaleDraftError, RoundStateError) as error:
            form.add_error(None, told(error))
            context |= {"status": CONFLICT}
    if form.errors and context["status"] == 200:
        context["status"] = REFUSED
    return render(request, "surveys/desk_framework_paste.html", context, status=context["status"])


@capability_required(POST=capability("undo_change_of_framework"))
def undo(request: HttpRequest, series: Series, uid: UUID) -> HttpResponse:
    """Undo the last change of a draft."""
    version = own_version(series, uid)
    try:
        undo_change_of_framework(version, seen=seen_in(request), **actor_and_time(request))
    except (StaleDraftError, RoundStateError) as error:
        return refused(request, series, version, told(error))
    messages.success(request, _("The last change is undone."))
    return lead_to_version(series, version)


@capability_required(
    GET=capability("freeze_framework", "framework_page"), POST=capability("freeze_framework", "framework_page")
)
def freeze(request: HttpRequest, series: Series, uid: UUID) -> HttpResponse:
    """Show what is open before a version is frozen for good, and freeze it."""
    version = own_version(series, uid)
    if request.method != "POST":
        return render_version(request, series, version, panel="freeze")
    try:
        freeze_framework(version, seen=seen_in(request), **actor_and_time(request))
    except (StaleDraftError, RoundStateError) as error:
        return refused(request, series, version, told(error))
    except BadFrameworkError:
        return refused(request, series, version, _("Some groups are empty: add to them, or delete them."))
    messages.success(request, _("The version is frozen: rounds can be planned on it, and editions begun."))
    return lead_to_version(series, version)


@capability_required(POST=capability("redraft_framework"))
def redraft(request: HttpRequest, series: Series, uid: UUID) -> HttpResponse:
    """Begin the next version, or lead to the draft that is there."""
    version = own_version(series, uid)
    try:
        made = redraft_framework(version, **actor_and_time(request))
    except RoundStateError:
        return refused(request, series, version, _("This version is a draft: change it here."))
    return lead_to_version(series, made)


@capability_required(GET=capability("framework_page"))
def as_table(_request: HttpRequest, series: Series, uid: UUID) -> HttpResponse:
    """Give the criteria as a table with COINr's columns, which can be pasted again."""
    version = version_of(series, uid)
    return _file(write_framework(rows_of(version)).encode("utf-8-sig"), version, "csv", "text/csv")


@capability_required(GET=capability("framework_page"))
def as_hierarchy(_request: HttpRequest, series: Series, uid: UUID) -> HttpResponse:
    """Give the tree as the hierarchy that AHP-OS takes."""
    version = version_of(series, uid)
    text = write_hierarchy(rows_of(version), get_language() or "en")
    return _file(text.encode(), version, "txt", "text/plain")


def _file(content: bytes, version: FrameworkVersion, ending: str, kind: str) -> HttpResponse:
    name = f"{version.framework.slug}-{version.number}.{ending}"
    return HttpResponse(
        content,
        content_type=f"{kind}; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"},
    )
