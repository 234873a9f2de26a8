"""What a panelist may choose, as the models keep it and the pages say it."""

from __future__ import annotations

from django.db.models import TextChoices


class AnswerList(TextChoices):
    """The list an answer was taken from: the five answers, or the finer steps from 1 to 9."""

    FIVE = "five", "five answers"
    FINER = "finer", "finer steps"


class NodeAnswering(TextChoices):
    """How she answers a node: every pair, the short set, no more than is answered (the rest is not needed), or not her field."""

    ALL = "all", "all"
    SHORT = "short", "short"
    ENOUGH = "enough", "enough"
    SKIP = "skip", "skip"
