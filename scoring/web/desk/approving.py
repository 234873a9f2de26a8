"""Asking for the approval of a method, and giving it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from accounts.doors import actor_and_time
from scoring.states import capability
from scoring.usecases.approvals import approve_method, ask_approval
from scoring.web.desk.edition import edition_capability_required, refuse_step, step_done
from scoring.web.desk.forms import ApprovalForm

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from scoring.models import Edition


@edition_capability_required(POST=capability("ask_approval"))
def ask(request: HttpRequest, edition: Edition) -> HttpResponse:
    """Ask somebody else to approve the method."""
    ask_approval(edition, **actor_and_time(request))
    return step_done(request, edition, _("Approval is asked for. It stands on the desk of those who may give it."))


@edition_capability_required(POST=capability("approve_method"))
def approve(request: HttpRequest, edition: Edition) -> HttpResponse:
    """Approve what was read, once it is confirmed."""
    form = ApprovalForm(request.POST)
    if not form.is_valid():
        return refuse_step(request, edition, "approval", form)
    approve_method(edition, fingerprint=form.cleaned_data["fingerprint"], **actor_and_time(request))
    return step_done(request, edition, _("The method is approved as you read it."))
