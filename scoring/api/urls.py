"""Addresses of the API: its schema and docs, what anybody reads, what is done at the desk."""

from __future__ import annotations

from django.urls import path

from scoring.api import advice, desk, reading, uploads, waiting
from scoring.api.docs import SchemaView, docs

app_name = "api"
EDITION = "series/<slug:series>/editions/<slug:edition>/"
RELEASE = EDITION + "releases/<str:release>/"
urlpatterns = [
    path("", reading.RootView.as_view(), name="root"),
    path("schema/", SchemaView.as_view(), name="schema"),
    path("docs/", docs, name="docs"),
    path("waiting/", waiting.WaitingView.as_view(), name="waiting"),
    path("series/", reading.SeriesListView.as_view(), name="series-list"),
    path("series/<slug:series>/", reading.SeriesView.as_view(), name="series"),
    path("series/<slug:series>/licence/", desk.LicenceView.as_view(), name="licence"),
    path("series/<slug:series>/editions/", desk.EditionsView.as_view(), name="editions"),
    path(EDITION, reading.EditionView.as_view(), name="edition"),
    path(EDITION + "releases/", desk.ReleasesView.as_view(), name="releases"),
    path(RELEASE, reading.ReleaseView.as_view(), name="release"),
    path(RELEASE + "ranking/", reading.RankingView.as_view(), name="ranking"),
    path(RELEASE + "units/<str:code>/", reading.UnitView.as_view(), name="unit"),
    path(RELEASE + "units/<str:code>/pairs/", reading.UnitPairsView.as_view(), name="unit-pairs"),
    path(RELEASE + "units/<str:code>/change/", reading.UnitChangeView.as_view(), name="unit-change"),
    path(RELEASE + "robustness/", reading.RobustnessView.as_view(), name="robustness"),
    path(RELEASE + "units/<str:code>/advice/", advice.AdviceView.as_view(), name="advice"),
    path(RELEASE + "units/<str:code>/what-if/", advice.WhatIfView.as_view(), name="what-if"),
    path(RELEASE + "weights/", reading.WeightsView.as_view(), name="weights"),
    path(RELEASE + "indicators/", reading.IndicatorsView.as_view(), name="indicators"),
    path(RELEASE + "method/", reading.MethodView.as_view(), name="method"),
    path(RELEASE + "files/", reading.FilesView.as_view(), name="files"),
    path(EDITION + "jobs/", desk.JobListView.as_view(), name="jobs"),
    path(EDITION + "jobs/<slug:kind>/", desk.JobView.as_view(), name="job"),
    path(EDITION + "templates/<slug:form>/", desk.TemplateView.as_view(), name="template"),
    path(EDITION + "uploads/", uploads.UploadListView.as_view(), name="uploads"),
    path(EDITION + "uploads/<uuid:uid>/", uploads.UploadView.as_view(), name="upload"),
    path(EDITION + "uploads/<uuid:uid>/confirmation/", uploads.ConfirmationView.as_view(), name="confirmation"),
    path(EDITION + "texts/", desk.TextsView.as_view(), name="texts"),
    path(EDITION + "consensus/", desk.ConsensusView.as_view(), name="consensus"),
    path(EDITION + "carried/", desk.CarriedView.as_view(), name="carried"),
    path(EDITION + "recipe/", desk.RecipeView.as_view(), name="recipe"),
    path(EDITION + "units/", uploads.UnitsView.as_view(), name="units"),
    path(EDITION + "revision/", desk.RevisionView.as_view(), name="revision"),
    path(EDITION + "approval/", desk.ApprovalView.as_view(), name="approval"),
    path(EDITION + "freeze/", desk.FreezeView.as_view(), name="freeze"),
    path(EDITION + "data/", uploads.DataView.as_view(), name="data"),
    path(EDITION + "scoring/", desk.ScoringView.as_view(), name="scoring"),
    path(EDITION + "corrections/", desk.CorrectionView.as_view(), name="corrections"),
]
