"""Signing in and out, one's own account, and the page that asks to wait after too many wrong passwords."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from allauth.account.adapter import get_adapter
from allauth.account.utils import passthrough_next_redirect_url
from allauth.account.views import LoginView, LogoutView, PasswordChangeView
from allauth.mfa.webauthn.internal.auth import begin_authentication
from allauth.mfa.webauthn.views import LoginWebAuthnView, ReauthenticateWebAuthnView
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.account_page import account_page
from accounts.doors import actor_and_time
from accounts.forms import DailyMailForm, LanguageForm
from accounts.parameters import reads
from accounts.throttles import seconds_to_wait
from accounts.usecases.people import choose_daily_mail, choose_language

if TYPE_CHECKING:
    from django.forms import Form
    from django.http import HttpRequest, HttpResponse
    from django.http.response import HttpResponseBase

    from accounts.models import User
    from accounts.password_attempts import TooManyAttemptsError


class SignIn(LoginView):  # type: ignore[misc]  # allauth is untyped
    """Sign in with user name and password."""

    template_name = "accounts/sign_in.html"


class SignOut(LogoutView):  # type: ignore[misc]
    """Sign out; by POST alone, so that no link or picture does it."""

    allowed = ("POST", "OPTIONS")
    http_method_names = ("post", "options")


class PasskeySignIn(LoginWebAuthnView):  # type: ignore[misc]
    """Sign in with a passkey: the sign-in page's script asks here what is to be signed, and its form brings the answer."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:  # noqa: ARG002
        """Say what is to be signed; it is kept in a session, so that each question counts."""
        if seconds := seconds_to_wait(request, "passkey"):
            return JsonResponse({}, status=429, headers={"Retry-After": str(seconds)})
        return JsonResponse({"request_options": begin_authentication(user=None)})

    def form_invalid(self, form: Form) -> HttpResponse:
        """Say on the sign-in page that it was not accepted, and keep where she wanted to go."""
        return _refused_passkey(self.request, form, "account_login")


class ConfirmPasskey(ReauthenticateWebAuthnView):  # type: ignore[misc]
    """Confirm with a passkey that it is she."""

    def form_invalid(self, form: Form) -> HttpResponse:
        """Say on the same page that it was not accepted."""
        return _refused_passkey(self.request, form, "mfa_reauthenticate_webauthn")


def _refused_passkey(request: HttpRequest, form: Form, name: str) -> HttpResponse:
    for message in form.errors.get("credential", []):
        get_adapter().add_message(request, messages.ERROR, message=message)
    return HttpResponseRedirect(passthrough_next_redirect_url(request, reverse(name), "next"))


class OwnPassword(PasswordChangeView):  # type: ignore[misc]
    """Change one's own password."""

    template_name = "accounts/password.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Lead back who has no password: one is given to her, not made by her."""
        if request.user.is_authenticated and not request.user.has_usable_password():
            return redirect("mfa_index")
        return cast("HttpResponseBase", super().dispatch(request, *args, **kwargs))


@reads()
@login_required
def own_account(request: HttpRequest) -> HttpResponse:
    """Show one's own account, and take the language that the site is to write in."""
    user = cast("User", request.user)
    form = LanguageForm(request.POST or None, initial={"language": user.language or settings.LANGUAGE_CODE})
    if form.is_valid():
        language = form.cleaned_data["language"]
        choose_language(user, language=language, by=user.get_username(), at=timezone.now())
        messages.success(request, _("The language is saved."))
        return redirect("mfa_index")
    context = {"page": account_page(user), "form": form, "daily": DailyMailForm(initial={"is_wanted": user.daily_mail})}
    return render(request, "accounts/account.html", context)


@login_required
def daily_mail(request: HttpRequest) -> HttpResponse:
    """Take whether she is mailed once a day what waits on her."""
    form = DailyMailForm(request.POST)
    if form.is_valid():  # a box is ticked, or it is not
        wanted = form.cleaned_data["is_wanted"]
        choose_daily_mail(cast("User", request.user), is_wanted=wanted, **actor_and_time(request))
        messages.success(request, _("You are mailed once a day.") if wanted else _("The daily mail is stopped."))
    return redirect("mfa_index")


def too_many_attempts(request: HttpRequest, refusal: TooManyAttemptsError) -> HttpResponse:
    """Say how long no password is looked at; the page is the same whether there is such an account or not."""
    context = {"minutes": -(-refusal.wait // 60), "contact": settings.CONTACT}
    response = render(request, "accounts/too_many_attempts.html", context, status=429)
    response["Retry-After"] = str(refusal.wait)
    response["Cache-Control"] = "no-store"
    return response
