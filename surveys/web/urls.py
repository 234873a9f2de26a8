"""Addresses of the surveys' pages."""

from __future__ import annotations

from django.urls import path

from surveys.web import arrival, following, forwarded, lost, mine, moderator, pairs, questions, wishes

app_name = "surveys"
urlpatterns = [
    path("p/<str:token>/", arrival.invitation, name="invitation"),
    path("p/<str:token>/start/", arrival.start, name="start"),
    path("p/<str:token>/name/", arrival.name, name="name"),
    path("p/<str:token>/practice/", arrival.practice, name="practice"),
    path("p/<str:token>/decline/", wishes.decline, name="decline"),
    path("p/<str:token>/stop-mails/", wishes.stop_mails, name="stop_mails"),
    path("p/<str:token>/it-is-me/", forwarded.it_is_me, name="it_is_me"),
    path("p/<str:token>/someone-else/", forwarded.someone_else, name="someone_else"),
    path("p/<str:token>/fresh-link/", lost.fresh_link, name="fresh_link"),
    path("p/<str:token>/pair/", pairs.pair, name="pair"),
    path("p/<str:token>/conflict/", pairs.conflict, name="conflict"),
    path("p/<str:token>/state/", pairs.state, name="state"),
    path("p/<str:token>/keep/", following.keep, name="keep"),
    path("p/<str:token>/take-back/", pairs.take_back, name="take_back"),
    path("p/<str:token>/question/<str:node>/", questions.node, name="node"),
    path("p/<str:token>/question/<str:node>/three/", questions.clash, name="clash"),
    path("p/<str:token>/question/<str:node>/undo/", questions.undo, name="undo"),
    path("p/<str:token>/review/", mine.review, name="review"),
    path("p/<str:token>/receipt/", mine.receipt, name="receipt"),
    path("p/<str:token>/mine/<str:name>", mine.download, name="download"),
    path("p/<str:token>/withdraw/", mine.withdraw, name="withdraw"),
    path("desk/<slug:series>/rounds/<uuid:uid>/", moderator.round_page, name="desk_round"),
    path("desk/<slug:series>/rounds/<uuid:uid>/people.csv", moderator.people_file, name="people_file"),
    path("desk/<slug:series>/rounds/<uuid:uid>/remind/", moderator.remind, name="remind"),
    path("desk/<slug:series>/rounds/<uuid:uid>/requests/<uuid:request_uid>/", moderator.settle, name="settle_request"),
    path(
        "desk/<slug:series>/rounds/<uuid:uid>/requests/<uuid:request_uid>/link/", moderator.mail_link, name="mail_link"
    ),
    path("desk/<slug:series>/rounds/<uuid:uid>/close/", moderator.close, name="close_round"),
    path("desk/<slug:series>/rounds/<uuid:uid>/again/", following.plan, name="plan_again"),
    path("desk/<slug:series>/rounds/<uuid:uid>/open/", following.open_planned, name="open_round"),
]
