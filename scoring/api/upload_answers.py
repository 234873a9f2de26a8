"""What the API answers of files that were sent to an edition."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from exchange.problems import FileProblem  # noqa: TC001 - the schema reads it
from scoring import models
from scoring.api.answers import Address
from scoring.api.desk_answers import JobErrorSerializer
from scoring.queries.desk.uploads import UploadFacts  # noqa: TC001 - the schema reads it

STATES = ("reading", "refused", "draft", "kept", "failed", "dropped")


class NoteSerializer(serializers.Serializer[Any]):
    """One thing to be said of how a file was read: a convention applied, columns passed over, a sheet chosen."""

    file = serializers.CharField()
    code = serializers.CharField(help_text="Names the note for programs.")
    facts = serializers.DictField(help_text="What the sentence names.")
    what = serializers.CharField(help_text="The sentence, in the language asked for.")


class ProblemSerializer(serializers.Serializer[Any]):
    """One thing that is wrong with a file: its place, what is wrong, and what to do."""

    file = serializers.CharField()
    sheet = serializers.CharField(help_text="Of a workbook with several.")
    code = serializers.CharField(help_text="Names the problem for programs.")
    row = serializers.IntegerField(allow_null=True, help_text="As a person counts: 1 is the first row of the file.")
    column = serializers.CharField(allow_null=True)
    got = serializers.CharField(help_text="What was found.")
    facts = serializers.DictField(help_text="What the sentence names.")
    detail = serializers.CharField(source="what", help_text="The sentence, in the language asked for.")
    allowed = serializers.CharField(help_text="What is allowed instead, in the language asked for.")
    option = serializers.SerializerMethodField(help_text="The field that answers it, where one does.")

    def get_option(self, problem: FileProblem) -> str:
        """Name what answers it."""
        return problem.options[0].name if problem.options else ""


class LostSerializer(serializers.Serializer[Any]):
    """The first twenty of what is lost, by name: values, values whose origin is unknown now, and units."""

    values = serializers.ListField(child=serializers.CharField(), source="names.removed")
    origins = serializers.ListField(child=serializers.CharField(), source="names.forgotten")
    units = serializers.ListField(child=serializers.CharField(), source="names.units_removed")


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


class UploadSerializer(serializers.Serializer[Any]):
    """Files that were sent at once, how far their reading is, and what came of it."""

    uid = serializers.UUIDField()
    kind = serializers.ChoiceField(models.Upload.Kind.choices)
    state = serializers.ChoiceField(
        STATES, help_text="A draft was read without a problem and waits to be confirmed; kept is what was taken in."
    )
    stage = serializers.CharField(source="progress.stage", help_text="What a worker is at; empty before and after.")
    done = serializers.IntegerField(source="progress.done")
    total = serializers.IntegerField(source="progress.total", help_text="0 while it is not known.")
    names = serializers.DictField(
        child=serializers.CharField(), help_text="The files' names, by the field they came in."
    )
    reading = serializers.DictField(source="said", help_text="What is said of how they are read.")
    notes = NoteSerializer(many=True)
    problems = ProblemSerializer(many=True, help_text="The first 200.")
    problems_total = serializers.IntegerField()
    changes = DataChangesSerializer(
        allow_null=True,
        help_text="What data change in those that stood; null where none did, and before they are read.",
    )
    units = serializers.IntegerField(allow_null=True, help_text="How many a list of units has.")
    number = serializers.IntegerField(
        allow_null=True, help_text="Of the version of the data, or of the list, that it became."
    )
    requested_at = serializers.DateTimeField(source="progress.requested_at")
    requested_by = serializers.CharField(source="progress.requested_by")
    finished_at = serializers.DateTimeField(source="progress.finished_at", allow_null=True)
    error = serializers.SerializerMethodField()
    url = Address("api:upload", "series", "edition", uid="uid")

    @extend_schema_field(JobErrorSerializer(allow_null=True))
    def get_error(self, facts: UploadFacts) -> Any:
        """Return why it could not be read or taken in, where nothing is wrong with the files."""
        return JobErrorSerializer(facts.progress).data if facts.progress.error_code else None


class UploadListSerializer(serializers.Serializer[Any]):
    """What was sent to an edition."""

    results = UploadSerializer(many=True)
