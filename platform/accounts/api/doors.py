"""What the API's views of both apps stand on: one answer a language, caches told what they may keep, and a series' people alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Final

from django.http import QueryDict
from django.utils import translation
from django.utils.cache import patch_cache_control
from django.utils.decorators import method_decorator
from django.views.decorators.http import conditional_page
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ErrorDetail, MethodNotAllowed, UnsupportedMediaType, ValidationError
from rest_framework.permissions import SAFE_METHODS, IsAuthenticated
from rest_framework.views import APIView

from accounts import units
from accounts.doors import needed_for
from accounts.parameters import DeclaredQuery, Parameters, reads
from accounts.rules import series_for
from exchange.texts import unreadable_places

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import TypeVar

    from drf_spectacular.utils import OpenApiParameter
    from rest_framework.request import Request
    from rest_framework.response import Response
    from rest_framework.serializers import Serializer

    from accounts.lifecycle import Capability
    from accounts.models import Series

    Handler = TypeVar("Handler", bound=Callable[..., Response])

LANGUAGE: Final = "language"


def asks(*parameters: OpenApiParameter | type[Serializer[Any]]) -> Callable[[Handler], Handler]:
    """Declare the parameters that a handler reads, for the door as for the schema."""

    def declare(handler: Handler) -> Handler:
        names = [name for one in parameters for name in _names(one)]
        return reads(*names)(extend_schema(parameters=[*parameters])(handler))

    return declare


def _names(declared: OpenApiParameter | type[Serializer[Any]]) -> Iterator[str]:
    if isinstance(declared, type):
        yield from map(str, declared().fields)
    else:
        yield declared.name


class Door(APIView):
    """A view of the API: it speaks the language of ``?language=``, else of Accept-Language; codes are the same in all.

    What it does not know is refused: a method before anything is asked, a parameter by its name beside those it knows, and
    of what is sent every text and number that nothing can keep.
    """

    http_method_names = ("get", "head", "post", "put", "patch", "delete")
    keep: Mapping[str, Any] = {"private": True, "no_store": True}

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Choose the language before anything is read."""
        if request.method not in self.allowed_methods:
            raise MethodNotAllowed(str(request.method))
        super().initial(request, *args, **kwargs)
        self._know_parameters(request)
        if asked := request.query_params.get(LANGUAGE):
            try:
                translation.activate(translation.get_supported_language_variant(asked))
            except LookupError:
                raise ValidationError({LANGUAGE: f"There is no language {asked[:20]} here."}) from None
        if request.method not in SAFE_METHODS:
            _refuse_unreadable(request)

    def _know_parameters(self, request: Request) -> None:
        """Hand the handler what it declares, and refuse the rest."""
        handler = getattr(self, str(request.method).lower())
        known = Parameters((*getattr(handler, "parameters", Parameters()).names, LANGUAGE))
        if unknown := known.unknown(request.query_params):
            told = f"Unknown here; known parameters are {', '.join(known.names)}."
            raise ValidationError({name: [ErrorDetail(told, code="unknown_parameter")] for name in unknown})
        request._request.GET = DeclaredQuery.of(request.query_params, known)  # type: ignore[assignment]  # noqa: SLF001 - as query_params

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        """Tell caches what they may keep; a refusal is never kept."""
        answer = super().finalize_response(request, response, *args, **kwargs)
        is_read = request.method in ("GET", "HEAD") and answer.status_code < 400
        patch_cache_control(answer, **(self.keep if is_read else Door.keep))
        return answer


def _refuse_unreadable(request: Request) -> None:
    """Refuse what nothing can keep; a body in a form that the handler does not read is left for it to refuse, if it asks."""
    try:
        data = request.data
    except UnsupportedMediaType:
        return
    sent = dict(data.lists()) if isinstance(data, QueryDict) else data
    refused = {place: [ErrorDetail(why, code="unreadable")] for place, why in unreadable_places(sent)}
    if refused:
        raise ValidationError(refused)


@method_decorator(conditional_page, name="dispatch")
class Reading(Door):
    """Read by anybody; kept by caches and asked for again by its ETag."""

    keep: Mapping[str, Any] = {"public": True, "no_cache": True}


class Desk(Door):
    """For people of the series in the address; for anybody else who is signed in there is no such series.

    ``needed`` says by method what may be done there, and so by whom.
    """

    permission_classes = (IsAuthenticated,)
    needed: ClassVar[Mapping[str, Capability]]
    series: Series

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Find the series for those who may."""
        super().initial(request, *args, **kwargs)
        self.series = series_for(request.user, kwargs["series"], needed_for(self.needed, request))
        units.activate(self.series.unit_kind)


def validated(body: Serializer[Any]) -> dict[str, Any]:
    """Return what was sent, or refuse it by its fields."""
    body.is_valid(raise_exception=True)
    sent: dict[str, Any] = body.validated_data
    return sent
