"""What a panelist may choose, as the models keep it and the pages say it."""

from __future__ import annotations

from django.db.models import TextChoices


class NodeAnswering(TextChoices):
    """How she answers a node: every pair, the short set, no more than is answered (the rest is not needed), or not her field."""

    ALL = "all", "all"
    SHORT = "short", "short"
    ENOUGH = "enough", "enough"
    SKIP = "skip", "skip"
