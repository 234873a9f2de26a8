"""Addresses of the surveys' pages."""

from __future__ import annotations

from django.urls import path

from surveys.web import expert, moderator

app_name = "surveys"
urlpatterns = [
    path("p/<str:token>/", expert.invitation, name="invitation"),
    path("p/<str:token>/pair/", expert.pair, name="pair"),
    path("p/<str:token>/take-back/", expert.take_back, name="take_back"),
    path("p/<str:token>/question/<str:node>/", expert.node, name="node"),
    path("p/<str:token>/review/", expert.review, name="review"),
    path("p/<str:token>/receipt/", expert.receipt, name="receipt"),
    path("desk/<slug:series>/rounds/<uuid:uid>/", moderator.round_page, name="desk_round"),
    path("desk/<slug:series>/rounds/<uuid:uid>/close/", moderator.close, name="close_round"),
]
