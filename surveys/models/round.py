"""One wave of asking a panel, and the pairs it asks."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q

from surveys.models.framework import Criterion, FrameworkVersion
from surveys.models.panel import Panel
from surveys.states import RoundState

if TYPE_CHECKING:
    from datetime import datetime


class Round(models.Model):
    """One wave of asking (a Delphi round) on one frozen framework version.

    ``follows`` is the earlier round whose open items this one asks again. ``finish_until`` is set when a moderator announces
    the end: nobody new starts, those who started may finish until then. ``stop_within`` is how little further answers must
    still move any weight before a panelist is offered to stop. ``drafts_count``: whether complete nodes of panelists who
    did not hand in count. ``promise_fingerprint`` is that of what was told at the opening (`values.promises`): from then on
    triggers keep it, and ``opens_at`` with it; ``closes_at`` moves outwards only; ``finish_until`` may be moved, but not
    taken back. ``at_closing`` are its `RoundFacts`, kept from its closing on; a round that is opened again has none, and a
    new end. ``locked_at`` is set when a method freeze takes the round: from then on nothing of it is deleted, and it is not
    opened again. ``opens_at`` of a planned round is the hour at which a worker opens it; ``not_opened`` says why it could not
    (code and facts of the refusal, with the moment).
    """

    State = RoundState

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    panel = models.ForeignKey(Panel, on_delete=models.PROTECT, related_name="rounds")
    version = models.ForeignKey(FrameworkVersion, on_delete=models.PROTECT, related_name="rounds")
    number = models.PositiveIntegerField(default=1)
    state = models.CharField(max_length=16, choices=State, default=State.DRAFT)
    follows = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="followed_by")
    seed = models.PositiveBigIntegerField(default=0)
    opens_at = models.DateTimeField(null=True, blank=True)
    closes_at = models.DateTimeField(null=True, blank=True)
    finish_until = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    locked_at = models.DateTimeField(null=True, blank=True)
    stop_within = models.FloatField(default=0.02)
    drafts_count = models.BooleanField(default=False)
    promise_fingerprint = models.CharField(max_length=64, blank=True)
    at_closing = models.JSONField(null=True, blank=True)
    not_opened = models.JSONField(null=True, blank=True)

    class Meta:
        ordering = ["panel", "number"]
        constraints = [
            models.UniqueConstraint(fields=["panel", "number"], name="round_number_once"),
            # two rounds of a panel are never open at once
            models.UniqueConstraint(fields=["panel"], condition=Q(state="open"), name="round_one_open"),
            models.CheckConstraint(condition=Q(state__in=RoundState.values), name="round_state_known"),
            models.CheckConstraint(
                condition=Q(closes_at__isnull=True) | Q(opens_at__isnull=True) | Q(closes_at__gt=F("opens_at")),
                name="round_closes_after_it_opens",
            ),
            models.CheckConstraint(
                condition=(Q(state="closed") & Q(closed_at__isnull=False))
                | (~Q(state="closed") & Q(closed_at__isnull=True)),
                name="round_closed_is_dated",
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True, at_closing__isnull=True)
                | Q(closed_at__isnull=False, at_closing__isnull=False),
                name="round_closed_keeps_its_facts",
            ),
            models.CheckConstraint(condition=Q(stop_within__gt=0, stop_within__lt=1), name="round_stop_is_a_share"),
            models.CheckConstraint(
                condition=Q(locked_at__isnull=True) | Q(state="closed"), name="round_locked_is_closed"
            ),
        ]
        indexes = [
            # beat's question: which open rounds are due?
            models.Index(fields=["state", "closes_at"], name="round_due"),
        ]

    def __str__(self) -> str:
        return f"{self.panel}, round {self.number}"

    @property
    def ends_at(self) -> datetime | None:
        """When it ends: the one date that pages, mails and API tell."""
        return self.finish_until or self.closes_at


class Comparison(models.Model):
    """A pair to be asked under one parent: item a beside item b, in the framework's order, never a screen's."""

    round = models.ForeignKey(Round, on_delete=models.CASCADE, related_name="comparisons")
    parent = models.ForeignKey(Criterion, on_delete=models.PROTECT, related_name="comparisons")
    a = models.ForeignKey(Criterion, on_delete=models.PROTECT, related_name="+")
    b = models.ForeignKey(Criterion, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["round", "a", "b"], name="comparison_once"),
            models.CheckConstraint(condition=~Q(a=F("b")), name="comparison_of_two_items"),
        ]

    def __str__(self) -> str:
        return f"{self.a_id} or {self.b_id}"
