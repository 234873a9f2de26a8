"""The desk's page of what the panelists of a series agree to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.doors import capability_required
from accounts.rules import actors
from surveys.errors import BadPanelError
from surveys.queries.desk.consent import consent_page
from surveys.states import LIFECYCLES, capability
from surveys.usecases.consents import translate_consent, word_consent
from surveys.web.desk.forms import ConsentForm

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from accounts.models import Series


@capability_required(GET=capability("consent_page"), POST=capability("translate_consent"))
def consent(request: HttpRequest, series: Series) -> HttpResponse:
    """Show the words of the consent, and give it new ones; what is refused stays in its form."""
    page = consent_page(series)
    sent = request.method == "POST"
    may = LIFECYCLES.acts_of(actors(request.user, series))
    form = ConsentForm(request.POST if sent else None, stands=page.stands, may_say_days="word_consent" in may)
    if sent and form.is_valid():
        keep = word_consent if "word_consent" in may else translate_consent
        try:
            made = keep(series, **form.words(), by=request.user.get_username(), at=timezone.now())
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
            return redirect("surveys:desk_consent", series=series.slug)
    context = {"page": page, "form": form, "may_word": "translate_consent" in may}
    return render(request, "surveys/desk_consent.html", context, status=422 if form.errors else 200)
