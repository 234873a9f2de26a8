"""Which methods a page answers to: as Django's decorators of these names, and known before anybody is asked for a token."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.views.decorators import http

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any, TypeVar

    View = TypeVar("View", bound=Callable[..., Any])

ATTRIBUTE: Final = "methods"


def require_http_methods(methods: Sequence[str]) -> Callable[[View], View]:
    """Refuse every other method than these with 405."""

    def decorate(view: View) -> View:
        known = http.require_http_methods([*methods])(view)
        setattr(known, ATTRIBUTE, tuple(methods))
        return known

    return decorate


require_safe: Final = require_http_methods(["GET", "HEAD"])
require_POST: Final = require_http_methods(["POST"])  # noqa: N816 - as Django has it


def methods_of(view: Callable[..., Any]) -> tuple[str, ...] | None:
    """Return the methods that a view says it answers to; None where it says nothing."""
    return getattr(view, ATTRIBUTE, None)
