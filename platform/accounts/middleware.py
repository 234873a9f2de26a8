"""What every page does alike: once too many wrong passwords were tried, and of what kind of unit it speaks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accounts import units
from accounts.password_attempts import TooManyAttemptsError
from accounts.views import too_many_attempts

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse


class TooManyAttempts:
    """Answer with the page that asks to wait, wherever on the way to a page a password was to be looked at."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """Keep what answers."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer as without it."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answer this one refusal; None leaves any other error to whom it belongs."""
        return too_many_attempts(request, error) if isinstance(error, TooManyAttemptsError) else None


class UnitWords:
    """Speak of cities until a request meets a series of another kind, and forget that kind with the request."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """Keep what answers."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer."""
        with units.override(units.UnitKind.CITY):
            return self.get_response(request)
