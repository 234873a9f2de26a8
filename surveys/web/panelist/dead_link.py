"""Links that open nothing: one page in the link's language for all of them, and a fresh link by mail."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation.trans_real import get_supported_language_variant, parse_accept_lang_header
from django.views.decorators.cache import never_cache

from accounts.methods import require_http_methods
from accounts.parameters import reads
from accounts.throttles import seconds_to_wait
from surveys.queries.panelist.links import link_language
from surveys.usecases.requests import ask_by_address
from surveys.web.panelist.forms import AddressForm

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


def activate_language(request: HttpRequest, language: str, *, always: bool = False) -> None:
    """Answer in the link's language, unless the reader chose one on a page, or her browser asks for others alone.

    ``always`` is for links that open nothing: they look alike, whatever the browser asks for.
    """
    if not language or settings.LANGUAGE_COOKIE_NAME in request.COOKIES:
        return
    if always or language in _accepted(request):
        translation.activate(language)
        request.LANGUAGE_CODE = language


def _accepted(request: HttpRequest) -> set[str]:
    """Return the site's languages that the browser asks for; every one where it asks for none."""
    header = request.headers.get("Accept-Language", "")
    found = set()
    for code, _weight in parse_accept_lang_header(header):
        try:
            found.add(get_supported_language_variant(code))
        except LookupError:
            continue
    return found or {code for code, _name in settings.LANGUAGES}


def unknown_link(request: HttpRequest, token: str) -> HttpResponse:
    """Say that the link opens nothing, and what can be done; the same whether it is unknown or no longer opens."""
    activate_language(request, link_language(token), always=True)
    wait = seconds_to_wait(request, "unknown_link")
    if wait:
        return too_often(request, wait)
    return _page(request, token, AddressForm(), status=404)


def too_often(request: HttpRequest, wait: int) -> HttpResponse:
    """Ask to wait a while."""
    context = {"minutes": -(-wait // 60), "contact": settings.CONTACT}
    response = render(request, "surveys/too_often.html", context, status=429)
    response["Retry-After"] = str(wait)
    return response


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@reads("asked")
def fresh_link(request: HttpRequest, token: str) -> HttpResponse:
    """Take a mail address that asks for a fresh link; the answer tells nobody whether it is known."""
    activate_language(request, link_language(token), always=True)
    if request.method != "POST":
        return _page(request, token, AddressForm(), asked="asked" in request.GET)
    form = AddressForm(request.POST)
    if not form.is_valid():
        return _page(request, token, form, status=422)
    email = form.cleaned_data["email"]
    wait = seconds_to_wait(request, "fresh_links") or seconds_to_wait(request, "fresh_link", email.lower())
    if wait:
        return too_often(request, wait)
    ask_by_address(email, at=timezone.now())
    return redirect(reverse("surveys:fresh_link", kwargs={"token": token}) + "?asked")


def _page(
    request: HttpRequest, token: str, form: AddressForm, *, asked: bool = False, status: int = 200
) -> HttpResponse:
    context = {"form": form, "token": token, "contact": settings.CONTACT, "asked": asked}
    response = render(request, "surveys/unknown_link.html", context, status=status)
    response["X-Robots-Tag"] = "noindex"
    return response
