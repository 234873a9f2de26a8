"""Public pages that answer a reader's question about one city: how it could move up, and what if."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode

from accounts.parameters import reads
from scoring.queries.explore.advice import advice_page
from scoring.queries.explore.what_if import what_if_page
from scoring.queries.published.peers import PeerQuery
from scoring.web.portal.pages import TYPES, head_or_404, public
from scoring.web.portal.unofficial_files import as_csv, as_json

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import HttpRequest

REFUSED = 422


@public
@reads("peers", "cities", "cost.INDICATOR")
def advice(request: HttpRequest, series: str, edition: str, number: str, code: str) -> HttpResponse:
    """Show how a city could move up."""
    query = query_without_blanks(request)
    if len(query) < len(request.GET):
        return _shorter(request, query)
    page = advice_page(head_or_404(series, edition, number), code, PeerQuery.of(query), query)
    if page is None:
        raise Http404
    return render(request, "scoring/advice.html", {"page": page}, status=REFUSED if page.refused else 200)


@public
@reads("v.INDICATOR", "w.CRITERION")
def what_if(request: HttpRequest, series: str, edition: str, number: str, code: str) -> HttpResponse:
    """Show what other values of a city, or other weights, would make of it; unofficial."""
    query = query_without_blanks(request)
    if len(query) < len(request.GET):
        return _shorter(request, query)
    page = what_if_page(head_or_404(series, edition, number), code, query)
    if page is None:
        raise Http404
    refused = page.refused or (page.asks and page.refusal)
    return render(request, "scoring/what_if.html", {"page": page}, status=REFUSED if refused else 200)


@public
@reads("v.INDICATOR", "w.CRITERION")
def what_if_file(request: HttpRequest, series: str, edition: str, number: str, code: str, *, kind: str) -> HttpResponse:
    """Send the answer as a file that says in its name and in itself that it is unofficial."""
    query = query_without_blanks(request)
    page = what_if_page(head_or_404(series, edition, number), code, query)
    if page is None:
        raise Http404
    if page.outcome is None:  # the page says what was refused
        return _shorter(request, query, reverse("scoring:what_if", args=[series, edition, number, code]))
    answer = as_json(page, page.outcome) if kind == "json" else as_csv(page, page.outcome)
    response = HttpResponse(answer, content_type=TYPES[kind])
    name = f"unofficial-what-if-{series}-{edition}-v{number}-{code}.{kind}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["X-Robots-Tag"] = "noindex"
    return response


def query_without_blanks(request: HttpRequest) -> dict[str, str]:
    """Return what the address asks; a field left empty asks nothing."""
    return {name: text.strip() for name, text in request.GET.dict().items() if text.strip()}


def _shorter(request: HttpRequest, query: Mapping[str, str], path: str | None = None) -> HttpResponse:
    """Send the reader to the address without what was left empty: the one she may pass on."""
    return HttpResponseRedirect(f"{path or request.path}?{urlencode(query)}" if query else path or request.path)
