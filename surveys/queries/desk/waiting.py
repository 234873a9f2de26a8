"""What of panels waits on their moderators: who asks at the door of a link, and whose mails were not delivered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.db.models import Count, Exists, Min, OuterRef, UUIDField, Value

from accounts.waiting import NOT_DELIVERED
from surveys.models import LinkRequest, Mail, Round
from surveys.values.waiting import PanelMatter

if TYPE_CHECKING:
    from collections.abc import Collection
    from uuid import UUID

COLUMNS: Final = ("number", "since")


def panel_matters(series_uids: Collection[UUID]) -> tuple[PanelMatter, ...]:
    """Return what waits at the panels of these series, by numbers alone; one query.

    A mail that was not delivered waits while its round is open and no later one to the same person took its place.
    """
    requests = LinkRequest.objects.filter(
        state=LinkRequest.State.OPEN, panelist__panel__series__uid__in=series_uids
    ).order_by()
    later = Mail.objects.filter(panelist=OuterRef("panelist"), round=OuterRef("round"), pk__gt=OuterRef("pk"))
    mails = Mail.objects.filter(
        ~Exists(later.exclude(state=Mail.State.FAILED)),
        state=Mail.State.FAILED,
        error_code__in=NOT_DELIVERED,
        round__state=Round.State.OPEN,
        panelist__withdrawn_at=None,
        round__panel__series__uid__in=series_uids,
    ).order_by()
    asked = requests.values("panelist__panel__uid").annotate(number=Count("pk"), since=Min("asked_at"))
    returned = mails.values("round__panel__uid", "round__uid").annotate(
        number=Count("panelist", distinct=True), since=Min("queued_at")
    )
    rows = asked.values_list(
        Value("link_request"), "panelist__panel__uid", Value(None, output_field=UUIDField()), *COLUMNS
    ).union(returned.values_list(Value("mail_returned"), "round__panel__uid", "round__uid", *COLUMNS))
    return tuple(PanelMatter(*row) for row in rows)
