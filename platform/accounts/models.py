"""Users, series of editions, and who does what in a series."""

from __future__ import annotations

import uuid
from datetime import UTC
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models.functions import Lower

from accounts.lifecycle import MEMBERS
from accounts.names import localised
from accounts.states import InvitationState, MailState
from accounts.units import UnitKind

if TYPE_CHECKING:
    from datetime import datetime


class User(AbstractUser):
    """A person with an account, at work on series. Panelists have none."""

    language = models.CharField(max_length=16, blank=True)
    # whether she is mailed once a day what waits on her
    daily_mail = models.BooleanField(default=True)


class Series(models.Model):
    """A ranking that appears again and again, such as "LAS Smart City Ranking"; owns its editions, panels and roles."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    slug = models.SlugField(unique=True)
    names = models.JSONField()
    descriptions = models.JSONField(default=dict)
    languages = models.JSONField(default=list)
    contact = models.EmailField(blank=True)
    # of its desk: in it hours are shown, and typed in
    time_zone = models.CharField(max_length=64, default="UTC")
    # of the series' own work: weights, scores, ranks and texts; empty where nobody said
    licence = models.CharField(max_length=200, blank=True)
    # what it ranks, as its pages, mails and charts say it; fixed with the first release, whose pages must not change
    unit_kind = models.CharField(max_length=16, choices=UnitKind, default=UnitKind.CITY)
    is_unit_kind_fixed = models.BooleanField(default=False, editable=False)
    is_demonstration = models.BooleanField(default=False)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "series"
        ordering = ["slug"]
        constraints = [
            models.CheckConstraint(condition=models.Q(unit_kind__in=UnitKind.values), name="series_unit_kind_known"),
        ]

    def __str__(self) -> str:
        return localised(self.names, "en")

    @property
    def name(self) -> str:
        """The name in the reader's language."""
        return localised(self.names)

    @property
    def zone(self) -> ZoneInfo:
        """The time zone of its desk; UTC where this machine does not know it."""
        try:
            return ZoneInfo(self.time_zone)
        except (ZoneInfoNotFoundError, ValueError):
            return ZoneInfo("UTC")


class RoleQuerySet(models.QuerySet["Role"]):
    """Roles, also by the day."""

    def standing(self, at: datetime) -> RoleQuerySet:
        """Keep those that stand: a role ends after its last day (UTC)."""
        return self.exclude(last_day__lt=at.astimezone(UTC).date())


class Role(models.Model):
    """What a user may do in a series, until when, and who has it after her; a reviewer's deputy acts in her place."""

    class Kind(models.TextChoices):
        """The roles of a series: those of `accounts.lifecycle.MEMBERS`."""

        OWNER = "owner", "owner"
        MODERATOR = "moderator", "moderator"
        REVIEWER = "reviewer", "reviewer"
        DATA_STEWARD = "data_steward", "data steward"
        TRANSLATOR = "translator", "translator"
        OBSERVER = "observer", "observer"

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="roles")
    series = models.ForeignKey(Series, on_delete=models.CASCADE, related_name="roles")
    kind = models.CharField(max_length=16, choices=Kind)
    last_day = models.DateField(null=True, blank=True)
    successor = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="succeeds")
    deputy = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="deputises")

    objects: RoleQuerySet = RoleQuerySet.as_manager()  # type: ignore[assignment]  # it is both

    class Meta:
        constraints = [
            # answers: has she this role here? and keeps one row for it
            models.UniqueConstraint(fields=["user", "series", "kind"], name="role_once"),
            models.CheckConstraint(condition=models.Q(kind__in=list(map(str, MEMBERS))), name="role_kind_known"),
            models.CheckConstraint(
                condition=models.Q(deputy__isnull=True) | models.Q(kind="reviewer"), name="role_deputy_of_reviewer"
            ),
            models.CheckConstraint(
                condition=models.Q(successor__isnull=True) | models.Q(last_day__isnull=False),
                name="role_successor_after_last_day",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} {self.kind} of {self.series}"


class Invitation(models.Model):
    """A role in a series, offered to whoever reads the mails of an address; its link opens until it is taken up or ends."""

    State = InvitationState

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    series = models.ForeignKey(Series, on_delete=models.CASCADE, related_name="invitations")
    kind = models.CharField(max_length=16, choices=Role.Kind)
    email = models.EmailField()
    language = models.CharField(max_length=16)
    state = models.CharField(max_length=16, choices=State, default=State.OPEN)
    invited_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="invited")
    invited_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    taken_up_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="taken_up")
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            # one open invitation an address and role, however often the form is sent
            models.UniqueConstraint(
                Lower("email"), "series", "kind", condition=models.Q(state="open"), name="invitation_open_once"
            ),
            models.CheckConstraint(condition=models.Q(state__in=InvitationState.values), name="invitation_state_known"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.series} to {self.email}"


class QueuedMail(models.Model):
    """A mail that waits to be sent, or was; the row is the queue, and its history is kept."""

    State = MailState

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    state = models.CharField(max_length=16, choices=State, default=State.QUEUED)
    queued_at = models.DateTimeField()
    attempts = models.PositiveIntegerField(default=0)
    claimed_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    error_code = models.CharField(max_length=64, blank=True)

    class Meta:
        abstract = True


class AccountMail(QueuedMail):
    """A mail about an account: an invitation, the way to a new password, or what waits on a user on a day.

    The links that it carries stand in no row; they are written when it is sent. Who asks for a new password may type any
    address, so whether somebody signs in with it is looked up by the worker alone.
    """

    class Kind(models.TextChoices):
        """What the mail is about."""

        INVITATION = "invitation", "invitation"
        PASSWORD = "password", "password"
        WAITING = "waiting", "what waits"

    kind = models.CharField(max_length=16, choices=Kind)
    email = models.EmailField(blank=True)
    language = models.CharField(max_length=16)
    invitation = models.ForeignKey(Invitation, null=True, blank=True, on_delete=models.CASCADE, related_name="mails")
    user = models.ForeignKey(User, null=True, blank=True, on_delete=models.CASCADE, related_name="daily_mails")
    day = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(state__in=MailState.values), name="account_mail_state_known"),
            models.CheckConstraint(
                condition=models.Q(kind="invitation", invitation__isnull=False, user__isnull=True, day__isnull=True)
                | models.Q(kind="password", invitation__isnull=True, user__isnull=True, day__isnull=True)
                | models.Q(kind="waiting", invitation__isnull=True, user__isnull=False, day__isnull=False),
                name="account_mail_kind_known",
            ),
            # nobody is mailed twice a day what waits on her, however many workers look
            models.UniqueConstraint(
                fields=["user", "day"], condition=models.Q(kind="waiting"), name="account_mail_waiting_once_a_day"
            ),
        ]
        indexes = [
            # the sweep's question: what waits, oldest first?
            models.Index(fields=["state", "queued_at"], name="account_mail_waiting"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} queued {self.queued_at}"
