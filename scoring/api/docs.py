"""The docs page: the schema as a person reads it, from this host alone and without a line of inline script or style."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import render
from django.views.decorators.http import require_safe

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    """Show the docs page; Swagger UI reads the schema."""
    return render(request, "scoring/api_docs.html")
