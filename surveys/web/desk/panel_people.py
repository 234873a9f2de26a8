"""The people of a panel at the desk: taken in by form or from a table, and mended one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.doors import actor_and_time
from surveys.errors import BadPanelError, PanelistStateError
from surveys.files.panel_table import read_people_table
from surveys.queries.desk.panel_page import addresses_of, panel_page, person_page
from surveys.states import capability
from surveys.usecases.panel_people import (
    change_panelist,
    exempt_panelist,
    readmit_panelist,
    replace_panelist,
    take_in_people,
    take_out_panelist,
    withdraw_on_request,
)
from surveys.web.desk.panel_forms import ChangedPersonForm, PeopleTableForm, PersonForm
from surveys.web.desk.panels import REFUSED, lead_to_panel, panel_capability_required
from surveys.wording.panel_faults import refusal_words

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpRequest, HttpResponse

    from surveys.files.panel_table import PeopleTable
    from surveys.models import Panel, Panelist


@panel_capability_required(GET=capability("take_in_people"), POST=capability("take_in_people"))
def add_person(request: HttpRequest, panel: Panel) -> HttpResponse:
    """Take one person in; what is refused stays in its form."""
    form = PersonForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            take_in_people(panel, [form.person], **actor_and_time(request))
        except BadPanelError as error:
            form.refuse(error)
        except PanelistStateError as error:
            return _refused(request, panel, error)
        else:
            messages.success(request, _taken_in(1))
            return lead_to_panel(panel)
    context = {"page": panel_page(panel), "form": form}
    return render(request, "surveys/desk_panel_person_new.html", context, status=REFUSED if form.errors else 200)


@panel_capability_required(GET=capability("take_in_people"), POST=capability("take_in_people"))
def people_table(request: HttpRequest, panel: Panel) -> HttpResponse:
    """Look at rows of a spreadsheet, then take in those that are right; the others stay, to be mended."""
    form = PeopleTableForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return _show_table(request, panel, form, status=REFUSED if form.errors else 200)
    text, language = form.cleaned_data["text"], form.cleaned_data["language"]
    table = read_people_table(text, language=language, known=addresses_of(panel))
    if table.problem:
        form.refuse(table)
        return _show_table(request, panel, form, status=REFUSED)
    if "add" not in request.POST:
        return _show_table(request, panel, form, table)
    if request.POST.get("seen") != form.digest:
        messages.warning(request, _("The rows are others than those you looked at; nobody is taken in yet."))
        return _show_table(request, panel, form, table)
    if not table.good:
        messages.error(request, _("No row can be taken in as it is."))
        return _show_table(request, panel, form, table, status=REFUSED)
    return _take_in_rows(request, panel, form, table)


def _take_in_rows(request: HttpRequest, panel: Panel, form: PeopleTableForm, table: PeopleTable) -> HttpResponse:
    """Take in the rows that are right; the text of the others stays in the form."""
    language = form.cleaned_data["language"]
    try:
        take_in_people(panel, [row.person for row in table.good], **actor_and_time(request))
    except BadPanelError:  # somebody else was faster with one of them
        messages.error(request, _("Somebody changed the panel meanwhile; nobody is taken in. Please look again."))
        again = read_people_table(form.cleaned_data["text"], language=language, known=addresses_of(panel))
        return _show_table(request, panel, form, again, status=409)
    except PanelistStateError as error:
        return _refused(request, panel, error)
    messages.success(request, _taken_in(len(table.good)))
    if not table.bad:
        return lead_to_panel(panel)
    left = PeopleTableForm({"text": table.rest, "language": language})
    left.is_valid()
    rest = read_people_table(table.rest, language=language, known=addresses_of(panel))
    return _show_table(request, panel, left, rest)


def _show_table(
    request: HttpRequest, panel: Panel, form: PeopleTableForm, table: PeopleTable | None = None, *, status: int = 200
) -> HttpResponse:
    digest = form.digest if table else ""
    context = {"page": panel_page(panel), "form": form, "table": table, "digest": digest}
    response = render(request, "surveys/desk_panel_table.html", context, status=status)
    response["Cache-Control"] = "private, no-store"  # addresses stand on it
    return response


@panel_capability_required(GET=capability("person_page"), POST=capability("change_panelist"))
def person(request: HttpRequest, panel: Panel, person: UUID) -> HttpResponse:
    """Show a panelist with her mails, and change what is known of her."""
    found = _panelist(panel, person)
    page = person_page(panel, person)
    form = ChangedPersonForm(request.POST if request.method == "POST" else None, page=page)
    if form.is_valid():
        try:
            change_panelist(found, **form.said(), **actor_and_time(request))
        except BadPanelError as error:
            form.refuse(error)
        except PanelistStateError as error:
            return _refused(request, panel, error)
        else:
            messages.success(request, _("The change is kept. Answers are as they were."))
            return redirect("surveys:desk_panelist", series=panel.series.slug, uid=panel.uid, person=person)
    context = {"page": page, "form": form}
    response = render(request, "surveys/desk_panel_person.html", context, status=REFUSED if form.errors else 200)
    response["Cache-Control"] = "private, no-store"
    return response


@panel_capability_required(GET=capability("replace_panelist"), POST=capability("replace_panelist"))
def replace_person(request: HttpRequest, panel: Panel, person: UUID) -> HttpResponse:
    """Ask another person in a panelist's place."""
    found = _panelist(panel, person)
    initial = {name: getattr(found, name) for name in ("group", "field", "language", "weight")}
    form = PersonForm(request.POST if request.method == "POST" else None, initial=initial)
    if form.is_valid():
        try:
            replace_panelist(found, person=form.person, **actor_and_time(request))
        except BadPanelError as error:
            form.refuse(error)
        except PanelistStateError as error:
            return _refused(request, panel, error)
        else:
            messages.success(
                request, _("{code} is asked no more; another person is in the panel.").format(code=found.code)
            )
            return lead_to_panel(panel)
    context = {"page": panel_page(panel), "form": form, "replaced": found}
    return render(request, "surveys/desk_panel_person_new.html", context, status=REFUSED if form.errors else 200)


