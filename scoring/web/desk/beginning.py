"""An edition from a framework and panels of the series."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts.doors import actor_and_time, capability_required
from scoring.errors import BadEditionError
from scoring.queries.desk.beginning import begin_page
from scoring.recipe import RecipeError
from scoring.states import capability
from scoring.usecases.editions import create_edition
from scoring.web.desk.edition import REFUSED
from scoring.web.desk.forms import BeginForm

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from accounts.models import Series


@capability_required(GET=capability("create_edition"), POST=capability("create_edition"))
def begin(request: HttpRequest, series: Series) -> HttpResponse:
    """Ask for the framework and the panels of an edition, and begin it."""
    page = begin_page(series)
    form = BeginForm(request.POST if request.method == "POST" else None, page=page)
    if form.is_valid():
        try:
            made = create_edition(series, **form.cleaned_data, **actor_and_time(request))
        except BadEditionError as error:
            form.refuse(error)
        except RecipeError as error:
            form.refuse_recipe(error)
        else:
            messages.success(request, _("The edition is begun. Nobody is mailed before you open a round."))
            return redirect("scoring:desk_edition", series=series.slug, edition=made.slug)
    context = {"page": page, "form": form}
    return render(request, "scoring/desk_begin.html", context, status=REFUSED if form.errors else 200)
