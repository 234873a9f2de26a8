"""What readers of an edition are told beside its numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts.doors import actor_and_time
from scoring.states import EDITION, capability
from scoring.usecases.editions import describe_edition
from scoring.web.desk.edition import REFUSED, edition_capability_required
from scoring.web.desk.forms import TextsForm

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from scoring.models import Edition


@edition_capability_required(GET=capability("describe_edition"), POST=capability("describe_edition"))
def describe(request: HttpRequest, edition: Edition) -> HttpResponse:
    """Show what readers are told, and change it."""
    if request.method != "POST" and not EDITION.allows("describe_edition", edition.state):
        raise Http404
    form = TextsForm(request.POST if request.method == "POST" else None, edition=edition)
    if form.is_valid():
        describe_edition(edition, **form.said(), **actor_and_time(request))
        messages.success(request, _("What readers are told is kept."))
        return redirect("scoring:desk_edition", series=edition.series.slug, edition=edition.slug)
    context = {"edition": edition, "form": form}
    return render(request, "scoring/desk_texts.html", context, status=REFUSED if form.errors else 200)
