"""The moderators' page of what the panelists of a series agree to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.methods import require_http_methods
from accounts.rules import moderated_series
from surveys.errors import BadPanelError
from surveys.queries.desk.consent import consent_page
from surveys.usecases.consents import word_consent
from surveys.web.desk.forms import ConsentForm

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def consent(request: HttpRequest, series: str) -> HttpResponse:
    """Show the words of the consent, and give it new ones; what is refused stays in its form."""
    found = moderated_series(request.user).filter(slug=series).first()
    if found is None:
        raise Http404
    page = consent_page(found)
    sent = request.method == "POST"
    form = ConsentForm(request.POST if sent else None, stands=page.stands)
    if sent and form.is_valid():
        try:
            made = word_consent(found, **form.words(), by=request.user.get_username(), at=timezone.now())
        except BadPanelError as error:
            form.refuse(str(error.facts["field"]))
        else:
            is_new = made.number != page.stands.number
            told = (
                _("Version {number} stands from now on.")
                if is_new
                else _("Nothing is changed: version {number} stands.")
            )
            messages.success(request, told.format(number=made.number))
            return redirect("surveys:desk_consent", series=series)
    context = {"page": page, "form": form}
    return render(request, "surveys/desk_consent.html", context, status=422 if form.errors else 200)
