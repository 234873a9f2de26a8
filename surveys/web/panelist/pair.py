"""One pair per screen; every answer is stored at once, sent by the form or by the page's script (`sync` has its words)."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode
from uuid import uuid4

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.methods import require_http_methods, require_safe
from accounts.parameters import reads
from surveys.errors import ConflictError, SurveyError
from surveys.queries.answers import node_matrix
from surveys.queries.panelist.node_page import rests_within
from surveys.queries.panelist.sheet import panelist_sheet
from surveys.queries.panelist.tally import tally
from surveys.usecases.judgements import record_judgement, settle_conflict, take_back_judgement
from surveys.web.panelist import sync
from surveys.web.panelist.access import known_device_required, post_or
from surveys.web.panelist.forms import AnswerForm, PairForm, SettleForm, TakeBackForm
from surveys.web.panelist.prefetch import prefetched_pairs
from surveys.web.panelist.previous_round import before_page
from surveys.wording.answers import as_sent, refusal, steps
from surveys.wording.clock import clock

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from surveys.queries.panelist.tally import Tally
    from surveys.values.sheet import Pair, PanelistSheet
    from surveys.web.panelist.access import PanelistVisit

LONGEST_ADDRESS = 3000  # servers refuse a request line above 4,094


@require_http_methods(["GET", "HEAD", "POST"])
@sync.known_device_or_refusal
@reads("first", "second")
def pair(request: HttpRequest, visit: PanelistVisit) -> HttpResponse:
    """Ask one pair, or take its answer and go on to the next."""
    if request.method == "POST":
        return _answer(request, visit)
    sheet = panelist_sheet(visit.panelist, visit.round)
    shown = sheet.following
    if "first" in request.GET:
        shown = sheet.pair(request.GET["first"], request.GET.get("second", ""))
    if not sheet.is_open or shown is None:
        return redirect("surveys:review", token=visit.token)
    node = sheet.node(shown.node.code)
    if node is not None and node.awaits_choice and "first" not in request.GET:
        return redirect("surveys:node", token=visit.token, node=node.item.code)
    return render(request, "surveys/pair.html", _pair_context(sheet, shown, visit))


def _pair_context(
    sheet: PanelistSheet, shown: Pair, visit: PanelistVisit, form: AnswerForm | None = None
) -> dict[str, object]:
    return {
        "page": sheet,
        "pair": shown,
        "node": sheet.node(shown.node.code),
        "earlier": before_page(visit, shown) if sheet.follows else None,
        "token": visit.token,
        "form": form,
        "comment": form.data.get("comment", "") if form else shown.comment,
        "steps": steps(shown, form.data.get("value", "") if form else None),
        "undo": _undo(sheet),
        "ahead": prefetched_pairs(sheet, shown, visit),
    }


def _undo(sheet: PanelistSheet) -> dict[str, object]:
    """Return what takes the last answer back; without one the codes are empty."""
    latest = sheet.latest
    if latest is None or latest.at is None:
        return {"first": "", "second": "", "version": 0, "key": "", "saved_at": ""}
    saved_at = clock(latest.at, sheet.time_zone)
    codes = {"first": latest.first.code, "second": latest.second.code}
    return {**codes, "version": latest.version, "key": uuid4(), "saved_at": saved_at}


def _answer(request: HttpRequest, visit: PanelistVisit) -> HttpResponse:
    """Store one answer; a refusal comes back with the same pair and nothing lost."""
    form = AnswerForm(request.POST)
    if not form.is_valid():
        return _malformed(request, visit, form)
    try:
        stored = record_judgement(visit.panelist, visit.round, **form.for_use_case(), at=timezone.now())
    except ConflictError as error:
        return _conflict(request, visit, error)
    except SurveyError as error:
        return _refused(request, visit, error)
    if sync.wants_json(request):
        return sync.saved_response(visit, stored, goto=lambda counted: _worth_a_page(request, visit, counted))
    told = _worth_a_page(request, visit, tally(visit.panelist, visit.round))
    return redirect(told or reverse("surveys:pair", kwargs={"token": visit.token}))


def _worth_a_page(request: HttpRequest, visit: PanelistVisit, counted: Tally) -> str | None:
    """Return the page of the answer's question when the answer brings her to a rest point; else none.

    Every stored answer asks this: no more is read than her answers to this one question, and that of long ones alone.
    """
    code = request.POST.get("node", "")
    node = counted.nodes.get(code)
    if node is None:
        return None
    if not node.complete:
        if not node.short:
            return None
        items, matrix = node_matrix(visit.panelist, visit.round, code)
        if not {request.POST.get("first"), request.POST.get("second")} <= set(items):  # the node sent is not the pair's
            return None
        last = items.index(request.POST["first"]), items.index(request.POST["second"])
        if not rests_within(matrix, last, coming=node.open, within=visit.round.stop_within):
            return None
    return reverse("surveys:node", kwargs={"token": visit.token, "node": code})


def _malformed(request: HttpRequest, visit: PanelistVisit, form: PairForm) -> HttpResponse:
    """Tell what is wrong beside the pair, with what she wrote; where the pair is not known either, on a page of its own."""
    told = list(dict.fromkeys(str(error) for name in ("value", "comment") for error in form.errors.get(name, [])))
    told = told or [_("This answer could not be read. Nothing was changed.")]
    if sync.wants_json(request):
        return sync.malformed_response(told)
    sheet = panelist_sheet(visit.panelist, visit.round)
    shown = sheet.pair(request.POST.get("first", ""), request.POST.get("second", ""))
    others = set(form.errors) - {"value", "comment"}
    if shown is None or others or not sheet.is_open or not isinstance(form, AnswerForm):
        return _told(request, visit, " ".join(told), status=422)
    return render(request, "surveys/pair.html", _pair_context(sheet, shown, visit, form), status=422)


def _refused(
    request: HttpRequest, visit: PanelistVisit, error: SurveyError, *, goto: str | None = None
) -> HttpResponse:
    """Tell why an answer is not stored."""
    if sync.wants_json(request):
        return sync.refusal_response(error, goto=goto)
    status = sync.REFUSED.get(error.code, ("refused", 422))[1]
    return _told(request, visit, refusal(error), status=status)


def _told(request: HttpRequest, visit: PanelistVisit, message: str, *, status: int) -> HttpResponse:
    """Say why an answer is not stored, and give back what she wrote."""
    context = {"message": message, "comment": request.POST.get("comment", ""), "token": visit.token}
    sheet = panelist_sheet(visit.panelist, visit.round)
    return render(request, "surveys/refused.html", {"page": sheet, **context}, status=status)


def _conflict(request: HttpRequest, visit: PanelistVisit, error: SurveyError) -> HttpResponse:
    """Lead to the page that asks which answer stands; it carries the late one, also a long reason."""
    late = {name: request.POST.get(name, "") for name in ("first", "second", "value", "key", "comment")}
    if error.facts.get("key_taken"):
        late["key"] = str(uuid4())
    address = reverse("surveys:conflict", kwargs={"token": visit.token}) + "?" + urlencode(late)
    if sync.wants_json(request):
        return sync.refusal_response(error, goto=address if len(address) <= LONGEST_ADDRESS else None)
    if len(address) > LONGEST_ADDRESS:
        return _ask_which_stands(request, visit, late, status=409)
    return HttpResponseRedirect(address, status=303)


@require_http_methods(["GET", "HEAD", "POST"])
@known_device_required
@reads("first", "second", "value", "key", "comment")
def conflict(request: HttpRequest, visit: PanelistVisit) -> HttpResponse:
    """Ask which of two windows' answers stands, or settle it."""
    if request.method != "POST":
        return _ask_which_stands(request, visit, {name: request.GET.get(name, "") for name in request.GET})
    form = SettleForm(request.POST)
    if not form.is_valid():
        return _ask_which_stands(request, visit, {name: request.POST[name] for name in request.POST}, status=422)
    keep = form.cleaned_data["stands"] == "keep"
    try:
        settle_conflict(visit.panelist, visit.round, **form.for_use_case(), keep=keep, at=timezone.now())
    except ConflictError as error:
        return _conflict(request, visit, error)
    except SurveyError as error:
        return _refused(request, visit, error)
    return redirect("surveys:pair", token=visit.token)


