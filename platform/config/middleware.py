"""What holds for every request whatever its address: how it is read, which of its parameters count, and HEAD."""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote_plus, unquote_to_bytes

from django.core.exceptions import BadRequest
from django.http import Http404, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.utils.encoding import escape_uri_path
from django.utils.http import escape_leading_slashes

from accounts.methods import methods_of
from accounts.parameters import DeclaredQuery, declared_by
from exchange.texts import is_unreadable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

    GetResponse = Callable[[HttpRequest], HttpResponseBase]

ENCODINGS: Final = {"utf-8", "ascii"}
# what networks of advertisements and mail programs add to a link, so that its site may follow who clicked it
TRACKING: Final = frozenset(
    {"_ga", "_gl", "_hsenc", "_hsmi", "_openstat", "dclid", "epik", "fbclid", "gad_campaignid", "gad_source", "gbraid"}
    | {"gclid", "gclsrc", "igsh", "igshid", "li_fat_id", "mc_cid", "mc_eid", "mkt_tok", "msclkid", "srsltid", "ttclid"}
    | {"twclid", "vero_id", "wbraid", "yclid", "ysclid"}
)


class HeadAsGet:
    """Answer HEAD as GET, with every header of it, and leave out the content."""

    def __init__(self, get_response: GetResponse) -> None:
        """Stand before the rest."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer a request."""
        if request.method != "HEAD":
            return self.get_response(request)
        request.method = "GET"
        response = self.get_response(request)
        if isinstance(response, HttpResponse):
            response.content = b""
        else:
            response.streaming_content = ()  # type: ignore[attr-defined]  # the only other kind there is
        return response


class ReadableCookies:
    """Leave aside what no cookie of ours holds; it stands before those who read them."""

    def __init__(self, get_response: GetResponse) -> None:
        """Stand before the rest."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer a request."""
        request.COOKIES = {name: text for name, text in request.COOKIES.items() if not is_unreadable(text)}
        return self.get_response(request)


class ReadableRequests:
    """Refuse what no text holds, before a view or the database meets it: 404 for an address, 400 for what is sent to it."""

    def __init__(self, get_response: GetResponse) -> None:
        """Stand before the rest."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Look at address and query."""
        if not _is_utf8(request.content_params or {}):
            raise BadRequest("Text is read as UTF-8 alone.")
        if is_unreadable(request.path_info):
            raise Http404
        _refuse_other_encodings(_without_tracking(request).encode("latin-1", "replace"))
        _refuse_unreadable(request.GET.lists())
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Callable[..., Any], *_: Any) -> None:
        """Look at what a form sends; the API's door looks at what it is sent, once it knows by whom."""
        if request.method == "POST" and not hasattr(view, "cls"):
            if request.content_type == "application/x-www-form-urlencoded":
                _refuse_other_encodings(request.body)
            _refuse_unreadable(request.POST.lists())


class KnownMethods:
    """Refuse a method that a page does not know before it is asked for a token; the API's door does so itself."""

    def __init__(self, get_response: GetResponse) -> None:
        """Stand before the rest."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer a request."""
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Callable[..., Any], *_: Any) -> HttpResponse | None:
        """Look whether the view knows the method."""
        methods = methods_of(view)
        return None if methods is None or request.method in methods else HttpResponseNotAllowed(methods)


class KnownParameters:
    """Hand a view the parameters that it declares; parameters that follow people about are dropped by a redirect.

    A page names the others as ignored (``request.ignored_parameters``). An answer that is no page has no place to say so: it
    is a refusal that names them, also for the sake of caches, to which every other address is another copy.
    """

    def __init__(self, get_response: GetResponse) -> None:
        """Stand before the rest."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer a request."""
        if request.method == "GET" and any(map(is_tracking, request.GET)):
            return HttpResponseRedirect(without_tracking(request))
        response = self.get_response(request)
        ignored = getattr(request, "ignored_parameters", ())
        is_page = response.headers.get("Content-Type", "").startswith("text/html")
        if not ignored or is_page or request.method != "GET" or response.status_code != 200:
            return response
        known = ", ".join(request.GET.declared.names) or "none"  # type: ignore[attr-defined]  # set by process_view
        text = "".join(f"{name}: unknown here, known parameters are: {known}\n" for name in ignored)
        return HttpResponse(text, status=400, content_type="text/plain; charset=utf-8")

    def process_view(self, request: HttpRequest, view: Callable[..., Any], *_: Any) -> None:
        """Part what the view declares from what it does not know; the API's door refuses that itself."""
        declared = None if hasattr(view, "cls") else declared_by(view)
        if declared is not None:
            request.ignored_parameters = declared.unknown(request.GET)  # type: ignore[attr-defined]
            request.GET = DeclaredQuery.of(request.GET, declared)  # type: ignore[assignment]  # it is immutable too


def is_tracking(name: str) -> bool:
    """Say whether a parameter only follows people about."""
    return name in TRACKING or name.startswith("utm_")


def without_tracking(request: HttpRequest) -> str:
    """Return the request's address without such parameters, the others as they were written."""
    query = _without_tracking(request)
    path = escape_leading_slashes(escape_uri_path(request.path))
    return f"{path}?{query}" if query else path


def _without_tracking(request: HttpRequest) -> str:
    """Return the query without such parameters, as it was written."""
    written = request.META.get("QUERY_STRING", "").split("&")
    return "&".join(one for one in written if not is_tracking(unquote_plus(one.partition("=")[0])))


def _is_utf8(kind: Mapping[str, str]) -> bool:
    try:
        return codecs.lookup(kind.get("charset", "utf-8")).name in ENCODINGS
    except (LookupError, ValueError):
        return False


def _refuse_other_encodings(written: bytes) -> None:
    """Refuse names and texts that are percent-encoded in another encoding: read as UTF-8 they would be others."""
    try:
        unquote_to_bytes(written).decode()
    except UnicodeDecodeError as error:
        raise BadRequest("Text is read as UTF-8 alone.") from error


def _refuse_unreadable(sent: Iterable[tuple[str, list[Any]]]) -> None:
    for name, texts in sent:
        if any(map(is_unreadable, (name, *texts))):
            raise BadRequest(f"{name!a}: the text holds a NUL or half a character.")
