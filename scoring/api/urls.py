"""Addresses of the API that speak of series, editions and releases, its schema and its docs."""

from __future__ import annotations

from django.urls import path
from drf_spectacular.views import SpectacularAPIView

from scoring.api import reading
from scoring.api.docs import docs

app_name = "api"
EDITION = "series/<slug:series>/editions/<slug:edition>/"
RELEASE = EDITION + "releases/<str:release>/"
urlpatterns = [
    path("", reading.RootView.as_view(), name="root"),
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
    path("docs/", docs, name="docs"),
    path("series/", reading.SeriesListView.as_view(), name="series-list"),
    path("series/<slug:series>/", reading.SeriesView.as_view(), name="series"),
    path("series/<slug:series>/editions/", reading.EditionListView.as_view(), name="editions"),
    path(EDITION, reading.EditionView.as_view(), name="edition"),
    path(EDITION + "releases/", reading.ReleaseListView.as_view(), name="releases"),
    path(RELEASE, reading.ReleaseView.as_view(), name="release"),
    path(RELEASE + "ranking/", reading.RankingView.as_view(), name="ranking"),
    path(RELEASE + "units/<str:code>/", reading.UnitView.as_view(), name="unit"),
    path(RELEASE + "weights/", reading.WeightsView.as_view(), name="weights"),
    path(RELEASE + "indicators/", reading.IndicatorsView.as_view(), name="indicators"),
    path(RELEASE + "method/", reading.MethodView.as_view(), name="method"),
    path(RELEASE + "files/", reading.FilesView.as_view(), name="files"),
]
