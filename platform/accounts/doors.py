"""Doors of the desk's pages: each names what it asks for, by method, and opens to whoever in the series may do it."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any, Final

from django.contrib.auth.decorators import login_required
from django.utils import timezone

from accounts import units
from accounts.methods import require_http_methods
from accounts.rules import series_for

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from django.http import HttpRequest, HttpResponse

    from accounts.lifecycle import Capability

ATTRIBUTE: Final = "needed"


def capability_required(
    **needed: Capability,
) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """Open a view, by method, to those in the series of its address who may do what is needed; no other is answered.

    The view is handed the series in the place of its slug, reads and shows hours in its time zone,
    and speaks of the kind of unit that it ranks.
    """
    methods = [*needed, *(["HEAD"] if "GET" in needed else [])]

    def decorate(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @require_http_methods(methods)
        @wraps(view)
        @login_required
        def opened(request: HttpRequest, series: str, *args: Any, **kwargs: Any) -> HttpResponse:
            found = series_for(request.user, series, needed_for(needed, request))
            with timezone.override(found.zone), units.override(found.unit_kind):
                return view(request, found, *args, **kwargs)

        setattr(opened, ATTRIBUTE, needed)
        return opened

    return decorate


def actor_and_time(request: HttpRequest) -> dict[str, Any]:
    """Say who does an act, and when, as the use-cases take it."""
    return {"by": request.user.get_username(), "at": timezone.now()}


def needed_for(needed: Mapping[str, Capability], request: HttpRequest) -> Capability:
    """Return what a request needs; HEAD asks what GET does."""
    return needed["GET" if request.method == "HEAD" else str(request.method)]
