"""A chart on a page: pictures for light and dark, wide and narrow screens, loaded when they come into view."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django import template
from django.urls import reverse
from django.utils.translation import get_language

from scoring.wording import chart_texts

if TYPE_CHECKING:
    from scoring.queries.published.rank_change import UnitChange
    from scoring.queries.published.release_head import ReleaseHead
    from scoring.queries.published.uncertainty import RobustnessPage
    from scoring.queries.published.unit import ProfilePage

register = template.Library()


@register.filter
def moved(change: UnitChange) -> str:
    """Say how far a unit moved."""
    return chart_texts.moved(change)


@register.inclusion_tag("partials/chart.html")
def chart(page: RobustnessPage, name: str) -> dict[str, Any]:
    """Show a chart of a release's study; nothing where there is nothing to draw."""
    return _shown(page.head, name, chart_texts.ChartSubject(page=page), page.focus)


@register.inclusion_tag("partials/chart.html")
def change_chart(page: ProfilePage) -> dict[str, Any]:
    """Show why a unit moved."""
    return _shown(
        page.head, "change", chart_texts.ChartSubject(name=page.name, head=page.head, change=page.change), page.code
    )


def _shown(head: ReleaseHead, name: str, of: chart_texts.ChartSubject, unit: str) -> dict[str, Any]:
    specs = [chart_texts.specification(name, of, chart_texts.look(width=width)) for width in chart_texts.WIDTHS]
    if any(spec is None for spec in specs):
        return {"chart": None}
    place = [head.series, head.edition, head.number, name]

    def address(view: str, **query: str | int) -> str:
        shared = {"unit": unit, "lang": get_language() or ""}
        return f"{reverse(f'scoring:{view}', args=place)}?{urlencode({k: v for k, v in (shared | query).items() if v})}"

    narrow, wide = (chart_texts.size(spec) for spec in specs if spec is not None)
    return {
        "chart": {
            "name": name,
            "alt": next(spec["description"] for spec in specs if spec is not None),
            "specification": address("chart_specification"),
            "wide": {"light": address("chart"), "dark": address("chart", theme="dark"), "size": wide},
            "narrow": {
                "light": address("chart", width=chart_texts.NARROW),
                "dark": address("chart", width=chart_texts.NARROW, theme="dark"),
                "size": narrow,
            },
        }
    }
