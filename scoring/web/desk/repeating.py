"""The next edition, from one that is there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts.doors import actor_and_time
from scoring.errors import BadEditionError
from scoring.queries.desk.repeating import repeat_page
from scoring.states import capability
from scoring.usecases.editions import repeat_edition
from scoring.web.desk.edition import REFUSED, edition_capability_required
from scoring.web.desk.forms import EditionNameForm

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from scoring.models import Edition


@edition_capability_required(GET=capability("repeat_edition"), POST=capability("repeat_edition"))
def repeat(request: HttpRequest, edition: Edition) -> HttpResponse:
    """Say what the next edition takes over, and begin it."""
    page = repeat_page(edition)
    form = EditionNameForm(request.POST if request.method == "POST" else None, initial={"slug": page.proposed})
    if form.is_valid():
        try:
            made = repeat_edition(edition, slug=form.cleaned_data["slug"], **actor_and_time(request))
        except BadEditionError as error:
            form.refuse(error)
        else:
            messages.success(request, _("The edition is begun. Nobody is mailed before you open a round."))
            return redirect("scoring:desk_edition", series=page.series_slug, edition=made.slug)
    context = {"page": page, "form": form}
    return render(request, "scoring/desk_repeat.html", context, status=REFUSED if form.errors else 200)
