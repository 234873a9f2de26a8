"""One criterion of a draft at the desk: worded, added to, moved, put one place up or down, and deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.doors import actor_and_time, capability_required
from accounts.rules import actors
from surveys.errors import CriterionError, RoundStateError, StaleDraftError
from surveys.queries.desk.frameworks import framework_page
from surveys.states import LIFECYCLES, capability
from surveys.usecases.framework_drafts import (
    add_criterion,
    delete_criterion,
    group_criteria,
    move_criterion,
    shift_criterion,
    translate_criterion,
    word_criterion,
)
from surveys.values.framework_edits import INDICATOR
from surveys.web.desk.framework_forms import CriterionForm, GroupForm, MoveForm
from surveys.web.desk.frameworks import (
    CONFLICT,
    REFUSED,
    lead_to_version,
    own_version,
    refused,
    render_version,
    seen_in,
    told,
    version_of,
)
from surveys.wording.frameworks import refusal

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpRequest

    from accounts.models import Series
    from surveys.queries.desk.frameworks import FrameworkPage
    from surveys.values.framework_page import CriterionLine

STEPS = {"up": -1, "down": 1}


def _line(page: FrameworkPage, code: str) -> CriterionLine:
    line = page.tree.line(code)
    if line is None:
        raise Http404
    return line


def _lead_to_criterion(series: Series, uid: UUID, code: str) -> HttpResponse:
    return redirect("surveys:desk_criterion", series=series.slug, uid=uid, criterion=code)


@capability_required(GET=capability("framework_page"), POST=capability("translate_criterion"))
def criterion(request: HttpRequest, series: Series, uid: UUID, criterion: str) -> HttpResponse:
    """Show a criterion beside the tree, and take what is said of it; translators give its texts alone."""
    sent = request.method == "POST"
    version = own_version(series, uid) if sent else version_of(series, uid)
    page = framework_page(series, version)
    if sent and not page.is_draft:
        return refused(request, series, version, told(RoundStateError("")))
    line = _line(page, criterion)
    may = LIFECYCLES.acts_of(actors(request.user, series))
    texts_only = "word_criterion" not in may
    form = CriterionForm(request.POST if sent else None, languages=page.languages, line=line, texts_only=texts_only)
    status = REFUSED if form.errors else 200
    if sent and form.is_valid():
        common = {"code": criterion, "seen": seen_in(request), **actor_and_time(request)}
        try:
            said = form.texts() if texts_only else {"said": form.said()}
            keep = translate_criterion if texts_only else word_criterion
            keep(version, **said, **common)
        except CriterionError as error:
            form.refuse(error)
            status = REFUSED
        except (StaleDraftError, RoundStateError) as error:
            form.add_error(None, told(error))
            status = CONFLICT
        else:
            messages.success(request, _("The criterion is kept."))
            return _lead_to_criterion(series, uid, criterion if texts_only else form.said()["code"])
    return render_version(
        request, series, version, status=status, panel="criterion", chosen=criterion, line=line, form=form
    )


@capability_required(GET=capability("add_criterion"), POST=capability("add_criterion"))
def add(request: HttpRequest, series: Series, uid: UUID, criterion: str) -> HttpResponse:
    """Add a criterion under another one."""
    version = own_version(series, uid)
    page = framework_page(series, version)
    if not page.is_draft:
        return refused(request, series, version, told(RoundStateError("")))
    line = _line(page, criterion)
    form = CriterionForm(request.POST if request.method == "POST" else None, languages=page.languages)
    status = REFUSED if form.errors else 200
    if form.is_valid():
        try:
            add_criterion(version, parent=criterion, said=form.said(), seen=seen_in(request), **actor_and_time(request))
        except CriterionError as error:
            form.refuse(error)
            status = REFUSED
        except (StaleDraftError, RoundStateError) as error:
            form.add_error(None, told(error))
            status = CONFLICT
        else:
            messages.success(request, _("The criterion is added."))
            return redirect("surveys:add_criterion", series=series.slug, uid=uid, criterion=criterion)
    return render_version(request, series, version, status=status, panel="add", chosen=criterion, line=line, form=form)


@capability_required(GET=capability("move_criterion"), POST=capability("move_criterion"))
def move(request: HttpRequest, series: Series, uid: UUID, criterion: str) -> HttpResponse:
    """Put a criterion, and all below it, under another group."""
    version = own_version(series, uid)
    page = framework_page(series, version)
    if not page.is_draft:
        return refused(request, series, version, told(RoundStateError("")))
    line = _line(page, criterion)
    below = {one.code for one in page.tree.below(criterion)} | {criterion}
    groups = [one for one in page.tree.lines if one.row.kind != INDICATOR and one.code not in below]
    form = MoveForm(request.POST if request.method == "POST" else None, groups=groups, now=line.row.parent)
    status = REFUSED if form.errors else 200
    if form.is_valid():
        common = {"code": criterion, "seen": seen_in(request), **actor_and_time(request)}
        try:
            move_criterion(version, parent=form.cleaned_data["parent"], **common)
        except (StaleDraftError, RoundStateError) as error:
            form.add_error(None, told(error))
            status = CONFLICT
        else:
            messages.success(request, _("The criterion is moved."))
            return _lead_to_criterion(series, uid, criterion)
    return render_version(request, series, version, status=status, panel="move", chosen=criterion, line=line, form=form)


@capability_required(GET=capability("group_criteria"), POST=capability("group_criteria"))
def group(request: HttpRequest, series: Series, uid: UUID, criterion: str) -> HttpResponse:
    """Put some of what stands under a criterion into a new group."""
    version = own_version(series, uid)
    page = framework_page(series, version)
    if not page.is_draft:
        return refused(request, series, version, told(RoundStateError("")))
    line = _line(page, criterion)
    children = [one for one in page.tree.lines if one.row.parent == criterion]
    form = GroupForm(request.POST if request.method == "POST" else None, children=children)
    status = REFUSED if form.errors else 200
    if form.is_valid():
        said = {"names": {get_language() or "en": form.cleaned_data["name"]}, "members": form.cleaned_data["members"]}
        common = {"code": criterion, "seen": seen_in(request), **actor_and_time(request)}
        try:
            group_criteria(version, **said, **common)
        except CriterionError as error:
            form.add_error(None, refusal(error))
            status = REFUSED
        except (StaleDraftError, RoundStateError) as error:
            form.add_error(None, told(error))
            status = CONFLICT
        else:
            messages.success(request, _("The group is made."))
            return _lead_to_criterion(series, uid, criterion)
    return render_version(
        request, series, version, status=status, panel="group", chosen=criterion, line=line, form=form
    )


@capability_required(POST=capability("shift_criterion"))
def shift(request: HttpRequest, series: Series, uid: UUID, criterion: str) -> HttpResponse:
    """Put a criterion one place up or down among those beside it."""
    version = own_version(series, uid)
    step = STEPS.get(request.POST.get("step", ""), 0)
    try:
        shift_criterion(version, code=criterion, step=step, seen=seen_in(request), **actor_and_time(request))
    except CriterionError as error:
        return refused(request, series, version, refusal(error))
    except (StaleDraftError, RoundStateError) as error:
        return refused(request, series, version, told(error))
    return _lead_to_criterion(series, uid, criterion)


@capability_required(GET=capability("delete_criterion"), POST=capability("delete_criterion"))
def delete(request: HttpRequest, series: Series, uid: UUID, criterion: str) -> HttpResponse:
    """Say what goes with a criterion, and delete it."""
    version = own_version(series, uid)
    if request.method != "POST":
        page = framework_page(series, version)
        line, below = _line(page, criterion), page.tree.below(criterion)
        return render_version(request, series, version, panel="delete", chosen=criterion, line=line, below=below)
    try:
        delete_criterion(version, code=criterion, seen=seen_in(request), **actor_and_time(request))
    except CriterionError as error:
        return refused(request, series, version, refusal(error))
    except (StaleDraftError, RoundStateError) as error:
        return refused(request, series, version, told(error))
    messages.success(request, _("The criterion is deleted; the change can be undone."))
    return lead_to_version(series, version)
