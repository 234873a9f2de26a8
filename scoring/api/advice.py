"""Questions about one unit of a release: how it could move up, and what if its values or the weights were others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.response import Response

from accounts.api.doors import asks
from scoring.api import advised
from scoring.api.reading import OfRelease, or_404
from scoring.numerics.errors import NumericsError
from scoring.queries.explore.advice import advice_page
from scoring.queries.explore.what_if import what_if_page
from scoring.queries.published.peers import ALL, CHOSEN, PeerQuery

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rest_framework.request import Request

    from scoring.queries.explore.number_fields import Refused
    from scoring.queries.explore.subject import Refusal, RefusedField

PEERS = OpenApiParameter(
    "peers",
    str,
    description="`all`, `chosen`, or a grouping column such as `Size` or `Region`; without it the unit's size class.",
)
CITIES = OpenApiParameter("cities", str, description="The peers chosen: codes or names, with commas between.")
COSTS = OpenApiParameter(
    "cost.INDICATOR", OpenApiTypes.DOUBLE, description="What a better value costs, in any unit; for any indicators."
)
VALUES = OpenApiParameter(
    "v.INDICATOR",
    OpenApiTypes.DOUBLE,
    description="A new value of the unit; for any indicators, in the `possible` range.",
)
WEIGHTS = OpenApiParameter(
    "w.CRITERION",
    OpenApiTypes.DOUBLE,
    description="A new weight in per cent of its siblings, 0 to 100; for any criteria. Siblings are brought to 100 together.",
)


class AdviceView(OfRelease):
    """How one unit could move up."""

    @asks(PEERS, CITIES, COSTS)
    @extend_schema(responses=advised.AdviceSerializer, operation_id="advice", tags=["questions"])
    def get(self, request: Request, code: str, **_: str) -> Response:
        """Show what peers reach, what each indicator alone would gain, and the fewest changes to the next tier."""
        query = request.query_params.dict()
        asked = PeerQuery.of(query)
        page = or_404(advice_page(self.release, code, asked, query))
        allowed = (ALL, CHOSEN, *(one.code for one in page.peers.choices))
        if asked.peers and asked.peers not in allowed:
            raise ValidationError({"peers": [ErrorDetail(f"Allowed are {', '.join(allowed)}.", code="unknown")]})
        _refuse(page.refused, page.refusal)
        return Response(advised.AdviceSerializer(page, context=self.context()).data)


class WhatIfView(OfRelease):
    """What other values or weights would make of one unit."""

    @asks(VALUES, WEIGHTS)
    @extend_schema(responses=advised.WhatIfSerializer, operation_id="what_if", tags=["questions"])
    def get(self, request: Request, code: str, **_: str) -> Response:
        """Compute an unofficial what-if; without values and weights it is the official result."""
        page = or_404(what_if_page(self.release, code, request.query_params.dict(), always=True))
        _refuse(page.refused, page.refusal)
        response = Response(advised.WhatIfSerializer(page, context=self.context()).data)
        response["X-Robots-Tag"] = "noindex"
        return response


def _refuse(refused: Iterable[RefusedField], refusal: Refusal | None) -> None:
    """Refuse fields with what is allowed, or a question that has no answer with the arithmetic's code and facts."""
    fields = {one.refused.field: [ErrorDetail(_why(one.refused), code=one.refused.code)] for one in refused}
    if fields:
        raise ValidationError(fields)
    if refusal is not None:
        error = NumericsError(refusal.message, **refusal.facts)
        error.code = refusal.code
        raise error


def _why(one: Refused) -> str:
    if one.code == "unknown":
        return "There is no such criterion in this release."
    return f"Allowed are numbers from {one.low:g} to {one.high:g}."
