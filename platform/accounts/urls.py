"""Addresses of signing in and out, under the names by which allauth knows them."""

from __future__ import annotations

from django.urls import path

from accounts.methods import require_http_methods
from accounts.parameters import reads
from accounts.views import SignIn, SignOut
from accounts.web import people
from accounts.web.first_start import first_start
from accounts.web.invitation import invitation
from accounts.web.password import NewPassword, password_link
from accounts.web.series import begin

KNOWN_METHODS = require_http_methods(
    ["GET", "HEAD", "POST"]
)  # allauth leads who is in elsewhere before it looks at them

urlpatterns = [
    path("sign-in/", KNOWN_METHODS(reads("next")(SignIn.as_view())), name="account_login"),
    path(
        "sign-out/",
        require_http_methods(SignOut.allowed)(reads("next")(SignOut.as_view())),
        name="account_logout",
    ),
    path("start/", first_start, name="first_start"),
    path("invitations/<str:token>/", invitation, name="invitation"),
    path("account/password-link/", password_link, name="password_link"),
    path(
        "account/password/<str:uidb64>/<str:token>/",
        KNOWN_METHODS(reads()(NewPassword.as_view())),
        name="account_new_password",
    ),
    path("series/begin/", begin, name="begin_series"),
    path("people/<slug:series>/", people.people, name="people"),
    path("people/<slug:series>/invite/", people.invite, name="invite"),
    path("people/<slug:series>/invitations/<uuid:uid>/again/", people.invite_again, name="invite_again"),
    path("people/<slug:series>/invitations/<uuid:uid>/withdraw/", people.withdraw, name="withdraw_invitation"),
    path("people/<slug:series>/give/", people.give, name="give_role"),
    path("people/<slug:series>/take/", people.take, name="take_role"),
]