@panel_capability_required(POST=capability("exempt_panelist"))
def exempt(request: HttpRequest, panel: Panel, person: UUID) -> HttpResponse:
    """Ask a panelist no more."""
    found = _panelist(panel, person)
    try:
        exempt_panelist(found, **actor_and_time(request))
    except PanelistStateError as error:
        return _refused(request, panel, error)
    messages.success(request, _("{code} is asked no more, and mailed nothing.").format(code=found.code))
    return lead_to_panel(panel)


@panel_capability_required(POST=capability("readmit_panelist"))
def readmit(request: HttpRequest, panel: Panel, person: UUID) -> HttpResponse:
    """Ask a panelist again who was exempted."""
    found = _panelist(panel, person)
    try:
        readmit_panelist(found, **actor_and_time(request))
    except PanelistStateError as error:
        return _refused(request, panel, error)
    messages.success(request, _("{code} is asked again.").format(code=found.code))
    return lead_to_panel(panel)


@panel_capability_required(POST=capability("take_out_panelist"))
def take_out(request: HttpRequest, panel: Panel, person: UUID) -> HttpResponse:
    """Take out somebody who was never invited."""
    found = _panelist(panel, person)
    try:
        take_out_panelist(found, **actor_and_time(request))
    except PanelistStateError as error:
        return _refused(request, panel, error)
    messages.success(request, _("{code} is taken out; nothing of this person remains.").format(code=found.code))
    return lead_to_panel(panel)


@panel_capability_required(POST=capability("withdraw_on_request"))
def withdraw_person(request: HttpRequest, panel: Panel, person: UUID) -> HttpResponse:
    """Withdraw a panelist who asked for it, once it is confirmed."""
    found = _panelist(panel, person)
    if request.POST.get("sure") != "yes":
        messages.error(request, _("Please confirm that this person asked to withdraw."))
        return redirect("surveys:desk_panelist", series=panel.series.slug, uid=panel.uid, person=person)
    try:
        withdraw_on_request(found, **actor_and_time(request))
    except PanelistStateError as error:
        return _refused(request, panel, error)
    said = _("{code} has withdrawn: name and address are gone, and answers that were not frozen are deleted.")
    messages.success(request, said.format(code=found.code))
    return lead_to_panel(panel)


def _panelist(panel: Panel, uid: UUID) -> Panelist:
    found = get_object_or_404(panel.panelists.select_related("panel__series"), uid=uid)
    if panel.pairs_destroyed_at is not None:  # nobody is joined with a code any more
        raise Http404
    return found


def _refused(request: HttpRequest, panel: Panel, error: PanelistStateError) -> HttpResponse:
    messages.warning(request, refusal_words(str(error.facts["reason"])))
    return lead_to_panel(panel)


def _taken_in(number: int) -> str:
    said = ngettext(
        "{count} person is taken in. Nobody is mailed by this.",
        "{count} people are taken in. Nobody is mailed by this.",
        number,
    )
    return said.format(count=number)
