"""States and the moves between them, as data."""

from __future__ import annotations

from typing import Final

from django.db.models import TextChoices


class RoundState(TextChoices):
    """A round is planned, then answered, then read."""

    DRAFT = "draft", "draft"
    OPEN = "open", "open"
    CLOSED = "closed", "closed"


ROUND_MOVES: Final = {"draft": {"open"}, "open": {"closed"}, "closed": set[str]()}
