"""Long work as a row: the row is the queue, the task only carries its id."""

from __future__ import annotations

from django.db import models

from scoring.states import JobState


class Job(models.Model):
    """What every long computation keeps about itself.

    A worker claims the row by a conditional update that raises ``attempt``; only the claim it made may finish the row,
    so a second worker, a redelivery or a late return changes nothing. ``beat_at`` tells the sweep that a worker lives.
    """

    State = JobState

    state = models.CharField(max_length=16, choices=State, default=State.QUEUED)
    attempt = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    stage = models.CharField(max_length=64, blank=True)
    requested_at = models.DateTimeField()
    requested_by = models.CharField(max_length=150, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    beat_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    error_code = models.CharField(max_length=64, blank=True)
    error_facts = models.JSONField(default=dict, blank=True)

    class Meta:
        abstract = True
