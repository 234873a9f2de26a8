"""The panel's weights: the result of one computation on one closed round."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from accounts.models import Series
from scoring.models.job import Job
from scoring.states import JobState


class Consensus(Job):
    """One computation: a closed round (by uid; no key reaches into surveys) and a method, once for each pair of them.

    ``method`` is the ConsensusMethod as plain values, seed included. ``round_stamp`` says whether the round is still as it was
    when this was asked for. Once computed, ``counted`` holds what counted of the round (the judgements as a file, the
    receipts, and by language the weights without it), ``input_fingerprint`` names the judgements,
    ``result_fingerprint`` the files in ``result`` (exchange files by name, as text). ``clusters`` holds expert codes,
    weights and what divides them.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    series = models.ForeignKey(Series, on_delete=models.PROTECT, related_name="consensuses")
    round_uid = models.UUIDField()
    method = models.JSONField()
    method_fingerprint = models.CharField(max_length=64)
    code_version = models.CharField(max_length=64, blank=True)
    round_stamp = models.CharField(max_length=64)
    input_fingerprint = models.CharField(max_length=64, blank=True)
    counted = models.JSONField(null=True, blank=True)
    result = models.JSONField(null=True, blank=True)
    result_fingerprint = models.CharField(max_length=64, blank=True)
    experts = models.PositiveIntegerField(default=0)
    s_star = models.FloatField(null=True, blank=True)
    homogeneity = models.FloatField(null=True, blank=True)
    clusters = models.JSONField(default=list, blank=True)
    excluded = models.JSONField(default=list, blank=True)
    without_exclusion = models.JSONField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "consensuses"
        constraints = [
            # asked twice, computed once; a withdrawal changes the judgements, and then it may be asked anew
            models.UniqueConstraint(fields=["round_uid", "method_fingerprint", "round_stamp"], name="consensus_once"),
            models.CheckConstraint(condition=Q(state__in=JobState.values), name="consensus_state_known"),
        ]

    def __str__(self) -> str:
        return f"consensus of round {self.round_uid}"


class ConsensusWeight(models.Model):
    """Local and global weight of one criterion, with the 5th and 95th percentile of the global one."""

    consensus = models.ForeignKey(Consensus, on_delete=models.CASCADE, related_name="weights")
    position = models.PositiveIntegerField()
    code = models.CharField(max_length=64)
    parent = models.CharField(max_length=64, blank=True)
    local_weight = models.FloatField()
    global_weight = models.FloatField()
    low = models.FloatField(null=True, blank=True)
    high = models.FloatField(null=True, blank=True)

    class Meta:
        ordering = ["consensus", "position"]
        constraints = [
            models.UniqueConstraint(fields=["consensus", "code"], name="consensus_weight_once"),
            models.CheckConstraint(
                condition=Q(local_weight__gte=0, local_weight__lte=1, global_weight__gte=0, global_weight__lte=1),
                name="consensus_weight_is_a_share",
            ),
        ]

    def __str__(self) -> str:
        return self.code


class ConsensusNode(models.Model):
    """Agreement at one node; null where it is not defined, as `why_no_s_star` says."""

    consensus = models.ForeignKey(Consensus, on_delete=models.CASCADE, related_name="nodes")
    position = models.PositiveIntegerField()
    node = models.CharField(max_length=64)
    experts = models.PositiveIntegerField()
    s_star = models.FloatField(null=True, blank=True)
    homogeneity = models.FloatField(null=True, blank=True)
    kendall_w = models.FloatField(null=True, blank=True)
    group_cr = models.FloatField(null=True, blank=True)

    class Meta:
        ordering = ["consensus", "position"]
        constraints = [models.UniqueConstraint(fields=["consensus", "node"], name="consensus_node_once")]

    def __str__(self) -> str:
        return self.node


class ExpertConsistency(models.Model):
    """Consistency of one expert (by code) at one node she answered."""

    consensus = models.ForeignKey(Consensus, on_delete=models.CASCADE, related_name="consistencies")
    expert = models.CharField(max_length=32)
    node = models.CharField(max_length=64)
    items = models.PositiveIntegerField()
    answered = models.PositiveIntegerField()
    included = models.BooleanField()
    lambda_max = models.FloatField(null=True, blank=True)
    ci = models.FloatField(null=True, blank=True)
    cr = models.FloatField(null=True, blank=True)
    gci = models.FloatField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "expert consistencies"
        constraints = [models.UniqueConstraint(fields=["consensus", "expert", "node"], name="consistency_once")]

    def __str__(self) -> str:
        return f"{self.expert} at {self.node}"
