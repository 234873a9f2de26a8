"""Files as they were sent to an edition: with how they are read, what is wrong with them, and what became of them."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from scoring.models.dataset import Dataset
from scoring.models.edition import JOB_STATE_KNOWN, Edition, UnitList
from scoring.models.job import Job


class Upload(Job):
    """What was sent to an edition at once: a draft until it is confirmed, and then kept beside what it became.

    Attributes
    ----------
    names : dict[str, str]
        The names of the files, by the part they are of it.
    said : dict[str, str]
        What the sender says of how the files are read (`exchange.options.SAID`): her answers.
    details : dict[str, object]
        What was sent beside the files.
    is_confirmed : bool
        Whether it is taken in once it was read without a problem.
    notes, problems : list[dict[str, object]]
        How the files were read, and the first of what is wrong with them (`exchange.problems`); ``problems_total`` counts all.
    preview : dict[str, object] | None
        What it would change, or has changed, and in which data that stood.
    """

    class Kind(models.TextChoices):
        DATA = "data", "data"
        UNITS = "units", "list of units"

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    edition = models.ForeignKey(Edition, on_delete=models.PROTECT, related_name="uploads")
    kind = models.CharField(max_length=16, choices=Kind)
    names = models.JSONField(default=dict)
    said = models.JSONField(default=dict)
    details = models.JSONField(default=dict)
    is_confirmed = models.BooleanField(default=False)
    notes = models.JSONField(default=list)
    problems = models.JSONField(default=list)
    problems_total = models.PositiveIntegerField(default=0)
    preview = models.JSONField(null=True)
    dataset = models.ForeignKey(Dataset, on_delete=models.PROTECT, null=True, related_name="uploads")
    unit_list = models.ForeignKey(UnitList, on_delete=models.PROTECT, null=True, related_name="uploads")

    class Meta:
        ordering = ["edition", "pk"]
        constraints = [
            models.CheckConstraint(condition=JOB_STATE_KNOWN, name="upload_state_known"),
            models.CheckConstraint(condition=Q(kind__in=["data", "units"]), name="upload_kind_known"),
            models.UniqueConstraint(
                fields=["edition", "kind"],
                condition=~Q(state="cancelled") & Q(dataset=None, unit_list=None),
                name="upload_open_once",
            ),
            models.CheckConstraint(
                condition=Q(dataset=None, unit_list=None) | Q(state="done", problems_total=0),
                name="upload_kept_is_read",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} for {self.edition}"

    @property
    def is_kept(self) -> bool:
        """Whether it was taken in."""
        return self.dataset_id is not None or self.unit_list_id is not None

    @property
    def is_draft(self) -> bool:
        """Whether it was read without a problem and waits to be confirmed."""
        return self.state == Job.State.DONE and not self.problems_total and not self.is_kept


class UploadFile(models.Model):
    """One file of an upload, byte for byte as it was sent."""

    upload = models.ForeignKey(Upload, on_delete=models.CASCADE, related_name="files")
    part = models.CharField(max_length=16)
    content = models.BinaryField()

    class Meta:
        ordering = ["upload", "part"]
        constraints = [models.UniqueConstraint(fields=["upload", "part"], name="upload_part_once")]

    def __str__(self) -> str:
        return self.part
