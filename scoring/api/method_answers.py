"""What the API answers of a release's method: weights, indicators, the panel and how far it agreed."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from scoring.api.answers import UNTOLD, CountrySharesSerializer, ReleaseNoteSerializer
from scoring.api.desk_answers import CarriedSerializer

NO_S_STAR = "Why s_star is null: too_few or too_far_apart (of experts); empty where it is defined."


class WeightSerializer(serializers.Serializer[Any]):
    """The panel's weight of a criterion; low and high are the 5th and 95th percentile of the global one."""

    code = serializers.CharField(source="criterion.code")
    parent = serializers.CharField(source="criterion.parent")  # type: ignore[assignment]
    depth = serializers.IntegerField(source="criterion.depth", help_text="1 below the root.")
    name = serializers.CharField(source="criterion.name")
    local_weight = serializers.FloatField(source="local")
    global_weight = serializers.FloatField()
    low = serializers.FloatField(allow_null=True)
    high = serializers.FloatField(allow_null=True)


class WeightsSerializer(serializers.Serializer[Any]):
    """The tree below the root, each criterion before its children."""

    release = ReleaseNoteSerializer(source="head")
    results = WeightSerializer(source="weights", many=True)


class IndicatorSerializer(serializers.Serializer[Any]):
    """A criterion of the framework; parent is empty at the root."""

    code = serializers.CharField()
    parent = serializers.CharField()  # type: ignore[assignment]
    depth = serializers.IntegerField()
    is_indicator = serializers.BooleanField()
    name = serializers.CharField()
    names = serializers.DictField(child=serializers.CharField(), help_text="By language.")
    definition = serializers.CharField()
    definitions = serializers.DictField(child=serializers.CharField(), help_text="By language.")
    unit = serializers.CharField()
    direction = serializers.IntegerField(help_text="-1 where less is better.")
    target = serializers.FloatField(allow_null=True)
    denominator = serializers.CharField()
    source = serializers.CharField()  # type: ignore[assignment]
    lever = serializers.CharField(help_text="Who could change the indicator: city, country, nobody; empty = not known.")


class IndicatorsSerializer(serializers.Serializer[Any]):
    """The framework as frozen, each criterion before its children."""

    release = ReleaseNoteSerializer(source="head")
    results = IndicatorSerializer(source="criteria", many=True)


class NodeSerializer(serializers.Serializer[Any]):
    """Agreement and consistency at one node of the tree."""

    code = serializers.CharField(source="criterion.code")
    name = serializers.CharField(source="criterion.name")
    experts = serializers.IntegerField()
    s_star = serializers.FloatField(
        allow_null=True, help_text="AHP group consensus, 0 to 1; null where it is not defined."
    )
    no_s_star = serializers.CharField(help_text=NO_S_STAR)
    kendall_w = serializers.FloatField(allow_null=True)
    group_cr = serializers.FloatField(allow_null=True, help_text="Consistency ratio of the group's matrix.")
    median_cr = serializers.FloatField(
        source="middle_cr", allow_null=True, help_text="Of the experts; null where fewer than five answered."
    )
    excluded = serializers.IntegerField(help_text="Experts left out for their consistency.")


class PanelGroupSerializer(serializers.Serializer[Any]):
    """A group of experts; none of fewer than five is shown."""

    name = serializers.CharField()
    experts = serializers.IntegerField()


class PanelSerializer(serializers.Serializer[Any]):
    """The panel in numbers."""

    experts = serializers.IntegerField(help_text="Whose judgements make the weights.")
    invited = serializers.IntegerField(source="head.asked.invited")
    started = serializers.IntegerField(
        source="head.asked.started", allow_null=True, help_text="Who answered anything; null where it was not kept."
    )
    submitted = serializers.IntegerField(source="head.asked.submitted")
    groups = serializers.SerializerMethodField()

    @extend_schema_field(PanelGroupSerializer(many=True))
    def get_groups(self, _: object) -> Any:
        """Return the groups that may be shown."""
        return PanelGroupSerializer(self.context["groups"], many=True).data


