"""The door behind a personal link: whose it is, and whether this device is hers. GET changes nothing."""

from __future__ import annotations

import logging
import secrets
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING

from django.conf import settings
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.cache import never_cache

from accounts.methods import require_http_methods
from surveys.errors import UnknownLinkError
from surveys.queries.panelist.links import is_hers, link_for
from surveys.queries.panelist.sheet import current_round
from surveys.web.panelist.dead_link import activate_language, unknown_link
from surveys.wording.clock import zone_name

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse

    from surveys.models import Link, Panelist, Round

    View = Callable[..., HttpResponse]

DEVICE, ZONE = "device", "zone"
A_YEAR = 365 * 24 * 3600
log = logging.getLogger("steelyard.visits")


@dataclass(frozen=True)
class PanelistVisit:
    """One request behind a link: who is meant, the round that counts now, and whether this device is known to be hers."""

    token: str
    link: Link
    panelist: Panelist
    round: Round
    is_hers: bool


def link_required(view: View) -> View:
    """Open the page to whoever has the link; unknown, ended, expired, withdrawn and not yet opened links look alike."""

    @never_cache
    @wraps(view)
    def opened(request: HttpRequest, token: str, **more: str) -> HttpResponse:
        try:
            link = link_for(token, at=timezone.now())
        except UnknownLinkError:
            return unknown_link(request, token)
        # where no time zone is known, her pages follow the clock of the device; it is kept nowhere
        link.panelist.time_zone = link.panelist.time_zone or zone_name(request.COOKIES.get(ZONE, ""))
        round_ = current_round(link.panelist)
        if round_ is None:
            return unknown_link(request, token)
        activate_language(request, link.language)
        log.info("%s visit of panelist %s: %s", request.method, link.panelist.uid, view.__name__)
        known = is_hers(link.panelist, request.COOKIES.get(DEVICE, ""))
        response = view(request, PanelistVisit(token, link, link.panelist, round_, known), **more)
        response["X-Robots-Tag"] = "noindex"
        return response

    return opened


def known_device_required(view: View) -> View:
    """Open the page on her own devices alone; elsewhere it leads to the first page, which asks who it is."""

    @link_required
    @wraps(view)
    def opened(request: HttpRequest, visit: PanelistVisit, **more: str) -> HttpResponse:
        if not visit.is_hers:
            return redirect("surveys:invitation", token=visit.token)
        return view(request, visit, **more)

    return opened


def post_or(page: str) -> Callable[[View], View]:
    """Let a view be posted to; whoever comes by GET, such as by changing the language of its answer, is led to a page."""

    def decorated(view: View) -> View:
        @require_http_methods(["GET", "HEAD", "POST"])
        @wraps(view)
        def opened(request: HttpRequest, token: str, **more: str) -> HttpResponse:
            return view(request, token, **more) if request.method == "POST" else redirect(page, token=token)

        return opened

    return decorated


def device_of(request: HttpRequest) -> str:
    """Return the value of this device's cookie, or a new one."""
    return request.COOKIES.get(DEVICE) or secrets.token_urlsafe(24)


def remember(response: HttpResponse, device: str) -> HttpResponse:
    """Let the browser keep the device's cookie; scripts cannot read it."""
    response.set_cookie(
        DEVICE, device, max_age=A_YEAR, path="/p/", secure=settings.SESSION_COOKIE_SECURE, httponly=True, samesite="Lax"
    )
    return response
