"""A forgotten password: a link by mail, and the page that it opens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import views
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from accounts.acts import note
from accounts.methods import require_http_methods
from accounts.tasks import enqueue
from accounts.throttles import seconds_to_wait
from accounts.usecases.passwords import ask_for_password_link
from accounts.web.first_start import REFUSED
from accounts.web.forms import NewPasswordForm, PasswordLinkForm

if TYPE_CHECKING:
    from django.contrib.auth.forms import SetPasswordForm
    from django.http import HttpRequest, HttpResponse


@require_http_methods(["GET", "HEAD", "POST"])
def password_link(request: HttpRequest) -> HttpResponse:
    """Mail the way to a new password; the answer is the same whether the address is known or not."""
    form = PasswordLinkForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        status = REFUSED if form.is_bound else 200
        return render(request, "accounts/password_link.html", {"form": form}, status=status)
    email = form.cleaned_data["email"].lower()
    wait = seconds_to_wait(request, "password_links") or seconds_to_wait(request, "password_link", email)
    if wait:
        return _too_often(request, form, wait)
    enqueue(ask_for_password_link(email, language=get_language() or "en", at=timezone.now()))
    messages.success(
        request, _("If somebody signs in with {email}, a mail with a link is on its way.").format(email=email)
    )
    return redirect("account_login")


def _too_often(request: HttpRequest, form: PasswordLinkForm, wait: int) -> HttpResponse:
    minutes = -(-wait // 60)
    again = ngettext("Please try again in %(minutes)s minute.", "Please try again in %(minutes)s minutes.", minutes) % {
        "minutes": minutes
    }
    form.add_error(None, f"{_('This was asked for too often.')} {again}")
    response = render(request, "accounts/password_link.html", {"form": form}, status=429)
    response["Retry-After"] = str(wait)
    return response


class NewPassword(views.PasswordResetConfirmView):
    """Choose a new password by a link that works once; she signs in with it afterwards, by all her factors."""

    template_name = "accounts/new_password.html"
    form_class = NewPasswordForm
    success_url = reverse_lazy(settings.LOGIN_URL)

    def form_valid(self, form: SetPasswordForm[Any]) -> HttpResponse:
        """Keep the password, and say so."""
        answer = super().form_valid(form)
        user = form.user
        note("chose", "a new password by mail", by=user.get_username(), at=timezone.now())
        messages.success(self.request, _("The new password is kept. Please sign in with it."))
        return answer

    def form_invalid(self, form: SetPasswordForm[Any]) -> HttpResponse:
        """Show what is refused."""
        return self.render_to_response(self.get_context_data(form=form), status=REFUSED)
