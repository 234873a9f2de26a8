"""Addresses of signing in and out, under the names by which allauth knows them."""

from __future__ import annotations

from django.urls import path

from accounts.parameters import reads
from accounts.views import SignIn, SignOut

urlpatterns = [
    path("sign-in/", reads("next")(SignIn.as_view()), name="account_login"),
    path("sign-out/", reads("next")(SignOut.as_view()), name="account_logout"),
]
