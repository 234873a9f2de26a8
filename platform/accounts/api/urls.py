"""Addresses of the API that speak of people and roles."""

from __future__ import annotations

from django.urls import path

from accounts.api import people, series

app_name = "accounts_api"
PEOPLE = "series/<slug:series>/people/"
INVITATION = "series/<slug:series>/invitations/"
urlpatterns = [
    path("series/<slug:series>/settings/", series.SettingsView.as_view(), name="settings"),
    path(PEOPLE, people.PeopleView.as_view(), name="people"),
    path(PEOPLE + "<int:account>/roles/<slug:role>/", people.RoleView.as_view(), name="role"),
    path(INVITATION, people.InvitationListView.as_view(), name="invitations"),
    path(INVITATION + "<uuid:uid>/", people.InvitationView.as_view(), name="invitation"),
    path(INVITATION + "<uuid:uid>/mails/", people.InvitationMailView.as_view(), name="invitation-mails"),
]
