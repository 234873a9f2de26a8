"""What was answered. Judgements are append-only: the last version of a pair counts, and triggers refuse any change."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from surveys.models.framework import Criterion
from surveys.models.panel import Panelist
from surveys.models.round import Comparison, Round
from surveys.values.choices import AnswerList, NodeAnswering


class Judgement(models.Model):
    """An answer: how many times a matters more than b; null takes an earlier answer back (undo).

    ``key`` is the sender's own key of this answer: the same key sent twice is one judgement. ``taken_from`` is the list she
    took it from, empty where that is not known.
    """

    comparison = models.ForeignKey(Comparison, on_delete=models.PROTECT, related_name="judgements")
    panelist = models.ForeignKey(Panelist, on_delete=models.PROTECT, related_name="judgements")
    version = models.PositiveIntegerField()
    value = models.FloatField(null=True)
    taken_from = models.CharField(max_length=8, choices=AnswerList, blank=True)
    key = models.UUIDField(default=uuid.uuid4)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            # two tabs that answer at once: one of them learns that the other was first
            models.UniqueConstraint(fields=["panelist", "comparison", "version"], name="judgement_version_once"),
            models.UniqueConstraint(fields=["panelist", "key"], name="judgement_key_once"),
            models.CheckConstraint(condition=Q(value__isnull=True) | Q(value__gt=0), name="judgement_positive"),
            models.CheckConstraint(condition=Q(version__gte=1), name="judgement_version_from_one"),
            models.CheckConstraint(condition=Q(taken_from__in=["", "five", "finer"]), name="judgement_list_known"),
        ]

    def __str__(self) -> str:
        return f"{self.comparison_id} v{self.version}"

    @property
    def comment(self) -> str:
        """Her reason beside it, empty where she gave none; `reason` is selected with it where many are read."""
        reason = getattr(self, "reason", None)
        return reason.text if reason else ""


class Comment(models.Model):
    """Her reason beside one version of an answer: in no frozen thing, and gone once she withdraws, whatever is frozen."""

    judgement = models.OneToOneField(Judgement, on_delete=models.CASCADE, related_name="reason")
    text = models.TextField()

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(text=""), name="comment_says_something")]

    def __str__(self) -> str:
        return f"reason beside {self.judgement_id}"


class NodeChoice(models.Model):
    """How a panelist wants to answer a node; append-only, the last version counts, none is "all"."""

    Choice = NodeAnswering

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="choices")
    panelist = models.ForeignKey(Panelist, on_delete=models.PROTECT, related_name="choices")
    node = models.ForeignKey(Criterion, on_delete=models.PROTECT, related_name="+")
    version = models.PositiveIntegerField()
    choice = models.CharField(max_length=16, choices=Choice)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["panelist", "round", "node", "version"], name="choice_version_once"),
            models.CheckConstraint(condition=Q(choice__in=["all", "short", "enough", "skip"]), name="choice_known"),
        ]

    def __str__(self) -> str:
        return f"{self.node_id} v{self.version}: {self.choice}"


class TripleDecision(models.Model):
    """What a panelist said to three answers of hers that pull against each other: keep them, or change one.

    Append-only: the row means that she was asked, and no three items are asked about twice. The codes are in order.
    """

    class Choice(models.TextChoices):
        """All three stand as they are, or one of them is looked at again."""

        KEPT = "kept", "kept"
        CHANGED = "changed", "changed"

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="decisions")
    panelist = models.ForeignKey(Panelist, on_delete=models.PROTECT, related_name="decisions")
    node = models.ForeignKey(Criterion, on_delete=models.PROTECT, related_name="+")
    one = models.CharField(max_length=64)
    two = models.CharField(max_length=64)
    three = models.CharField(max_length=64)
    choice = models.CharField(max_length=16, choices=Choice)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            # never asked twice about the same three
            models.UniqueConstraint(fields=["panelist", "round", "one", "two", "three"], name="decision_once"),
            models.CheckConstraint(condition=Q(choice__in=["kept", "changed"]), name="decision_known"),
        ]

    def __str__(self) -> str:
        return f"{self.one}, {self.two}, {self.three}: {self.choice}"


class Submission(models.Model):
    """A panelist's answers of a round, closed by her; ``receipt`` is the fingerprint that she can check later.

    Append-only: the last version counts, and one without a receipt takes the handing in back.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="submissions")
    panelist = models.ForeignKey(Panelist, on_delete=models.PROTECT, related_name="submissions")
    version = models.PositiveIntegerField()
    receipt = models.CharField(max_length=64, blank=True)
    answers = models.PositiveIntegerField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            # handing in twice at once: one of them is the first
            models.UniqueConstraint(fields=["round", "panelist", "version"], name="submission_version_once"),
            models.CheckConstraint(condition=Q(version__gte=1), name="submission_version_from_one"),
            models.CheckConstraint(condition=~Q(receipt="") | Q(answers=0), name="submission_taken_back_holds_none"),
        ]

    def __str__(self) -> str:
        return f"v{self.version}: {self.receipt[:12]}"
