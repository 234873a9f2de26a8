"""What a moderator sends."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers


class WeighSerializer(serializers.Serializer[Any]):
    """Which round to weigh, and how."""

    round = serializers.UUIDField()
    method = serializers.DictField(
        default=dict,
        help_text="scale, priorities, incomplete, group, random_index, cr_max, draws, seed; each has a default.",
    )


class RecipeSerializer(serializers.Serializer[Any]):
    """A recipe."""

    text = serializers.CharField(
        max_length=100_000, trim_whitespace=False, help_text="TOML, as recipe.toml of a release."
    )


class DataSerializer(serializers.Serializer[Any]):
    """Data in CSV or XLSX, each file of 20 MB at most."""

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
    preview = serializers.BooleanField(default=False, help_text="Only say what would change, and store nothing.")
    note = serializers.CharField(required=False, default="", allow_blank=True, max_length=500)


class LicenceSerializer(serializers.Serializer[Any]):
    """The licence of a series' own work."""

    licence = serializers.CharField(
        max_length=200, help_text="Such as CC BY 4.0; every release from the next one on names it."
    )


class CorrectionSerializer(serializers.Serializer[Any]):
    """Why a release is corrected."""

    reason = serializers.CharField(max_length=2000, help_text="It stands on the pages and in the files.")
