"""Public pages: what is released, read by anybody without account, session or cookie."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Concatenate, ParamSpec

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.views.decorators.http import condition, conditional_page

from accounts import units
from accounts.methods import require_safe
from accounts.parameters import reads
from accounts.queries import is_begun
from scoring.queries.published.catalogue import edition_page, home_page
from scoring.queries.published.catalogue import series_page as series_content
from scoring.queries.published.files import file_content, files_page
from scoring.queries.published.method import dictionary_page, method_page
from scoring.queries.published.peers import PeerQuery
from scoring.queries.published.ranking import ranking_page
from scoring.queries.published.release_head import ReleaseHead, release_head
from scoring.queries.published.uncertainty import robustness_page
from scoring.queries.published.unit import profile_page

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest

P = ParamSpec("P")
TYPES = {
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "toml": "text/plain; charset=utf-8",
    "txt": "text/plain; charset=utf-8",
    "zip": "application/zip",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def public(view: Callable[Concatenate[HttpRequest, P], HttpResponse]) -> Callable[..., HttpResponse]:
    """Serve a page to anybody: read only, kept by browsers and asked for again by its ETag, one copy a language."""

    @wraps(view)
    def serve(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        response = view(request, *args, **kwargs)
        patch_vary_headers(response, ["Accept-Language", "Cookie"])
        patch_cache_control(response, public=True, no_cache=True)
        return response

    return require_safe(conditional_page(serve))


def head_or_404(series: str, edition: str, number: str | None = None) -> ReleaseHead:
    """Return the head of a release or answer that there is none; from here on the page speaks of what it ranks."""
    head = release_head(series, edition, number)
    if head is None:
        raise Http404
    units.activate(head.unit_kind)
    return head


@public
def home(request: HttpRequest) -> HttpResponse:
    """Show what Steelyard is and which series there are."""
    page = home_page()
    return render(request, "scoring/home.html", {"page": page, "is_begun": bool(page.series) or is_begun()})


@public
def series_page(request: HttpRequest, series: str) -> HttpResponse:
    """Show a series: editions, region, what is in preparation."""
    page = series_content(series, today=timezone.localdate())
    if page is None:
        raise Http404
    units.activate(page.unit_kind)
    return render(request, "scoring/series.html", {"page": page})


@public
@reads("q", "country", "sort")
def edition(request: HttpRequest, series: str, edition: str) -> HttpResponse:
    """Show the newest release of an edition, or what is known before the first."""
    head = release_head(series, edition)
    if head is not None:
        units.activate(head.unit_kind)
        return _ranking(request, head)
    page = edition_page(series, edition)
    if page is None:
        raise Http404
    units.activate(page.unit_kind)
    return render(request, "scoring/preparing.html", {"page": page})


@public
@reads("q", "country", "sort")
def release(request: HttpRequest, series: str, edition: str, number: str) -> HttpResponse:
    """Show the ranking of one release at its fixed address."""
    return _ranking(request, head_or_404(series, edition, number))


def _ranking(request: HttpRequest, head: ReleaseHead) -> HttpResponse:
    asked = request.GET.get("q", "")[:100].strip()
    country, sort = request.GET.get("country", ""), request.GET.get("sort", "rank")
    page = ranking_page(head, asked=asked, country=country, sort=sort)
    return render(request, "scoring/ranking.html", {"page": page})


@public
@reads("peers", "cities")
def unit(request: HttpRequest, series: str, edition: str, number: str, code: str) -> HttpResponse:
    """Show one city of a release, against the peers asked for."""
    head = head_or_404(series, edition, number)
    page = profile_page(head, code, PeerQuery.of(request.GET.dict()))
    if page is None:
        raise Http404
    return render(request, "scoring/unit.html", {"page": page})


@public
def method(request: HttpRequest, series: str, edition: str, number: str) -> HttpResponse:
    """Show how a release was made."""
    head = head_or_404(series, edition, number)
    return render(request, "scoring/method.html", {"page": method_page(head)})


@public
@reads("unit")
def robustness(request: HttpRequest, series: str, edition: str, number: str) -> HttpResponse:
    """Show how sure a release is; ``unit`` marks one city in all of it."""
    head = head_or_404(series, edition, number)
    page = robustness_page(head, focus=request.GET.get("unit", ""))
    return render(request, "scoring/robustness.html", {"page": page})


@public
def dictionary(request: HttpRequest, series: str, edition: str, number: str) -> HttpResponse:
    """Show what every indicator of a release means."""
    head = head_or_404(series, edition, number)
    return render(request, "scoring/dictionary.html", {"page": dictionary_page(head)})


@public
def files(request: HttpRequest, series: str, edition: str, number: str) -> HttpResponse:
    """Show the files of a release."""
    head = head_or_404(series, edition, number)
    return render(request, "scoring/files.html", {"page": files_page(head)})


@require_safe
def file(request: HttpRequest, series: str, edition: str, number: str, name: str) -> HttpResponse:
    """Send one file of a release, byte for byte as fingerprinted; it never changes, so it may be kept for good."""
    head = head_or_404(series, edition, number)
    found = file_content(head, name)
    if found is None:
        raise Http404

    @condition(etag_func=lambda *_: f'"{found.sha256}"', last_modified_func=lambda *_: head.released_at)
    def send(_: HttpRequest) -> HttpResponse:
        kind = TYPES.get(name.rpartition(".")[2], "application/octet-stream")
        filename = f"{head.series}-{head.edition}-v{head.number}-{name.replace('/', '-')}"
        response = HttpResponse(found.content, content_type=kind)
        response["Content-Disposition"] = f'attachment; filename="{filename}"'
        patch_cache_control(response, public=True, max_age=31_536_000, immutable=True)
        return response

    return send(request)