def _ask_which_stands(
    request: HttpRequest, visit: PanelistVisit, late: dict[str, str], *, status: int = 200
) -> HttpResponse:
    """Show both answers in words; where there is nothing to settle, go on."""
    form = AnswerForm({**late, "version": "0"})
    sheet = panelist_sheet(visit.panelist, visit.round)
    stands = sheet.pair(late.get("first", ""), late.get("second", ""))
    if not form.is_valid() or stands is None or stands.at is None or not sheet.is_open:
        return redirect("surveys:pair", token=visit.token)
    turned = stands.first.code != form.cleaned_data["first"]
    value = 1 / form.cleaned_data["value"] if turned else form.cleaned_data["value"]
    given = form.cleaned_data
    late_pair = stands.answered_with(value, taken_from=given["taken_from"], comment=given["comment"])
    codes = {"first": stands.first.code, "second": stands.second.code}
    context = {
        "page": sheet,
        "token": visit.token,
        "stands": stands,
        "at": clock(stands.at, sheet.time_zone),
        "late": {**form.data, **codes, "value": as_sent(late_pair)},
        "late_pair": late_pair,
    }
    return render(request, "surveys/conflict.html", context, status=status)


@post_or("surveys:pair")
@sync.known_device_or_refusal
def take_back(request: HttpRequest, visit: PanelistVisit) -> HttpResponse:
    """Take an answer back; the pair is asked again."""
    form = TakeBackForm(request.POST)
    if not form.is_valid():
        return _malformed(request, visit, form)
    asked = form.cleaned_data
    address = reverse("surveys:pair", kwargs={"token": visit.token})
    address += "?" + urlencode({"first": asked["first"], "second": asked["second"]})
    try:
        stored = take_back_judgement(visit.panelist, visit.round, **form.for_use_case(), at=timezone.now())
    except SurveyError as error:
        if isinstance(error, ConflictError) and not sync.wants_json(request):
            messages.warning(request, refusal(error))
            return redirect(address)
        return _refused(request, visit, error, goto=address if isinstance(error, ConflictError) else None)
    if sync.wants_json(request):
        return sync.saved_response(visit, stored, goto=lambda _counted: None)
    return redirect(address)


@require_safe
@sync.known_device_or_refusal
def state(_request: HttpRequest, visit: PanelistVisit) -> HttpResponse:
    """Tell the page's script how the round stands."""
    return sync.standing_response(visit)
