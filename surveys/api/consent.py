"""The words of a series' consent, for its people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response

from accounts.api.doors import Desk
from accounts.rules import actors
from surveys.errors import BadPanelError
from surveys.models.consent import DAYS
from surveys.queries.panelist.consent import last_wording
from surveys.states import LIFECYCLES, capability
from surveys.usecases.consents import translate_consent, word_consent

if TYPE_CHECKING:
    from datetime import datetime

    from rest_framework.request import Request

    from surveys.models import ConsentWording

TEXTS: Final = ("responsible", "basis", "recipients")
BY_LANGUAGE = "Text by language; without one the general words stand."


class ConsentWordingSerializer(serializers.Serializer[Any]):
    """What a series says of its own in the consent; ``number`` 0: nothing yet."""

    number = serializers.IntegerField(read_only=True)
    responsible = serializers.DictField(child=serializers.CharField(), default=dict, help_text=BY_LANGUAGE)
    basis = serializers.DictField(child=serializers.CharField(), default=dict, help_text=BY_LANGUAGE)
    recipients = serializers.DictField(child=serializers.CharField(), default=dict, help_text=BY_LANGUAGE)
    days = serializers.IntegerField(
        default=DAYS, min_value=1, help_text="After the last correction, until the table of pairs is destroyed."
    )


class ConsentView(Desk):
    """The words that stand, and new ones."""

    needed = {"GET": capability("consent_page"), "POST": capability("translate_consent")}

    @extend_schema(responses=ConsentWordingSerializer, operation_id="consent", tags=["panels"])
    def get(self, request: Request, series: str) -> Response:
        """Return the words as they stand now."""
        wording = last_wording(self.series)
        general = {"number": 0, "responsible": {}, "basis": {}, "recipients": {}, "days": DAYS}
        return Response(ConsentWordingSerializer(wording or general).data)

    @extend_schema(
        request=ConsentWordingSerializer,
        responses={201: ConsentWordingSerializer},
        operation_id="word_consent",
        tags=["panels"],
    )
    def post(self, request: Request, series: str) -> Response:
        """Give the series new words; who agreed before keeps those that she read."""
        words = ConsentWordingSerializer(data=request.data)
        words.is_valid(raise_exception=True)
        try:
            made = self._keep(words.validated_data, by=request.user.get_username(), at=timezone.now())
        except BadPanelError as error:
            raise ValidationError({str(error.facts["field"]): str(error)}) from None
        return Response(ConsentWordingSerializer(made).data, status=status.HTTP_201_CREATED)

    def _keep(self, words: dict[str, Any], *, by: str, at: datetime) -> ConsentWording:
        if "word_consent" in LIFECYCLES.acts_of(actors(self.request.user, self.series)):
            return word_consent(self.series, **words, by=by, at=at)
        if "days" in self.request.data:
            raise ValidationError({"days": "Only moderators say for how many days pairs are kept; leave it out."})
        return translate_consent(self.series, **{name: words[name] for name in TEXTS}, by=by, at=at)
