"""The indicator system: a tree of criteria in versions; a frozen version never changes (a trigger sees to it)."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from accounts.models import Series
from accounts.names import localised
from surveys.states import FrameworkState


class Framework(models.Model):
    """An indicator system of one series, or shared between all where it names none."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    series = models.ForeignKey(Series, null=True, blank=True, on_delete=models.PROTECT, related_name="frameworks")
    slug = models.SlugField(unique=True)
    names = models.JSONField()

    def __str__(self) -> str:
        return localised(self.names, "en")

    @property
    def name(self) -> str:
        """The name in the reader's language."""
        return localised(self.names) or self.slug


class FrameworkVersion(models.Model):
    """One version of a framework; rounds and editions join a version, never the framework itself."""

    State = FrameworkState

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    framework = models.ForeignKey(Framework, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=16, choices=State, default=State.DRAFT)
    created_at = models.DateTimeField()
    frozen_at = models.DateTimeField(null=True, blank=True)
    fingerprint = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering = ["framework", "number"]
        constraints = [
            models.UniqueConstraint(fields=["framework", "number"], name="framework_version_once"),
            models.CheckConstraint(condition=Q(state__in=FrameworkState.values), name="framework_state_known"),
            models.CheckConstraint(
                condition=Q(state="draft", frozen_at__isnull=True, fingerprint="")
                | (Q(state="frozen", frozen_at__isnull=False) & ~Q(fingerprint="")),
                name="framework_frozen_is_dated_and_fingerprinted",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.framework}, version {self.number}"

    @property
    def is_draft(self) -> bool:
        """Say whether it may still change."""
        return self.state == FrameworkState.DRAFT


class FrameworkChange(models.Model):
    """What a draft held before one change of it, so that the change can be undone; gone once the version is frozen.

    The last one's ``revision`` tells who read an older draft that it changed since.
    """

    version = models.ForeignKey(FrameworkVersion, on_delete=models.CASCADE, related_name="changes")
    revision = models.PositiveIntegerField()
    rows = models.JSONField()
    # undone since, or an undoing itself
    is_undone = models.BooleanField(default=False)
    made_by = models.CharField(max_length=150)
    made_at = models.DateTimeField()

    class Meta:
        ordering = ["version", "revision"]
        constraints = [models.UniqueConstraint(fields=["version", "revision"], name="framework_change_once")]

    def __str__(self) -> str:
        return f"change {self.revision} of {self.version}"


class Criterion(models.Model):
    """A node of the tree, or a further column of the framework file (group, denominator, other)."""

    class Kind(models.TextChoices):
        """COINr's iMeta types."""

        INDICATOR = "Indicator", "indicator"
        AGGREGATE = "Aggregate", "aggregate"
        GROUP = "Group", "group"
        DENOMINATOR = "Denominator", "denominator"
        OTHER = "Other", "other"

    version = models.ForeignKey(FrameworkVersion, on_delete=models.CASCADE, related_name="criteria")
    code = models.CharField(max_length=64)
    parent = models.ForeignKey("self", on_delete=models.CASCADE, null=True, blank=True, related_name="children")
    position = models.PositiveIntegerField()
    level = models.PositiveIntegerField(null=True, blank=True)
    kind = models.CharField(max_length=16, choices=Kind)
    direction = models.SmallIntegerField(default=1)
    weight = models.FloatField(default=1.0)
    unit = models.CharField(max_length=200, blank=True)
    target = models.FloatField(null=True, blank=True)
    denominator = models.CharField(max_length=64, blank=True)
    names = models.JSONField()
    definitions = models.JSONField(default=dict)
    source = models.TextField(blank=True)
    extra = models.JSONField(default=dict)

    class Meta:
        verbose_name_plural = "criteria"
        ordering = ["version", "position"]
        constraints = [
            models.UniqueConstraint(fields=["version", "code"], name="criterion_code_once"),
            models.UniqueConstraint(fields=["version", "position"], name="criterion_position_once"),
            models.CheckConstraint(condition=Q(direction__in=[-1, 1]), name="criterion_direction_is_a_sign"),
            models.CheckConstraint(condition=Q(weight__gte=0), name="criterion_weight_not_negative"),
            models.CheckConstraint(
                condition=Q(kind__in=["Indicator", "Aggregate", "Group", "Denominator", "Other"]),
                name="criterion_kind_known",
            ),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def name(self) -> str:
        """The name in the reader's language, or the code."""
        return localised(self.names) or self.code

    @property
    def definition(self) -> str:
        """The definition in the reader's language."""
        return localised(self.definitions)
