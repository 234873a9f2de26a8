"""Addresses of signing in and out, under the names by which allauth knows them."""

from __future__ import annotations

from django.urls import path

from accounts.methods import require_http_methods
from accounts.parameters import reads
from accounts.views import SignIn, SignOut

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
]
