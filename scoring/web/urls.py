"""Addresses of the scoring app: public pages, then the moderators' desk."""

from __future__ import annotations

from django.urls import path, register_converter

from scoring.web.desk import approving, beginning, carrying, edition, repeating, series, texts
from scoring.web.portal import charts, explore, pages


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
    path("", pages.home, name="home"),
    path("s/<slug:series>/", pages.series_page, name="series"),
    path("s/<slug:series>/<slug:edition>/", pages.edition, name="edition"),
    path("s/<slug:series>/<slug:edition>/v<number:number>/", pages.release, name="release"),
    path("s/<slug:series>/<slug:edition>/v<number:number>/units/<str:code>/", pages.unit, name="unit"),
    path("s/<slug:series>/<slug:edition>/v<number:number>/units/<str:code>/advice/", explore.advice, name="advice"),
    path("s/<slug:series>/<slug:edition>/v<number:number>/units/<str:code>/what-if/", explore.what_if, name="what_if"),
    path(
        "s/<slug:series>/<slug:edition>/v<number:number>/units/<str:code>/what-if/unofficial.<kind:kind>",
        explore.what_if_file,
        name="what_if_file",
    ),
    path("s/<slug:series>/<slug:edition>/v<number:number>/method/", pages.method, name="method"),
    path("s/<slug:series>/<slug:edition>/v<number:number>/robustness/", pages.robustness, name="robustness"),
    path("s/<slug:series>/<slug:edition>/v<number:number>/charts/<slug:name>.svg", charts.chart, name="chart"),
    path(
        "s/<slug:series>/<slug:edition>/v<number:number>/charts/<slug:name>.json",
        charts.chart_specification,
        name="chart_specification",
    ),
    path("s/<slug:series>/<slug:edition>/v<number:number>/dictionary/", pages.dictionary, name="dictionary"),
    path("s/<slug:series>/<slug:edition>/v<number:number>/files/", pages.files, name="files"),
    path("s/<slug:series>/<slug:edition>/v<number:number>/files/<path:name>", pages.file, name="file"),
    path("desk/", series.desk, name="desk"),
    path("desk/<slug:series>/", series.desk_series, name="desk_series"),
    path("desk/<slug:series>/licence/", series.licence, name="desk_licence"),
    path("desk/<slug:series>/editions/new/", beginning.begin, name="desk_begin"),
    path("desk/<slug:series>/<slug:edition>/", edition.desk_edition, name="desk_edition"),
    path("desk/<slug:series>/<slug:edition>/progress/", edition.progress, name="desk_progress"),
    path("desk/<slug:series>/<slug:edition>/repeat/", repeating.repeat, name="desk_repeat"),
    path("desk/<slug:series>/<slug:edition>/texts/", texts.describe, name="desk_texts"),
    path("desk/<slug:series>/<slug:edition>/weigh/", edition.weigh, name="desk_weigh"),
    path("desk/<slug:series>/<slug:edition>/carry/", carrying.carry, name="desk_carry"),
    path("desk/<slug:series>/<slug:edition>/recipe/", edition.settle_recipe, name="desk_recipe"),
    path("desk/<slug:series>/<slug:edition>/units/", edition.settle_units, name="desk_units"),
    path("desk/<slug:series>/<slug:edition>/revise/", edition.revise, name="desk_revise"),
    path("desk/<slug:series>/<slug:edition>/keep/", edition.keep, name="desk_keep"),
    path("desk/<slug:series>/<slug:edition>/approval/ask/", approving.ask, name="desk_ask_approval"),
    path("desk/<slug:series>/<slug:edition>/approval/", approving.approve, name="desk_approve"),
    path("desk/<slug:series>/<slug:edition>/freeze/", edition.freeze, name="desk_freeze"),
    path("desk/<slug:series>/<slug:edition>/data/", edition.load_data, name="desk_data"),
    path("desk/<slug:series>/<slug:edition>/uploads/<uuid:uid>/answer/", edition.answer_upload, name="desk_answer"),
    path("desk/<slug:series>/<slug:edition>/uploads/<uuid:uid>/confirm/", edition.confirm_upload, name="desk_confirm"),
    path("desk/<slug:series>/<slug:edition>/uploads/<uuid:uid>/drop/", edition.drop_upload, name="desk_drop"),
    path("desk/<slug:series>/<slug:edition>/score/", edition.score, name="desk_score"),
    path("desk/<slug:series>/<slug:edition>/release/", edition.release, name="desk_release"),
    path("desk/<slug:series>/<slug:edition>/correct/", edition.correct, name="desk_correct"),
    path("desk/<slug:series>/<slug:edition>/cancel/<slug:kind>/", edition.cancel, name="desk_cancel"),
]
