"""A panelist's own page after the round: her answers, her weights beside the group's, and her receipt in the frozen list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import render

from accounts.methods import require_safe
from scoring.queries.pairs import pairs_end_of
from scoring.queries.panelist.own_weights import own_receipts, own_weights
from surveys import handover

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@require_safe
def mine(request: HttpRequest, token: str) -> HttpResponse:
    """Show her everything that is kept of her and what became of it; the surveys' door stands before it."""
    page = handover.own_page(token)
    context = {
        "page": page,
        "weights": own_weights(page),
        "receipts": own_receipts(page),
        "pairs_end": pairs_end_of(page),
        "token": token,
    }
    return render(request, "scoring/expert_mine.html", context)
