"""Who is asked: panels and their panelists, and the mail that invites them."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from accounts.models import QueuedMail, Series
from accounts.names import localised
from accounts.states import MailState
from surveys.states import LinkRequestState


class Panel(models.Model):
    """A group of invited experts of a series."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    series = models.ForeignKey(Series, on_delete=models.PROTECT, related_name="panels")
    slug = models.SlugField()
    names = models.JSONField()
    is_simulated = models.BooleanField(default=False)
    # promised to panelists when they are asked: whether moderators see names beside progress (beside answers never)
    names_shown = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    # how many people are wanted, by "group", "field" and "language"; None where nobody said
    plan = models.JSONField(null=True, blank=True)
    # when the table of pairs, names and addresses were destroyed
    pairs_destroyed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["series", "slug"], name="panel_slug_once")]

    def __str__(self) -> str:
        return localised(self.names, "en")

    @property
    def name(self) -> str:
        """The name in the reader's language."""
        return localised(self.names)


class Panelist(models.Model):
    """An invited expert: known in results by code only.

    ``added_at`` is when she came into the panel, None where that was never noted. ``started_at`` is when she agreed to take
    part, ``named_at`` when she entered or confirmed her name; ``declined_at`` and ``mails_stopped_at`` are her own acts too,
    and can be undone by her. ``exempted_at`` is when moderators said in her place that she is not to answer, beside
    ``declined_at``; ``replaces`` is in whose place she was asked. ``withdrawn_at`` ends her links.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    panel = models.ForeignKey(Panel, on_delete=models.PROTECT, related_name="panelists")
    code = models.CharField(max_length=32)
    name = models.CharField(max_length=200, blank=True)
    email = models.EmailField(blank=True)
    group = models.CharField(max_length=100, blank=True)
    language = models.CharField(max_length=16, default="en")
    time_zone = models.CharField(max_length=64, blank=True)
    field = models.CharField(max_length=100, blank=True)
    weight = models.FloatField(default=1.0)
    added_at = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    named_at = models.DateTimeField(null=True, blank=True)
    declined_at = models.DateTimeField(null=True, blank=True)
    mails_stopped_at = models.DateTimeField(null=True, blank=True)
    exempted_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    replaces = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, blank=True, related_name="replaced_by")

    class Meta:
        ordering = ["panel", "code"]
        constraints = [
            models.UniqueConstraint(fields=["panel", "code"], name="panelist_code_once"),
            models.CheckConstraint(condition=Q(weight__gte=0), name="panelist_weight_not_negative"),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def is_exempted(self) -> bool:
        """Whether it was the moderators who said that she is not asked, and she said nothing since."""
        return self.declined_at is not None and self.declined_at == self.exempted_at


class Link(models.Model):
    """A personal link. The token is derived from the server's secret and stored hashed; ``language`` is its prefix.

    ``taken_at`` is when the first device began with it: from then on a device that is not known is asked who it is.
    """

    panelist = models.ForeignKey(Panelist, on_delete=models.CASCADE, related_name="links")
    number = models.PositiveIntegerField()
    language = models.CharField(max_length=16, blank=True)
    token_hash = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField(null=True, blank=True)
    taken_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["panelist", "number"]
        constraints = [models.UniqueConstraint(fields=["panelist", "number"], name="link_number_once")]

    def __str__(self) -> str:
        return f"link {self.number} of {self.panelist_id}"


class Device(models.Model):
    """A browser that began with a link of the panelist; its cookie is stored hashed."""

    panelist = models.ForeignKey(Panelist, on_delete=models.CASCADE, related_name="devices")
    token_hash = models.CharField(max_length=64)
    since = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["panelist", "token_hash"], name="device_once")]

    def __str__(self) -> str:
        return f"device of {self.panelist_id}"


class Mail(QueuedMail):
    """One mail to one panelist; ``superseded_at`` is when it lost its use: her address was another, or the server gave up."""

    class Kind(models.TextChoices):
        """What the mail is about."""

        INVITATION = "invitation", "invitation"
        REMINDER = "reminder", "reminder"
        FRESH_LINK = "fresh_link", "fresh link"
        RECEIPT = "receipt", "receipt"
        END_MOVED = "end_moved", "end moved"
        ENDING = "ending", "end announced"
        CLOSED = "closed", "closed"
        REOPENED = "reopened", "opened again"

    panelist = models.ForeignKey(Panelist, on_delete=models.CASCADE, related_name="mails")
    round = models.ForeignKey("surveys.Round", on_delete=models.CASCADE, related_name="mails")
    kind = models.CharField(max_length=16, choices=Kind)
    superseded_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            # one invitation of use a panelist and round, however often the task runs
            models.UniqueConstraint(
                fields=["panelist", "round"],
                condition=Q(kind="invitation", superseded_at=None),
                name="mail_invitation_once",
            ),
            models.CheckConstraint(condition=Q(state__in=MailState.values), name="mail_state_known"),
            models.CheckConstraint(
                condition=Q(
                    kind__in=[
                        "invitation",
                        "reminder",
                        "fresh_link",
                        "receipt",
                        "end_moved",
                        "ending",
                        "closed",
                        "reopened",
                    ]
                ),
                name="mail_kind_known",
            ),
        ]
        indexes = [
            # the sweep's question: what waits, oldest first?
            models.Index(fields=["state", "queued_at"], name="mail_waiting"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} to {self.panelist_id}"


class LinkRequest(models.Model):
    """What somebody at the door of a personal link asks for.

    A fresh link by an address that was typed in (the row is the queue, and is gone once it is answered); or, for the
    moderators to settle: a link that reached somebody else (``email`` is where she may be reached, if she says so), or a
    panelist without an address who needs a fresh link.
    """

    class Kind(models.TextChoices):
        """What is asked."""

        BY_ADDRESS = "by_address", "by address"
        SOMEONE_ELSE = "someone_else", "someone else"
        NO_ADDRESS = "no_address", "no address"

    State = LinkRequestState

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    panelist = models.ForeignKey(
        Panelist, on_delete=models.CASCADE, null=True, blank=True, related_name="link_requests"
    )
    kind = models.CharField(max_length=16, choices=Kind)
    email = models.EmailField(blank=True)
    state = models.CharField(max_length=16, choices=State, default=State.OPEN)
    asked_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["asked_at", "pk"]
        constraints = [
            # asking again while it is open asks nothing new
            models.UniqueConstraint(
                fields=["panelist", "kind", "email"], condition=Q(state="open"), name="link_request_once"
            ),
            models.CheckConstraint(
                condition=Q(kind="by_address", panelist__isnull=True)
                | Q(kind__in=["someone_else", "no_address"], panelist__isnull=False),
                name="link_request_of_whom",
            ),
            models.CheckConstraint(
                condition=Q(state="open", done_at__isnull=True) | Q(state="done", done_at__isnull=False),
                name="link_request_done_is_dated",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.panelist_id}"
