"""Addresses of the scoring app: public pages, then the moderators' desk."""

from __future__ import annotations

from django.urls import path, register_converter

from scoring.web import partner


class Number:
    """A release number as printed: 1.0."""

    regex = r"[0-9]{1,4}\.[0-9]{1,4}"

    def to_python(self, value: str) -> str:
        """Keep it as text."""
        return value

    def to_url(self, value: str) -> str:
        """Keep it as text."""
        return value


register_converter(Number, "number")

app_name = "scoring"
urlpatterns = [
    path("", partner.home, name="home"),
    path("s/<slug:series>/", partner.series_page, name="series"),
    path("s/<slug:series>/<slug:edition>/", partner.edition, name="edition"),
    path("s/<slug:series>/<slug:edition>/v<number:number>/", partner.release, name="release"),
    path("s/<slug:series>/<slug:edition>/v<number:number>/units/<str:code>/", partner.unit, name="unit"),
    path("s/<slug:series>/<slug:edition>/v<number:number>/method/", partner.method, name="method"),
    path("s/<slug:series>/<slug:edition>/v<number:number>/dictionary/", partner.dictionary, name="dictionary"),
    path("s/<slug:series>/<slug:edition>/v<number:number>/files/", partner.files, name="files"),
    path("s/<slug:series>/<slug:edition>/v<number:number>/files/<path:name>", partner.file, name="file"),
]
