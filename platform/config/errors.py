"""Refusals of the API as problem details (RFC 9457): one form for domain errors, bad requests and unknown addresses.

Members: ``type``, ``title``, ``status``, ``detail``, ``instance`` as the RFC has them; ``code`` names the refusal for
programs; ``facts`` say what and where; ``errors`` lists the refused fields of a request or the first problems of files, and
``problems_total`` counts all of those.
"""

from __future__ import annotations

import logging
import sys
from dataclasses import asdict
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from django.core.exceptions import BadRequest
from django.http import HttpResponse, JsonResponse
from django.template import loader
from django.utils.encoding import escape_uri_path
from django.views import defaults
from rest_framework.exceptions import APIException, ValidationError
from rest_framework.response import Response
from rest_framework.views import exception_handler, set_rollback

from accounts.errors import AccountError
from config.outage import is_database_away
from exchange.problems import MOST_LISTED, FileProblem, FileProblemsError
from scoring.errors import ScoringError
from scoring.files.digits import plain
from scoring.numerics.errors import NumericsError
from surveys.errors import SurveyError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from django.http import HttpRequest

    from scoring.recipe import RecipeProblem

MEDIA_TYPE = "application/problem+json"
log = logging.getLogger(__name__)
RETRY_AFTER: Final = 60  # seconds
AWAY: Final = "The service is being updated or cannot reach its database; the request may have had no effect."
DOMAIN = (AccountError, SurveyError, ScoringError, NumericsError, FileProblemsError)
NOT_FOUND = {"unknown_link", "not_asked"}
# these speak of what was sent; every other refusal speaks of the state it met
UNPROCESSABLE = {
    "role",
    "bad_series",
    "bad_judgement",
    "bad_date",
    "bad_panel",
    "bad_framework",
    "bad_edition",
    "dataset",
    "recipe",
    "bundle",
    "file_problems",
}


def problem(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """Answer an exception of an API view; None leaves it to Django as a server error."""
    instance = escape_uri_path(context["request"].path)
    if isinstance(error, DOMAIN):
        set_rollback()
        details = details_of(_domain_status(error), error.code, str(error), instance, **_facts(error))
        return Response(details, status=details["status"], content_type=MEDIA_TYPE)
    response = exception_handler(error, dict(context))
    if response is None:
        return None
    response.data = _request_details(error, response, instance)
    response.content_type = MEDIA_TYPE
    return response


def details_of(status: int, code: str, detail: str, instance: str, **more: object) -> dict[str, Any]:
    """Return the members of a problem."""
    return {
        "type": f"urn:steelyard:problem:{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "instance": instance,
        "code": code,
        **more,
    }


def _domain_status(error: AccountError | SurveyError | ScoringError | NumericsError | FileProblemsError) -> HTTPStatus:
    if error.code in NOT_FOUND:
        return HTTPStatus.NOT_FOUND
    if error.code in UNPROCESSABLE or isinstance(error, NumericsError):
        return HTTPStatus.UNPROCESSABLE_ENTITY
    return HTTPStatus.CONFLICT


def _facts(error: Exception) -> dict[str, Any]:
    facts = dict(getattr(error, "facts", {}))
    problems = facts.pop("problems", None) or getattr(error, "problems", ())
    if not problems:
        return {"facts": plain(facts)}
    return {
        "facts": plain(facts),
        "errors": [_place(one) for one in problems[:MOST_LISTED]],
        "problems_total": len(problems),
    }


def _place(one: FileProblem | RecipeProblem) -> dict[str, Any]:
    """Return one problem of a file or recipe: its place and what is wrong; of a file also code, facts, allowed and found.

    ``option`` names the field of the request that answers it, where one does.
    """
    place = asdict(one)
    if isinstance(one, FileProblem):
        option = {"option": one.options[0].name} if one.options else {}
        return {"detail": one.what, **place, "facts": plain(one.facts), "allowed": one.allowed, **option}
    return {"detail": place.pop("what"), **place}


def _request_details(error: Exception, response: Response, instance: str) -> dict[str, Any]:
    if isinstance(error, ValidationError):
        detail, errors = "The request has fields that are refused.", list(_fields(error.get_full_details()))
        return details_of(response.status_code, "invalid", detail, instance, errors=errors)
    code = error.get_codes() if isinstance(error, APIException) else None
    known = code if isinstance(code, str) else HTTPStatus(response.status_code).name.lower()
    return details_of(response.status_code, known, str(response.data.get("detail", "")), instance)


def _fields(details: Any, path: str = "") -> Iterator[dict[str, str]]:
    """Yield one row per refusal, with the field's place as in ``items.2.name``."""
    if isinstance(details, dict) and set(details) == {"message", "code"}:
        yield {"field": path, "code": str(details["code"]), "detail": str(details["message"])}
        return
    parts = details.items() if isinstance(details, dict) else enumerate(details)
    is_list_of_refusals = isinstance(details, list) and all("message" in one for one in details)
    for name, inner in parts:
        yield from _fields(inner, path if is_list_of_refusals else f"{path}.{name}".lstrip("."))


def _page(status: HTTPStatus, detail: str, page: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not _is_of_api(request):
            return page(request, *args, **kwargs)
        exception = kwargs.get("exception")
        told = str(exception) if isinstance(exception, BadRequest) else detail
        return _problem_response(request, status, status.name.lower(), told)

    return answer


def _is_of_api(request: HttpRequest) -> bool:
    return request.path.startswith("/api/")


def _problem_response(request: HttpRequest, status: HTTPStatus, code: str, detail: str) -> HttpResponse:
    details = details_of(status, code, detail, escape_uri_path(request.path))
    return JsonResponse(details, status=status, content_type=MEDIA_TYPE)


bad_request = _page(HTTPStatus.BAD_REQUEST, "The request could not be read.", defaults.bad_request)
permission_denied = _page(HTTPStatus.FORBIDDEN, "This is not open to you.", defaults.permission_denied)
page_not_found = _page(HTTPStatus.NOT_FOUND, "Nothing is at this address.", defaults.page_not_found)
failure = _page(
    HTTPStatus.INTERNAL_SERVER_ERROR, "An error of ours; the request may have had no effect.", defaults.server_error
)


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer an error that nobody else answered: 503 while the database is away, else 500."""
    error = sys.exc_info()[1]
    return _unavailable(request, error) if is_database_away(error) else failure(request)


def _unavailable(request: HttpRequest, error: BaseException | None) -> HttpResponse:
    """Ask to come again, in words that need no database, and leave one line in the log instead of a traceback each."""
    log.warning("the database is away, %s %s: %s", request.method, request.path, " ".join(str(error).split()))
    status = HTTPStatus.SERVICE_UNAVAILABLE
    if _is_of_api(request):
        response = _problem_response(request, status, "unavailable", AWAY)
    else:
        response = HttpResponse(loader.get_template("503.html").render(), status=status)
    response["Retry-After"] = str(RETRY_AFTER)
    response["Cache-Control"] = "no-store"
    response._has_been_logged = True  # type: ignore[attr-defined]  # noqa: SLF001 - else Django adds the traceback, and mails it
    return response
