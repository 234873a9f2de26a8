"""Addresses of the surveys' pages."""

from __future__ import annotations

from django.urls import path

from surveys.web.desk import (
    consent,
    criteria,
    ends,
    first_round,
    frameworks,
    next_round,
    panel_people,
    panels,
    plans,
    rounds,
)
from surveys.web.panelist import dead_link, identity, invitation, node, opt_out, pair, previous_round, review

app_name = "surveys"
FRAMEWORK = "desk/<slug:series>/frameworks/<uuid:uid>/"
CRITERION = FRAMEWORK + "criteria/<path:criterion>/"
PANEL = "desk/<slug:series>/panels/<uuid:uid>/"
PERSON = PANEL + "people/<uuid:person>/"
urlpatterns = [
    path("p/<str:token>/", invitation.invitation, name="invitation"),
    path("p/<str:token>/start/", invitation.start, name="start"),
    path("p/<str:token>/name/", invitation.name, name="name"),
    path("p/<str:token>/practice/", invitation.practice, name="practice"),
    path("p/<str:token>/decline/", opt_out.decline, name="decline"),
    path("p/<str:token>/stop-mails/", opt_out.stop_mails, name="stop_mails"),
    path("p/<str:token>/it-is-me/", identity.it_is_me, name="it_is_me"),
    path("p/<str:token>/someone-else/", identity.someone_else, name="someone_else"),
    path("p/<str:token>/fresh-link/", dead_link.fresh_link, name="fresh_link"),
    path("p/<str:token>/pair/", pair.pair, name="pair"),
    path("p/<str:token>/conflict/", pair.conflict, name="conflict"),
    path("p/<str:token>/state/", pair.state, name="state"),
    path("p/<str:token>/keep/", previous_round.keep, name="keep"),
    path("p/<str:token>/take-back/", pair.take_back, name="take_back"),
    path("p/<str:token>/question/<str:node>/", node.node, name="node"),
    path("p/<str:token>/question/<str:node>/three/", node.clash, name="clash"),
    path("p/<str:token>/question/<str:node>/undo/", node.undo, name="undo"),
    path("p/<str:token>/review/", review.review, name="review"),
    path("p/<str:token>/receipt/", review.receipt, name="receipt"),
    path("p/<str:token>/mine/<str:name>", review.download, name="download"),
    path("p/<str:token>/withdraw/", review.withdraw, name="withdraw"),
    path("desk/<slug:series>/panels/consent/", consent.consent, name="desk_consent"),
    path("desk/<slug:series>/panels/new/", panels.new_panel, name="new_panel"),
    path(PANEL, panels.panel, name="desk_panel"),
    path(PANEL + "balance/", panels.balance, name="plan_balance"),
    path(PANEL + "people/new/", panel_people.add_person, name="add_person"),
    path(PANEL + "people/table/", panel_people.people_table, name="people_table"),
    path(PERSON, panel_people.person, name="desk_panelist"),
    path(PERSON + "replace/", panel_people.replace_person, name="replace_panelist"),
    path(PERSON + "exempt/", panel_people.exempt, name="exempt_panelist"),
    path(PERSON + "readmit/", panel_people.readmit, name="readmit_panelist"),
    path(PERSON + "take-out/", panel_people.take_out, name="take_out_panelist"),
    path(PERSON + "withdraw/", panel_people.withdraw_person, name="withdraw_panelist"),
    path("desk/<slug:series>/rounds/<uuid:uid>/invite/", panels.invite, name="invite_owed"),
    path(
        "desk/<slug:series>/panels/<uuid:uid>/frameworks/<uuid:framework>/plan/",
        first_round.plan_first,
        name="plan_first",
    ),
    path("desk/<slug:series>/frameworks/", frameworks.frameworks, name="desk_frameworks"),
    path("desk/<slug:series>/frameworks/begin/", frameworks.begin, name="begin_framework"),
    path(FRAMEWORK, frameworks.framework, name="desk_framework"),
    path(FRAMEWORK + "paste/", frameworks.paste, name="paste_framework"),
    path(FRAMEWORK + "undo/", frameworks.undo, name="undo_framework"),
    path(FRAMEWORK + "freeze/", frameworks.freeze, name="freeze_framework"),
    path(FRAMEWORK + "redraft/", frameworks.redraft, name="redraft_framework"),
    path(FRAMEWORK + "framework.csv", frameworks.as_table, name="framework_table"),
    path(FRAMEWORK + "hierarchy.txt", frameworks.as_hierarchy, name="framework_hierarchy"),
    path(CRITERION + "add/", criteria.add, name="add_criterion"),
    path(CRITERION + "move/", criteria.move, name="move_criterion"),
    path(CRITERION + "group/", criteria.group, name="group_criteria"),
    path(CRITERION + "shift/", criteria.shift, name="shift_criterion"),
    path(CRITERION + "delete/", criteria.delete, name="delete_criterion"),
    path(CRITERION, criteria.criterion, name="desk_criterion"),
    path("desk/<slug:series>/rounds/<uuid:uid>/", rounds.round_page, name="desk_round"),
    path("desk/<slug:series>/rounds/<uuid:uid>/people.csv", rounds.people_file, name="people_file"),
    path("desk/<slug:series>/rounds/<uuid:uid>/remind/", rounds.remind, name="remind"),
    path("desk/<slug:series>/rounds/<uuid:uid>/requests/<uuid:request_uid>/", rounds.settle, name="settle_request"),
    path("desk/<slug:series>/rounds/<uuid:uid>/requests/<uuid:request_uid>/link/", rounds.mail_link, name="mail_link"),
    path("desk/<slug:series>/rounds/<uuid:uid>/close/", rounds.close, name="close_round"),
    path("desk/<slug:series>/rounds/<uuid:uid>/plan/", plans.plan, name="change_plan"),
    path("desk/<slug:series>/rounds/<uuid:uid>/cancel/", plans.cancel, name="cancel_plan"),
    path("desk/<slug:series>/rounds/<uuid:uid>/end/", ends.move, name="move_end"),
    path("desk/<slug:series>/rounds/<uuid:uid>/reopen/", ends.reopen, name="reopen_round"),
    path("desk/<slug:series>/rounds/<uuid:uid>/stop-mails/", ends.stop_mails, name="stop_mails_of_round"),
    path("desk/<slug:series>/rounds/<uuid:uid>/again/", next_round.plan, name="plan_again"),
    path("desk/<slug:series>/rounds/<uuid:uid>/open/", next_round.open_planned, name="open_round"),
]
