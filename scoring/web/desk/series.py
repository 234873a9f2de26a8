"""The desk's first page, with all series of whoever signed in, and the page of one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import states as accounts
from accounts.doors import actor_and_time, capability_required
from accounts.methods import require_safe
from accounts.rules import actors, may_begin_series, series_of
from accounts.usecases.series import name_licence
from scoring.queries.desk import series as queries
from scoring.queries.desk.home import desk_page
from scoring.states import capability
from scoring.web.desk.forms import LicenceForm

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from accounts.models import Series

REFUSED = 422


@require_safe
@login_required
def desk(request: HttpRequest) -> HttpResponse:
    """Show what waits on her, what runs, and the series she works on with the next step of each edition."""
    user = request.user
    hers, may_begin = series_of(user), may_begin_series(user)
    page = desk_page(hers, may_begin=may_begin, reader=user.get_username(), at=timezone.now())
    return render(request, "scoring/desk.html", {"page": page})


@capability_required(GET=capability("desk_series_page"))
def desk_series(request: HttpRequest, series: Series) -> HttpResponse:
    """Show a series' editions, panels and rounds."""
    return _show(request, series)


def _show(request: HttpRequest, series: Series, form: LicenceForm | None = None, *, status: int = 200) -> HttpResponse:
    """Render the series; a refused form stands with what was entered."""
    page = queries.desk_series_page(series, actors(request.user, series))
    form = form or LicenceForm(initial={"licence": page.licence})
    return render(request, "scoring/desk_series.html", {"page": page, "form": form}, status=status)


@capability_required(POST=accounts.capability("name_licence"))
def licence(request: HttpRequest, series: Series) -> HttpResponse:
    """Say under which licence the series' own work stands from its next release on."""
    form = LicenceForm(request.POST)
    if not form.is_valid():
        return _show(request, series, form, status=REFUSED)
    name_licence(series, licence=form.cleaned_data["licence"], **actor_and_time(request))
    messages.success(request, _("The licence is kept. The next release names it."))
    return redirect("scoring:desk_series", series=series.slug)
