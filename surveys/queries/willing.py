"""Who of a panel may be asked again in another panel."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef, Q

from surveys.models import Judgement, Panel, Panelist

if TYPE_CHECKING:
    from django.db.models import QuerySet


def willing_people(panels: QuerySet[Panel]) -> QuerySet[Panelist]:
    """Return who took part and neither declined, withdrew nor stopped mails; of a panel whose pairs are destroyed nobody.

    Whose answers came in a file or were simulated took part too.
    """
    answered = Exists(Judgement.objects.filter(panelist=OuterRef("pk")))
    return Panelist.objects.filter(
        Q(started_at__isnull=False) | answered,
        panel__in=panels.filter(pairs_destroyed_at=None),
        declined_at=None,
        withdrawn_at=None,
        mails_stopped_at=None,
    )
