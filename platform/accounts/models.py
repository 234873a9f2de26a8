"""Users, series of editions, and who does what in a series."""

from __future__ import annotations

import uuid

from django.contrib.auth.models import AbstractUser
from django.db import models

from accounts.names import localised


class User(AbstractUser):
    """A person with an account: a moderator or a partner. Panelists have none."""

    language = models.CharField(max_length=16, blank=True)


class Series(models.Model):
    """A ranking that appears again and again, such as "LAS Smart City Ranking"; owns its editions, panels and roles."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    slug = models.SlugField(unique=True)
    names = models.JSONField()
    descriptions = models.JSONField(default=dict)
    languages = models.JSONField(default=list)
    contact = models.EmailField(blank=True)
    # of the series' own work: weights, scores, ranks and texts; empty where nobody said
    licence = models.CharField(max_length=200, blank=True)
    is_demonstration = models.BooleanField(default=False)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "series"
        ordering = ["slug"]

    def __str__(self) -> str:
        return localised(self.names, "en")

    @property
    def name(self) -> str:
        """The name in the reader's language."""
        return localised(self.names)


class Role(models.Model):
    """What a user may do in a series."""

    class Kind(models.TextChoices):
        """The roles of a series."""

        MODERATOR = "moderator", "moderator"
        PARTNER = "partner", "partner"

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="roles")
    series = models.ForeignKey(Series, on_delete=models.CASCADE, related_name="roles")
    kind = models.CharField(max_length=16, choices=Kind)

    class Meta:
        constraints = [
            # answers: has she this role here? and keeps one row for it
            models.UniqueConstraint(fields=["user", "series", "kind"], name="role_once"),
            models.CheckConstraint(condition=models.Q(kind__in=["moderator", "partner"]), name="role_kind_known"),
        ]

    def __str__(self) -> str:
        return f"{self.user} {self.kind} of {self.series}"
