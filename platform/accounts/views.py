"""Signing in and out, and the page that asks to wait after too many wrong passwords."""

from __future__ import annotations

from typing import TYPE_CHECKING

from allauth.account.views import LoginView, LogoutView
from django.conf import settings
from django.shortcuts import render

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from accounts.password_attempts import TooManyAttemptsError


class SignIn(LoginView):  # type: ignore[misc]  # allauth is untyped
    """Sign in with user name and password."""

    template_name = "accounts/sign_in.html"


class SignOut(LogoutView):  # type: ignore[misc]
    """Sign out; by POST alone, so that no link or picture does it."""

    allowed = ("POST", "OPTIONS")
    http_method_names = ("post", "options")


def too_many_attempts(request: HttpRequest, refusal: TooManyAttemptsError) -> HttpResponse:
    """Say how long no password is looked at; the page is the same whether there is such an account or not."""
    context = {"minutes": -(-refusal.wait // 60), "contact": settings.CONTACT}
    response = render(request, "accounts/too_many_attempts.html", context, status=429)
    response["Retry-After"] = str(refusal.wait)
    response["Cache-Control"] = "no-store"
    return response
