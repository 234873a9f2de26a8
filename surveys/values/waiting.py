"""What waits on the moderators of panels, in numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID


@dataclass(frozen=True, slots=True)
class PanelMatter:
    """Something at a panel that its moderators settle.

    Attributes
    ----------
    kind : str
        ``link_request``: somebody asks at the door of a link; ``mail_returned``: mails that were not delivered.
    panel_uid : UUID
        The panel.
    round_uid : UUID | None
        Of mails the round that they are about.
    count : int
        How many requests, or people whose mails came back.
    since : datetime
        Since when the first of them waits.
    """

    kind: str
    panel_uid: UUID
    round_uid: UUID | None
    count: int
    since: datetime
