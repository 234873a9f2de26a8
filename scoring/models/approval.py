"""What a second person agreed to, bound to its fingerprint."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from scoring.models.edition import Edition


class Approval(models.Model):
    """A request that somebody else approves an edition's method, and her answer.

    Both are bound to the ``fingerprint`` of what would be frozen: with any change of it the approval is of something else, and
    stands for nothing. Of an edition one is open; asked again, the one before ends.
    """

    edition = models.ForeignKey(Edition, on_delete=models.PROTECT, related_name="approvals")
    fingerprint = models.CharField(max_length=64)
    asked_by = models.CharField(max_length=150)
    asked_at = models.DateTimeField()
    approved_by = models.CharField(max_length=150, blank=True)
    approved_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["edition", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["edition"], condition=Q(ended_at=None), name="approval_open_once"),
            models.CheckConstraint(
                condition=Q(approved_at=None, approved_by="") | (Q(approved_at__isnull=False) & ~Q(approved_by="")),
                name="approval_is_signed_and_dated",
            ),
            models.CheckConstraint(condition=~Q(approved_by=models.F("asked_by")), name="approval_by_another"),
        ]

    def __str__(self) -> str:
        return f"approval of {self.edition}"
