"""A chart on a page: pictures for light and dark, wide and narrow screens, loaded when they come into view."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django import template
from django.urls import reverse
from django.utils.translation import get_language

from scoring.web import pictures

if TYPE_CHECKING:
    from scoring.queries.changes import UnitChange
    from scoring.queries.profiles import ProfilePage
    from scoring.queries.publications import Head
    from scoring.queries.robustness import RobustnessPage

register = template.Library()


@register.filter
def moved(change: UnitChange) -> str:
    """Say how far a unit moved."""
    return pictures.moved(change)


@register.inclusion_tag("partials/chart.html")
def chart(page: RobustnessPage, name: str) -> dict[str, Any]:
    """Show a chart of a release's study; nothing where there is nothing to draw."""
    return _shown(page.head, name, pictures.Subject(page=page), page.focus)


@register.inclusion_tag("partials/chart.html")
def change_chart(page: ProfilePage) -> dict[str, Any]:
    """Show why a unit moved."""
    return _shown(page.head, "change", pictures.Subject(name=page.name, head=page.head, change=page.change), page.code)


def _shown(head: Head, name: str, of: pictures.Subject, unit: str) -> dict[str, Any]:
    specs = [pictures.specification(name, of, pictures.look(width=width)) for width in pictures.WIDTHS]
    if any(spec is None for spec in specs):
        return {"chart": None}
    place = [head.series, head.edition, head.number, name]

    def address(view: str, **query: str | int) -> str:
        shared = {"unit": unit, "lang": get_language() or ""}
        return f"{reverse(f'scoring:{view}', args=place)}?{urlencode({k: v for k, v in (shared | query).items() if v})}"

    narrow, wide = (pictures.size(spec) for spec in specs if spec is not None)
    return {
        "chart": {
            "name": name,
            "alt": next(spec["description"] for spec in specs if spec is not None),
            "specification": address("chart_specification"),
            "wide": {"light": address("chart"), "dark": address("chart", theme="dark"), "size": wide},
            "narrow": {
                "light": address("chart", width=pictures.NARROW),
                "dark": address("chart", width=pictures.NARROW, theme="dark"),
                "size": narrow,
            },
        }
    }
