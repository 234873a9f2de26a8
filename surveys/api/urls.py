"""Addresses of the API that speak of rounds."""

from __future__ import annotations

from django.urls import path

from surveys.api import consent, following, frameworks, panels, rounds

app_name = "surveys_api"
ROUND = "series/<slug:series>/rounds/<uuid:uid>/"
FRAMEWORK = "series/<slug:series>/frameworks/<uuid:uid>/"
PANEL = "series/<slug:series>/panels/<uuid:uid>/"
urlpatterns = [
    path("series/<slug:series>/panels/", panels.PanelListView.as_view(), name="panels"),
    path(PANEL, panels.PanelView.as_view(), name="panel"),
    path(PANEL + "people/", panels.PanelPeopleView.as_view(), name="panel_people"),
    path(PANEL + "people/<uuid:person>/", panels.PanelPersonView.as_view(), name="panel_person"),
    path("series/<slug:series>/consent/", consent.ConsentView.as_view(), name="consent"),
    path("series/<slug:series>/frameworks/", frameworks.FrameworkListView.as_view(), name="frameworks"),
    path(FRAMEWORK, frameworks.FrameworkVersionView.as_view(), name="framework"),
    path(FRAMEWORK + "freeze/", frameworks.FreezeFrameworkView.as_view(), name="freeze_framework"),
    path(FRAMEWORK + "redraft/", frameworks.RedraftFrameworkView.as_view(), name="redraft_framework"),
    path("series/<slug:series>/rounds/", rounds.RoundListView.as_view(), name="rounds"),
    path(ROUND, rounds.RoundView.as_view(), name="round"),
    path(ROUND + "divided/", following.DividedView.as_view(), name="divided"),
    path(ROUND + "follow/", following.FollowView.as_view(), name="follow"),
    path(ROUND + "open/", following.OpenView.as_view(), name="open"),
    path(ROUND + "close/", rounds.CloseView.as_view(), name="close"),
    path(ROUND + "plan/", rounds.PlanView.as_view(), name="plan"),
    path(ROUND + "end/", rounds.EndView.as_view(), name="end"),
    path(ROUND + "reopen/", rounds.ReopenView.as_view(), name="reopen"),
    path(ROUND + "stop-mails/", rounds.StopMailsView.as_view(), name="stop_mails"),
]
