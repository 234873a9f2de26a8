"""What the API's views of both apps stand on: one answer a language, caches told what they may keep, moderators only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils import translation
from django.utils.cache import patch_cache_control
from django.utils.decorators import method_decorator
from django.views.decorators.http import conditional_page
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.permissions import IsAuthenticated
from rest_framework.views import APIView

from accounts.lifecycle import Actor
from accounts.rules import moderated_series

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from rest_framework.request import Request
    from rest_framework.response import Response

    from accounts.models import Series


class Door(APIView):
    """A view of the API: it speaks the language of ``?language=``, else of Accept-Language; codes are the same in all."""

    keep: Mapping[str, Any] = {"private": True, "no_store": True}

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Choose the language before anything is read."""
        super().initial(request, *args, **kwargs)
        if asked := request.query_params.get("language"):
            try:
                translation.activate(translation.get_supported_language_variant(asked))
            except LookupError:
                raise ValidationError({"language": f"There is no language {asked[:20]} here."}) from None

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        """Tell caches what they may keep; a refusal is never kept."""
        answer = super().finalize_response(request, response, *args, **kwargs)
        is_read = request.method in ("GET", "HEAD") and answer.status_code < 400
        patch_cache_control(answer, **(self.keep if is_read else Door.keep))
        return answer


@method_decorator(conditional_page, name="dispatch")
class Reading(Door):
    """Read by anybody; kept by caches and asked for again by its ETag."""

    keep: Mapping[str, Any] = {"public": True, "no_cache": True}


class Desk(Door):
    """For moderators of the series in the address; for anybody else who is signed in there is no such series."""

    permission_classes = (IsAuthenticated,)


def moderated(request: Request, slug: str, *, by: Collection[Actor] = (Actor.MODERATOR,)) -> Series:
    """Return the series for its moderators, where they are among those who may do the act at hand.

    Raises
    ------
    NotFound
        There is none, the user does not moderate it, or moderators may not do this.
    """
    series = moderated_series(request.user).filter(slug=slug).first()
    if series is None or Actor.MODERATOR not in by:
        raise NotFound
    return series
