"""Addresses of the scoring app: public pages, then the moderators' desk."""

from __future__ import annotations

from django.urls import path, register_converter

from scoring.web import advice, charts, moderator, partner


class Number:
    """A release number as printed: 1.0."""

    regex = r"[0-9]{1,4}\.[0-9]{1,4}"

    def to_python(self, value: str) -> str:
        """Keep it as text."""
        return value

    def to_url(self, value: str) -> str:
        """Keep it as text."""
        return value


class Kind:
    """The kind of a file that a page's answer is sent as."""

    regex = "json|csv"

    def to_python(self, value: str) -> str:
        """Keep it as text."""
        return value

    def to_url(self, value: str) -> str:
        """Keep it as text."""
        return value


register_converter(Number, "number")
register_converter(Kind, "kind")

app_name = "scoring"
urlpatterns = [
    path("", partner.home, name="home"),
    path("s/<slug:series>/", partner.series_page, name="series"),
    path("s/<slug:series>/<slug:edition>/", partner.edition, name="edition"),
    path("s/<slug:series>/<slug:edition>/v<number:number>/", partner.release, name="release"),
    path("s/<slug:series>/<slug:edition>/v<number:number>/units/<str:code>/", partner.unit, name="unit"),
    path("s/<slug:series>/<slug:edition>/v<number:number>/units/<str:code>/advice/", advice.advice, name="advice"),
    path("s/<slug:series>/<slug:edition>/v<number:number>/units/<str:code>/what-if/", advice.what_if, name="what_if"),
    path(
        "s/<slug:series>/<slug:edition>/v<number:number>/units/<str:code>/what-if/unofficial.<kind:kind>",
        advice.what_if_file,
        name="what_if_file",
    ),
    path("s/<slug:series>/<slug:edition>/v<number:number>/method/", partner.method, name="method"),
    path("s/<slug:series>/<slug:edition>/v<number:number>/robustness/", partner.robustness, name="robustness"),
    path("s/<slug:series>/<slug:edition>/v<number:number>/charts/<slug:name>.svg", charts.chart, name="chart"),
    path(
        "s/<slug:series>/<slug:edition>/v<number:number>/charts/<slug:name>.json",
        charts.chart_specification,
        name="chart_specification",
    ),
    path("s/<slug:series>/<slug:edition>/v<number:number>/dictionary/", partner.dictionary, name="dictionary"),
    path("s/<slug:series>/<slug:edition>/v<number:number>/files/", partner.files, name="files"),
    path("s/<slug:series>/<slug:edition>/v<number:number>/files/<path:name>", partner.file, name="file"),
    path("desk/", moderator.desk, name="desk"),
    path("desk/<slug:series>/", moderator.desk_series, name="desk_series"),
    path("desk/<slug:series>/<slug:edition>/", moderator.desk_edition, name="desk_edition"),
    path("desk/<slug:series>/<slug:edition>/progress/", moderator.progress, name="desk_progress"),
    path("desk/<slug:series>/<slug:edition>/weigh/", moderator.weigh, name="desk_weigh"),
    path("desk/<slug:series>/<slug:edition>/recipe/", moderator.settle_recipe, name="desk_recipe"),
    path("desk/<slug:series>/<slug:edition>/freeze/", moderator.freeze, name="desk_freeze"),
    path("desk/<slug:series>/<slug:edition>/data/", moderator.load_data, name="desk_data"),
    path("desk/<slug:series>/<slug:edition>/score/", moderator.score, name="desk_score"),
    path("desk/<slug:series>/<slug:edition>/release/", moderator.release, name="desk_release"),
    path("desk/<slug:series>/<slug:edition>/correct/", moderator.correct, name="desk_correct"),
    path("desk/<slug:series>/<slug:edition>/cancel/<slug:kind>/", moderator.cancel, name="desk_cancel"),
]
