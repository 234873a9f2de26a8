"""The schema, and its page as a person reads it: from this host alone and without a line of inline script or style."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import render
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView
from rest_framework.response import Response

from accounts.api.doors import Reading
from accounts.methods import require_safe

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse
    from rest_framework.request import Request


class SchemaView(Reading):
    """The schema as programs read it: OpenAPI in YAML, or in JSON for those who accept it alone."""

    renderer_classes = SpectacularAPIView.renderer_classes

    @extend_schema(exclude=True)
    def get(self, request: Request) -> Response:
        """Describe every address of the API."""
        schema = SchemaGenerator().get_schema(request=request, public=True)  # type: ignore[no-untyped-call]
        return Response(schema, headers={"Content-Disposition": "inline"})


@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    """Show the docs page; Swagger UI reads the schema."""
    return render(request, "scoring/api_docs.html")
