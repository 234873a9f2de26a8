"""The table of pairs: what joins a person with what is published of her, destroyed on the date that she was told."""

from __future__ import annotations

from django.db import models

from surveys.models.judgement import Submission
from surveys.models.panel import Panelist


class PublicationCode(models.Model):
    """The code under which a consensus knows a panelist; random, and of one consensus only.

    With a ``node`` it is the code of her answers there, for those whom the nodes they answered would tell. ``language`` is
    the one she was counted in. Who withdraws is cut off: the code stays, and leads to nobody.
    """

    panelist = models.ForeignKey(
        Panelist, on_delete=models.SET_NULL, null=True, blank=True, related_name="publication_codes"
    )
    consensus_uid = models.UUIDField()
    node = models.CharField(max_length=64, blank=True)
    code = models.CharField(max_length=32)
    language = models.CharField(max_length=16, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["consensus_uid", "code"], name="publication_code_once"),
            models.UniqueConstraint(fields=["consensus_uid", "panelist", "node"], name="publication_code_one_each"),
        ]

    def __str__(self) -> str:
        return self.code


class ReceiptSecret(models.Model):
    """The random part of a receipt, shown to her alone: without it nobody finds whose receipt one is by trying."""

    submission = models.OneToOneField(Submission, on_delete=models.CASCADE, related_name="secret")
    secret = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"of submission {self.submission_id}"