class ImportanceLineSerializer(serializers.Serializer[Any]):
    """A criterion's weight among its siblings beside what it moves of the score above."""

    code = serializers.CharField(source="criterion.code")
    name = serializers.CharField(source="criterion.name")
    weight = serializers.FloatField(allow_null=True)
    importance = serializers.FloatField(
        allow_null=True, help_text="Share of the variance of the score above (linear Shapley effect)."
    )
    correlation = serializers.FloatField(
        allow_null=True, help_text="With the score above; importance is blind to its sign."
    )


class ImportanceSerializer(serializers.Serializer[Any]):
    """What moves the score of one node."""

    code = serializers.CharField(source="node.code")
    name = serializers.CharField(source="node.name")
    not_explained = serializers.FloatField(
        allow_null=True, help_text="Share of the variance that no linear function of the children explains."
    )
    undefined = serializers.CharField(help_text="few_units or constant_score; empty where importance is defined.")
    children = ImportanceLineSerializer(many=True)


class OnePersonSerializer(serializers.Serializer[Any]):
    """The most that one of a node's experts could do by other answers there; nothing says which one."""

    code = serializers.CharField(source="node.code")
    name = serializers.CharField(source="node.name")
    experts = serializers.IntegerField()
    criterion = serializers.CharField(source="criterion.code", help_text="Whose weight could be moved furthest.")
    weight = serializers.FloatField(help_text="Among its siblings.")
    weight_then = serializers.FloatField()
    is_exact = serializers.BooleanField(help_text="Whether nobody could move one further; else the furthest found.")
    moved = serializers.IntegerField(help_text="Units whose rank would change.")
    unit = serializers.CharField(help_text="Whose rank would change most; empty where none does.")
    rank = serializers.IntegerField(allow_null=True)
    rank_then = serializers.IntegerField(allow_null=True)


class PlannedSourceSerializer(serializers.Serializer[Any]):
    """A source that an indicator's values were to come from."""

    code = serializers.CharField(source="criterion.code")
    source = serializers.CharField()  # type: ignore[assignment]
    vintage = serializers.CharField(help_text="A year, or the first and the last.")


class FrozenListSerializer(serializers.Serializer[Any]):
    """Who is ranked by which rule, as it was fixed with the method."""

    rule = serializers.CharField()
    departures = serializers.IntegerField(
        help_text="Values from another source, or of another year, than was fixed; departures.csv names them."
    )
    sources = PlannedSourceSerializer(many=True)


class MethodSerializer(serializers.Serializer[Any]):
    """How the release was made."""

    release = ReleaseNoteSerializer(source="head")
    frozen_at = serializers.DateTimeField(
        help_text="By a first freeze before data were opened; by a later one they were known."
    )
    freeze_number = serializers.IntegerField(help_text="From 2 on data were known when it was fixed.")
    approved_at = serializers.DateTimeField(
        allow_null=True, help_text="When a second person approved what was frozen; null: nobody did."
    )
    is_of_one = serializers.BooleanField(
        allow_null=True, help_text="The series had nobody else to approve it; null: frozen before that was asked."
    )
    carried = CarriedSerializer(
        allow_null=True, help_text="Whose weights were taken over; null: its own panels were asked."
    )
    unit_list = FrozenListSerializer(source="listed", allow_null=True, help_text="null in releases before it was kept.")
    freeze_fingerprint = serializers.CharField(source="fingerprint")
    consensus_method = serializers.DictField(source="method", help_text="How judgements become weights, seed included.")
    s_star = serializers.FloatField(allow_null=True)
    no_s_star = serializers.CharField(help_text=NO_S_STAR)
    agreement = serializers.CharField(source="band", help_text="The same in a word: very low to very high.")
    countries = CountrySharesSerializer(source="beside.countries", allow_null=True, help_text=UNTOLD)
    nodes = NodeSerializer(many=True)
    panel = PanelSerializer(source="*")
    importance = ImportanceSerializer(source="movers.importance", many=True)
    one_person = OnePersonSerializer(source="movers.one_person", many=True)
    recipe = serializers.SerializerMethodField(help_text="How data become ranks, seed included.")
    made_from = serializers.SerializerMethodField(
        help_text="Code versions, seeds and fingerprints, as in manifest.json."
    )

    def get_recipe(self, _: object) -> dict[str, Any]:
        """Return the recipe as plain values."""
        return dict(self.context["recipe"])

    def get_made_from(self, _: object) -> dict[str, Any]:
        """Return what the manifest says."""
        return dict(self.context["made_from"])
