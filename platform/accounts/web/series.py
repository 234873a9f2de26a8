"""Begin a series, and say what it is called and how it speaks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.doors import actor_and_time, capability_required
from accounts.errors import SlugTakenError, UnitKindFixedError
from accounts.methods import require_http_methods
from accounts.rules import may_begin_series
from accounts.states import capability
from accounts.units import UnitKind
from accounts.usecases.series import begin_series, change_series
from accounts.web.first_start import REFUSED
from accounts.web.forms import BeginSeriesForm, SeriesForm

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from accounts.models import Series


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def begin(request: HttpRequest) -> HttpResponse:
    """Begin a series that she owns and moderates."""
    user = request.user
    if user.is_anonymous or not may_begin_series(user):
        raise Http404
    language = get_language() or "en"
    offered = {"contact": user.email, "languages": [language], "unit_kind": UnitKind.CITY}
    form = BeginSeriesForm(request.POST if request.method == "POST" else None, initial=offered)
    if form.is_valid():
        try:
            made = begin_series(user, name_language=language, **form.cleaned_data, at=timezone.now())
        except SlugTakenError:
            form.add_error("slug", _("Another series has this address."))
        else:
            messages.success(request, _("The series is begun: you own and moderate it."))
            return redirect("scoring:desk_series", series=made.slug)
    return render(request, "accounts/begin_series.html", {"form": form}, status=REFUSED if form.errors else 200)


@capability_required(GET=capability("change_series"), POST=capability("change_series"))
def settings(request: HttpRequest, series: Series) -> HttpResponse:
    """Show what a series is called and how it speaks, and change it."""
    form = SeriesForm(request.POST if request.method == "POST" else None, series=series)
    if form.is_valid():
        try:
            change_series(series, **form.said(), **actor_and_time(request))
        except UnitKindFixedError:
            form.add_error("unit_kind", _("A release is out, so the series keeps what it ranks."))
        else:
            messages.success(request, _("The settings are kept."))
            return redirect("scoring:desk_series", series=series.slug)
    context = {"series": series, "form": form}
    return render(request, "accounts/series_settings.html", context, status=REFUSED if form.errors else 200)
