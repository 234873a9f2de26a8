"""Who is asked: panels and their panelists, and the mail that invites them."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from accounts.models import Series
from accounts.names import localised


class Panel(models.Model):
    """A group of invited experts of a series."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    series = models.ForeignKey(Series, on_delete=models.PROTECT, related_name="panels")
    slug = models.SlugField()
    names = models.JSONField()
    is_simulated = models.BooleanField(default=False)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["series", "slug"], name="panel_slug_once")]

    def __str__(self) -> str:
        return localised(self.names, "en")

    @property
    def name(self) -> str:
        """The name in the reader's language."""
        return localised(self.names)


class Panelist(models.Model):
    """An invited expert: known in results by code only. The personal token is stored hashed."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    panel = models.ForeignKey(Panel, on_delete=models.PROTECT, related_name="panelists")
    code = models.CharField(max_length=32)
    name = models.CharField(max_length=200, blank=True)
    email = models.EmailField(blank=True)
    group = models.CharField(max_length=100, blank=True)
    language = models.CharField(max_length=16, default="en")
    field = models.CharField(max_length=100, blank=True)
    weight = models.FloatField(default=1.0)
    token_version = models.PositiveIntegerField(default=1)
    token_hash = models.CharField(max_length=64, unique=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["panel", "code"]
        constraints = [
            models.UniqueConstraint(fields=["panel", "code"], name="panelist_code_once"),
            models.CheckConstraint(condition=Q(weight__gte=0), name="panelist_weight_not_negative"),
        ]

    def __str__(self) -> str:
        return self.code


class Mail(models.Model):
    """One mail to one panelist; the row is the queue, and its history is kept."""

    class Kind(models.TextChoices):
        """What the mail is about."""

        INVITATION = "invitation", "invitation"
        REMINDER = "reminder", "reminder"
        FRESH_LINK = "fresh_link", "fresh link"
        RECEIPT = "receipt", "receipt"

    class State(models.TextChoices):
        """Where the mail is."""

        QUEUED = "queued", "queued"
        SENDING = "sending", "sending"
        SENT = "sent", "sent"
        FAILED = "failed", "failed"

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    panelist = models.ForeignKey(Panelist, on_delete=models.CASCADE, related_name="mails")
    round = models.ForeignKey("surveys.Round", on_delete=models.CASCADE, related_name="mails")
    kind = models.CharField(max_length=16, choices=Kind)
    state = models.CharField(max_length=16, choices=State, default=State.QUEUED)
    queued_at = models.DateTimeField()
    attempts = models.PositiveIntegerField(default=0)
    claimed_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    error_code = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [
            # one invitation a panelist and round, however often the task runs
            models.UniqueConstraint(
                fields=["panelist", "round"], condition=Q(kind="invitation"), name="mail_invitation_once"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["queued", "sending", "sent", "failed"]), name="mail_state_known"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["invitation", "reminder", "fresh_link", "receipt"]), name="mail_kind_known"
            ),
        ]
        indexes = [
            # the sweep's question: what waits, oldest first?
            models.Index(fields=["state", "queued_at"], name="mail_waiting"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} to {self.panelist_id}"
