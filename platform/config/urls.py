"""Addresses of the whole project."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import admin
from django.urls import include, path
from django.views.decorators.csrf import csrf_exempt
from django.views.i18n import set_language

from accounts.methods import require_http_methods, require_safe
from config.health import healthz
from demo import mails
from scoring.web.panelist.own_page import mine
from surveys.web.panelist.access import known_device_required

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from surveys.web.panelist.access import PanelistVisit


@require_safe
@known_device_required
def own_page(request: HttpRequest, visit: PanelistVisit) -> HttpResponse:
    """Show her own page, which joins both apps: the surveys' door, the scoring's weights."""
    return mine(request, visit.token)


urlpatterns = [
    path("healthz", healthz),
    path("admin/", admin.site.urls),
    # without a token: public pages set no cookie, and a language chosen for somebody else does her no harm
    path("language/", csrf_exempt(require_http_methods(["GET", "HEAD", "POST"])(set_language)), name="set_language"),
    path("mails/", mails.box, name="mails"),
    path("mails/<str:key>/", mails.mail, name="mail"),
    path("mails/<str:key>/html/", mails.mail_as_html, name="mail_html"),
    path("api/v1/", include("scoring.api.urls")),
    path("api/v1/", include("surveys.api.urls")),
    path("api/v1/", include("accounts.api.urls")),
    path("p/<str:token>/mine/", own_page, name="mine"),
    path("", include("accounts.urls")),
    # before the other: to that one a page such as frameworks/ could be an edition
    path("", include("surveys.web.urls")),
    path("", include("scoring.web.urls")),
]

# an API client gets the same refusals as problem details
handler400 = "config.errors.bad_request"
handler403 = "config.errors.permission_denied"
handler404 = "config.errors.page_not_found"
handler500 = "config.errors.server_error"
