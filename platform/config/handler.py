"""How a request is taken in: what Django would fail on before any page of ours could answer is put off until one can."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.core.handlers.wsgi import WSGIHandler, WSGIRequest

if TYPE_CHECKING:
    from collections.abc import Mapping

UNREADABLE: Final = "unreadable"


class Request(WSGIRequest):
    """A request whose kind of content may be nonsense; `ReadableRequests` refuses it then."""

    def _set_content_type_params(self, meta: Mapping[str, Any]) -> None:
        """Read of which kind the content is, and in which encoding."""
        try:
            super()._set_content_type_params(meta)  # type: ignore[misc]  # the stubs do not know it
        except (LookupError, ValueError):  # an encoding that is none of text, a header longer than any
            self.content_type, self.content_params = "", {"charset": UNREADABLE}
            self._encoding = None


class Handler(WSGIHandler):
    """The web application."""

    request_class = Request
