"""The charts of a release as pictures (SVG) and as specifications (Vega-Lite): one address, one drawing."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from django import forms
from django.conf import settings
from django.http import HttpResponse
from django.utils import translation
from django.utils.cache import patch_cache_control
from django.utils.http import content_disposition_header
from django.views.decorators.http import condition

from accounts.methods import require_safe
from accounts.parameters import reads
from scoring.web.portal.pages import head_or_404
from scoring.wording import chart_texts

if TYPE_CHECKING:
    from django.http import HttpRequest

    from scoring.charts import Spec

DAY: Final = 24 * 3600
ALLOWED: Final = {
    "theme": ("light", "dark"),
    "width": tuple(map(str, chart_texts.WIDTHS)),
    "lang": tuple(code for code, _ in settings.LANGUAGES),
}


class ChartForm(forms.Form):
    """How a chart is drawn, and whom it points at; what is left out is light, wide, in English and points at nobody."""

    unit = forms.CharField(required=False, max_length=64)
    theme = forms.ChoiceField(required=False, choices=[(name, name) for name in ALLOWED["theme"]])
    width = forms.ChoiceField(required=False, choices=[(name, name) for name in ALLOWED["width"]])
    lang = forms.ChoiceField(required=False, choices=[(name, name) for name in ALLOWED["lang"]])

    def problems(self) -> str:
        """Say which parameter is wrong and what it may be, repeating nothing of what was sent."""
        said = {name: f"one of {', '.join(allowed)}" for name, allowed in ALLOWED.items()}
        return "".join(f"{name}: {said.get(name, 'at most 64 characters')}\n" for name in self.errors)


@require_safe
@reads("unit", "theme", "width", "lang")
def chart(request: HttpRequest, series: str, edition: str, number: str, name: str) -> HttpResponse:
    """Send a chart as SVG."""
    return _sent(request, (series, edition, number), name, "svg")


@require_safe
@reads("unit", "theme", "width", "lang")
def chart_specification(request: HttpRequest, series: str, edition: str, number: str, name: str) -> HttpResponse:
    """Send what a chart is drawn from, to be kept, changed and drawn elsewhere."""
    return _sent(request, (series, edition, number), name, "json")


def _sent(request: HttpRequest, place: tuple[str, str, str], name: str, kind: str) -> HttpResponse:
    """Send a chart; the page's language is left aside, so that an address is one drawing to every cache.

    The release never changes, but a wording or a layout may: a copy is good for a day, then asked for again by its ETag.
    """
    asked = ChartForm(request.GET)
    if name not in chart_texts.NAMES:
        return _refused(404, f"chart: one of {', '.join(chart_texts.NAMES)}\n")
    if not asked.is_valid():
        return _refused(400, asked.problems())
    wanted = asked.cleaned_data
    if name == "change" and not wanted["unit"]:
        return _refused(400, "unit: the code of a unit of the release\n")
    language = wanted["lang"] or settings.LANGUAGE_CODE
    with translation.override(language):
        head = head_or_404(*place)
        of = chart_texts.subject(head, name, wanted["unit"])
        if of is None:
            return _refused(404, "unit: the release has no unit of this code\n")
        spec = chart_texts.specification(
            name, of, chart_texts.look(wanted["theme"] or "light", int(wanted["width"] or chart_texts.WIDE))
        )
    if spec is None:
        return _refused(404, f"{name}: the release has nothing to draw in it\n")
    drawn = spec
    filename = "-".join(filter(None, (head.series, head.edition, f"v{head.number}", name, wanted["unit"])))

    @condition(etag_func=lambda *_: f'"{chart_texts.digest(drawn)}-{kind}"')
    def send(_: HttpRequest) -> HttpResponse:
        response = _svg(drawn) if kind == "svg" else _json(drawn, f"{filename}.json")
        response["Content-Language"] = language
        return response

    answer = send(request)
    patch_cache_control(answer, public=True, max_age=DAY)
    return answer


def _svg(spec: Spec) -> HttpResponse:
    return HttpResponse(chart_texts.svg(spec), content_type="image/svg+xml; charset=utf-8")


def _json(spec: Spec, filename: str) -> HttpResponse:
    text = json.dumps(spec, ensure_ascii=False, indent=1)
    kept_as = content_disposition_header(as_attachment=True, filename=filename) or "attachment"
    return HttpResponse(text, content_type="application/json", headers={"Content-Disposition": kept_as})


def _refused(status: int, text: str) -> HttpResponse:
    answer = HttpResponse(text, status=status, content_type="text/plain; charset=utf-8")
    patch_cache_control(answer, public=True, no_cache=True)
    return answer
