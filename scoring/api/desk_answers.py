"""What the API answers at the desk of an edition's work."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from scoring import models
from scoring.api.answers import Address

JOB_KINDS = ("consensus", "scoring", "bundle")


class JobErrorSerializer(serializers.Serializer[Any]):
    """Why a piece of work was refused."""

    code = serializers.CharField(source="error_code")
    facts = serializers.DictField(source="error_facts")


class JobSerializer(serializers.Serializer[Any]):
    """A piece of work and how far it is."""

    kind = serializers.ChoiceField(JOB_KINDS)
    state = serializers.ChoiceField(models.Job.State.choices)
    stage = serializers.CharField(help_text="What it is at; empty before and after.")
    done = serializers.IntegerField()
    total = serializers.IntegerField(help_text="0 while it is not known.")
    requested_at = serializers.DateTimeField()
    requested_by = serializers.CharField()
    finished_at = serializers.DateTimeField(allow_null=True)
    error = serializers.SerializerMethodField()
    url = Address("api:job", "series", "edition", kind="kind")

    @extend_schema_field(JobErrorSerializer(allow_null=True))
    def get_error(self, row: Any) -> Any:
        """Return why it failed."""
        return JobErrorSerializer(row).data if row.error_code else None


class JobListSerializer(serializers.Serializer[Any]):
    """The work behind an edition as it stands."""

    results = JobSerializer(many=True)


class CarriedSerializer(serializers.Serializer[Any]):
    """Weights that are taken over from another edition."""

    edition = serializers.CharField()
    asked_until = serializers.DateTimeField(help_text="When that edition's round closed.")
    fingerprint = serializers.CharField(help_text="Of the freeze that fixed them.")


class StoredRecipeSerializer(serializers.Serializer[Any]):
    """A recipe of the series."""

    uid = serializers.UUIDField()
    number = serializers.IntegerField()
    fingerprint = serializers.CharField()
    content = serializers.DictField(help_text="Every choice, defaults spelt out.")


class RevisionSerializer(serializers.Serializer[Any]):
    """Where the edition is now."""

    state = serializers.ChoiceField(models.Edition.State.choices)


class ApprovalSerializer(serializers.Serializer[Any]):
    """A request for approval, and its answer."""

    fingerprint = serializers.CharField(help_text="Of what would be frozen, which is approved by it.")
    asked_by = serializers.CharField()
    asked_at = serializers.DateTimeField()
    approved_by = serializers.CharField(help_text="Empty until somebody approved it.")
    approved_at = serializers.DateTimeField(allow_null=True)


class FreezeSerializer(serializers.Serializer[Any]):
    """The method as fixed; the first number of what is released by it is its own."""

    number = serializers.IntegerField()
    fingerprint = serializers.CharField()
    frozen_at = serializers.DateTimeField()
    frozen_by = serializers.CharField()
