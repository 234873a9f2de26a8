"""What panelists agree to: the series' own words, and what each of them read when she agreed."""

from __future__ import annotations

from django.db import models

from accounts.models import Series
from surveys.models.panel import Panelist

DAYS = 365
"""For how many days after the last correction the table of pairs is kept, where the series does not say otherwise."""
MOST_DAYS = 36_500
"""A hundred years: who promises more promises nothing, and no calendar reckons with it."""


class ConsentWording(models.Model):
    """A series' own words of the consent, in versions; the last one is shown. Empty words are the general ones.

    ``responsible`` is who answers for the data, ``basis`` on what ground they are kept, ``recipients`` where they go, each by
    language; ``days`` is how long after the last correction the table of pairs is destroyed.
    """

    series = models.ForeignKey(Series, on_delete=models.PROTECT, related_name="consent_wordings")
    number = models.PositiveIntegerField()
    responsible = models.JSONField(default=dict, blank=True)
    basis = models.JSONField(default=dict, blank=True)
    recipients = models.JSONField(default=dict, blank=True)
    days = models.PositiveIntegerField(default=DAYS)
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=150, blank=True)

    class Meta:
        ordering = ["series", "number"]
        constraints = [
            models.UniqueConstraint(fields=["series", "number"], name="consent_wording_once"),
            models.CheckConstraint(condition=models.Q(days__gte=1), name="consent_wording_keeps_a_day"),
        ]

    def __str__(self) -> str:
        return f"{self.series_id} v{self.number}"


class Consent(models.Model):
    """That a panelist agreed, and the text that stood before her, as she read it; ``version`` is that of the wording (0: none)."""

    panelist = models.ForeignKey(Panelist, on_delete=models.CASCADE, related_name="consents")
    version = models.PositiveIntegerField()
    language = models.CharField(max_length=16)
    text = models.TextField()
    fingerprint = models.CharField(max_length=64)
    days = models.PositiveIntegerField()
    at = models.DateTimeField()

    class Meta:
        ordering = ["panelist", "at"]
        constraints = [
            # agreeing again to the same words is no second consent
            models.UniqueConstraint(fields=["panelist", "fingerprint"], name="consent_once"),
        ]

    def __str__(self) -> str:
        return self.fingerprint[:12]
