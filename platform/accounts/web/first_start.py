"""The first account of an installation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth import login
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from accounts.errors import NotFirstError
from accounts.links import is_first_owner_key
from accounts.methods import require_http_methods
from accounts.queries import is_begun
from accounts.usecases.people import begin_installation
from accounts.web.forms import FirstOwnerForm

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

REFUSED = 422
BACKEND = "accounts.backends.PasswordBackend"


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@sensitive_post_parameters("key", "password")
def first_start(request: HttpRequest) -> HttpResponse:
    """Make the first account for who has the key; once there is one, there is no such page."""
    if is_begun():
        raise Http404
    form = FirstOwnerForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and not is_first_owner_key(form.cleaned_data["key"], at=timezone.now()):
        form.add_error("key", _("This is not the key of today. The command prints it anew."))
    if not form.is_valid():
        return render(request, "accounts/first_start.html", {"form": form}, status=REFUSED if form.is_bound else 200)
    account = {name: form.cleaned_data[name] for name in ("email", "name", "password", "language")}
    try:
        user = begin_installation(**account, at=timezone.now())
    except NotFirstError:
        raise Http404 from None
    login(request, user, BACKEND)
    return redirect("scoring:desk")
