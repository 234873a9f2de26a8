"""Which panels' tables of pairs are kept, and for how many days that was promised."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Min

from surveys.models import Consent, Panel, Round
from surveys.queries.panelist.consent import consent_terms
from surveys.values.rounds import KeptPairs

if TYPE_CHECKING:
    from uuid import UUID


def kept_pairs() -> tuple[KeptPairs, ...]:
    """Return the panels whose table is still there; three queries a panel."""
    return tuple(_kept(panel) for panel in Panel.objects.filter(pairs_destroyed_at=None).select_related("series"))


def pairs_of_round(uid: UUID) -> KeptPairs | None:
    """Return what is kept of the panel of a round, None where there is no such round; four queries."""
    panel = Panel.objects.select_related("series").filter(rounds__uid=uid).first()
    return _kept(panel) if panel else None


def _kept(panel: Panel) -> KeptPairs:
    rounds = list(Round.objects.filter(panel=panel).order_by("number").values_list("uid", "state"))
    promised = Consent.objects.filter(panelist__panel=panel).aggregate(least=Min("days"))["least"]
    agreed_before = promised is None and panel.panelists.filter(started_at__isnull=False).exists()
    return KeptPairs(
        panel_uid=panel.uid,
        rounds=tuple(uid for uid, _state in rounds),
        is_at_work=any(state != Round.State.CLOSED for _uid, state in rounds),
        days=None if agreed_before else consent_terms(panel).days if promised is None else promised,
        destroyed_at=panel.pairs_destroyed_at,
    )
