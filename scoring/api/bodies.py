"""What is sent to the desk."""

from __future__ import annotations

import json
from typing import Any

from rest_framework import serializers

from exchange.options import DECIMALS, THOUSANDS, UNGROUPED
from scoring.usecases.editions import MOST_LIMITS


class BeginSerializer(serializers.Serializer[Any]):
    """What a new edition is called, and either which one it is like or its framework and panels."""

    slug = serializers.SlugField(max_length=50)
    like = serializers.SlugField(
        max_length=50, required=False, help_text="The edition that its framework, recipe, texts and panel are of."
    )
    framework = serializers.UUIDField(required=False, help_text="A frozen framework version; instead of like.")
    panels = serializers.ListField(
        child=serializers.UUIDField(), allow_empty=False, required=False, help_text="With framework: who is asked."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Ask for one of the two ways, whole."""
        if ("like" in attrs) == ("framework" in attrs):
            raise serializers.ValidationError({"like": "Send either like, or framework and panels."})
        if ("framework" in attrs) != ("panels" in attrs):
            raise serializers.ValidationError({"panels": "Send framework and panels together."})
        return attrs


class TextsSerializer(serializers.Serializer[Any]):
    """What readers are told beside the numbers of an edition."""

    limits = serializers.DictField(
        child=serializers.CharField(max_length=MOST_LIMITS, allow_blank=True),
        help_text="What readers must not conclude, a line each, by language.",
    )
    reference_date = serializers.DateField(
        allow_null=True, help_text="As of which day the edition is; null: the day that it was begun."
    )


class WeighSerializer(serializers.Serializer[Any]):
    """Which round to weigh, and how."""

    round = serializers.UUIDField()
    method = serializers.DictField(
        default=dict,
        help_text="scale, priorities, incomplete, group, random_index, cr_max, draws, seed; each has a default.",
    )


class CarrySerializer(serializers.Serializer[Any]):
    """Whose weights are taken over."""

    edition = serializers.SlugField(
        max_length=50, help_text="Another edition of the series, on the same framework, with a frozen method."
    )


class ApprovingSerializer(serializers.Serializer[Any]):
    """What is approved."""

    fingerprint = serializers.CharField(max_length=64, help_text="Of the request: what would be frozen.")


class RecipeSerializer(serializers.Serializer[Any]):
    """A recipe."""

    text = serializers.CharField(
        max_length=100_000, trim_whitespace=False, help_text="TOML, as recipe.toml of a release."
    )


class ReadingSerializer(serializers.Serializer[Any]):
    """What may be said of files, where one of them can be read in two ways."""

    sheet = serializers.CharField(
        default="",
        allow_blank=True,
        max_length=100,
        help_text="The sheet of a workbook in which several could be meant.",
    )
    encoding = serializers.CharField(
        default="", allow_blank=True, max_length=40, help_text="Of a text that is not UTF-8, such as windows-1252."
    )
    decimal = serializers.ChoiceField(DECIMALS, default="", allow_blank=True, help_text="The decimal sign.")
    thousands = serializers.ChoiceField(
        (*THOUSANDS, UNGROUPED), default="", allow_blank=True, help_text="The sign that groups thousands, or none."
    )
    missing = serializers.CharField(
        default="",
        allow_blank=True,
        max_length=1000,
        help_text="Texts that mean missing, beside an empty cell and NA; one a line.",
    )


class SendingSerializer(ReadingSerializer):
    """Files, what may be said of them, and whether they are taken in as soon as they were read."""

    preview = serializers.BooleanField(
        default=False, help_text="Only say what would change: the files stay a draft until they are confirmed."
    )


class AnswerSerializer(ReadingSerializer):
    """What is said now of files that were sent before; what is left out stays as it was said."""

    preview = serializers.BooleanField(
        default=True, help_text="The files stay a draft until they are confirmed; false takes them in."
    )

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """Ask for nothing, and have no default but that nothing is taken in."""
        fields = super().get_fields()
        for name, field in fields.items():
            if name != "preview":
                field.required, field.default = False, serializers.empty
        return fields


class UnitsSerializer(SendingSerializer):
    """Who is ranked, by which rule, and where the values are to come from; files in CSV, XLSX, XLS or ODS, of 50 MB at most."""

    rule = serializers.DictField(
        child=serializers.CharField(max_length=2000, allow_blank=True),
        help_text='Who is listed and why, by language: {"en": "…"}.',
    )
    units = serializers.FileField(
        allow_empty_file=True,
        help_text="uCode, uName, uName_<language>, aliases, country, cName, population, latitude, longitude; every other "
        "column is a group.",
    )
    sources = serializers.FileField(
        allow_empty_file=True, help_text="iCode, source, vintage (a year, or 2019-2024); a row a source."
    )
    two_cities = serializers.CharField(
        required=False,
        default="",
        allow_blank=True,
        max_length=10_000,
        help_text="Pairs within 10 km of each other under two states that are two units: CODE + CODE, one a line.",
    )

    def to_internal_value(self, data: Any) -> Any:
        """Take the rule as JSON text too, since a form has no other way to send one."""
        rule = data.get("rule")
        if not isinstance(rule, str):
            return super().to_internal_value(data)
        try:
            told = json.loads(rule)
        except ValueError as error:
            raise serializers.ValidationError({"rule": [f"This is no JSON: {error}"]}) from error
        return super().to_internal_value({**{name: data.get(name) for name in data}, "rule": told})


class ReleaseReasonSerializer(serializers.Serializer[Any]):
    """What a release needs where the edition has one already."""

    reason = serializers.CharField(
        required=False,
        default="",
        allow_blank=True,
        max_length=2000,
        help_text="Why there is another release after a second freeze; of the first release nothing is asked.",
    )


class DataSerializer(SendingSerializer):
    """Data in CSV, XLSX, XLS or ODS, each file of 50 MB at most."""

    table = serializers.FileField(
        required=False,
        allow_empty_file=True,
        help_text="uCode, uName, Time, groups, one column an indicator; empty = missing. Of data that follow others, "
        "only what is corrected: what is not sent, and empty cells, stay; the word remove takes a value away.",
    )
    sources = serializers.FileField(
        required=False, allow_empty_file=True, help_text="uCode, iCode, Time, year, resolution, source, given."
    )
    units = serializers.FileField(
        required=False,
        allow_empty_file=True,
        help_text="Units nobody knows yet, or what is corrected of others: uCode, uName, country, cName, population …",
    )
    licences = serializers.FileField(
        required=False,
        allow_empty_file=True,
        help_text="source, licence, retrieved, redistribution (1 or 0), a row a source; without a known licence of every "
        "source nothing is released. An empty source stands for the values that name none.",
    )
    replace = serializers.BooleanField(default=False, help_text="Replace all data: what is not sent is lost.")
    note = serializers.CharField(required=False, default="", allow_blank=True, max_length=500)


class LicenceSerializer(serializers.Serializer[Any]):
    """The licence of a series' own work."""

    licence = serializers.CharField(
        max_length=200, help_text="Such as CC BY 4.0; every release from the next one on names it."
    )


class CorrectionSerializer(serializers.Serializer[Any]):
    """Why a release is corrected."""

    reason = serializers.CharField(max_length=2000, help_text="It stands on the pages and in the files.")
