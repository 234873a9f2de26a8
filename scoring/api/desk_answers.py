"""What the API answers a moderator of an edition's work."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from scoring import models
from scoring.api.answers import Address
from scoring.files.data_changes import cell_name

if TYPE_CHECKING:
    from scoring.files.data_changes import DataChanges

JOB_KINDS = ("consensus", "scoring", "bundle")
NAMES = serializers.ListField(child=serializers.CharField())
NAMED = 20


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


class StoredRecipeSerializer(serializers.Serializer[Any]):
    """A recipe of the series."""

    uid = serializers.UUIDField()
    number = serializers.IntegerField()
    fingerprint = serializers.CharField()
    content = serializers.DictField(help_text="Every choice, defaults spelt out.")


class NoteSerializer(serializers.Serializer[Any]):
    """One thing to be said of how a file was read: a convention applied, columns passed over, a sheet chosen."""

    file = serializers.CharField()
    code = serializers.CharField(help_text="Names the note for programs.")
    facts = serializers.DictField(help_text="What the sentence names.")
    what = serializers.CharField(help_text="The sentence, in the language asked for.")


class ReadSerializer(serializers.Serializer[Any]):
    """An answer to files that were sent; how they were read is in the context, as ``reading``."""

    notes = serializers.SerializerMethodField(help_text="How the files were read. It is not stored.")

    @extend_schema_field(NoteSerializer(many=True))
    def get_notes(self, _row: object) -> Any:
        """Return what is to be said of it."""
        return NoteSerializer(self.context["reading"].notes, many=True).data


class StoredListSerializer(ReadSerializer):
    """A list of units of the series."""

    uid = serializers.UUIDField()
    number = serializers.IntegerField()
    fingerprint = serializers.CharField()
    units = serializers.SerializerMethodField(help_text="How many it has.")

    def get_units(self, row: models.UnitList) -> int:
        """Count them."""
        return len(row.content["units"])


class RevisionSerializer(serializers.Serializer[Any]):
    """Where the edition is now."""

    state = serializers.ChoiceField(models.Edition.State.choices)


class FreezeSerializer(serializers.Serializer[Any]):
    """The method as fixed; the first number of what is released by it is its own."""

    number = serializers.IntegerField()
    fingerprint = serializers.CharField()
    frozen_at = serializers.DateTimeField()
    frozen_by = serializers.CharField()


class LostSerializer(serializers.Serializer[Any]):
    """The first twenty of what is lost, by name: values, values whose origin is unknown now, and units."""

    values = serializers.SerializerMethodField()
    origins = serializers.SerializerMethodField()
    units = serializers.SerializerMethodField()

    @extend_schema_field(NAMES)
    def get_values(self, changes: DataChanges) -> list[str]:
        """Return values as unit, time and indicator."""
        return [cell_name(cell) for cell in changes.removed[:NAMED]]

    @extend_schema_field(NAMES)
    def get_origins(self, changes: DataChanges) -> list[str]:
        """Return values of which source, year, resolution or mark was known before."""
        return [cell_name(cell) for cell in changes.forgotten[:NAMED]]

    @extend_schema_field(NAMES)
    def get_units(self, changes: DataChanges) -> list[str]:
        """Return units by code."""
        return list(changes.units_removed[:NAMED])


class DataChangesSerializer(serializers.Serializer[Any]):
    """How many values, sources and units are others than in the data that stood."""

    values_changed = serializers.IntegerField(source="counts.changed")
    values_added = serializers.IntegerField(source="counts.added")
    values_removed = serializers.IntegerField(source="counts.removed")
    sources_changed = serializers.IntegerField(source="counts.sources")
    origins_lost = serializers.IntegerField(
        source="counts.forgotten",
        help_text="Values whose source, year, resolution or mark was known and is unknown now.",
    )
    units_changed = serializers.IntegerField(source="counts.units_changed")
    units_added = serializers.IntegerField(source="counts.units_added")
    units_removed = serializers.IntegerField(source="counts.units_removed")
    licences_changed = serializers.IntegerField(source="counts.licences")
    lost = LostSerializer(source="*")


class PreviewSerializer(ReadSerializer):
    """What data would change; null where none stand yet."""

    changes = DataChangesSerializer(allow_null=True)


class DatasetSerializer(PreviewSerializer):
    """A version of the series' data, and what it changes in those that stood."""

    uid = serializers.UUIDField(source="dataset.uid")
    number = serializers.IntegerField(source="dataset.number")
    note = serializers.CharField(source="dataset.note")
    fingerprint = serializers.CharField(source="dataset.fingerprint")
    loaded_at = serializers.DateTimeField(source="dataset.loaded_at")
    loaded_by = serializers.CharField(source="dataset.loaded_by")
