"""What the API answers to a question about one unit: how it could move up, and what if."""

from __future__ import annotations

from typing import Any, get_args

from rest_framework import serializers

from scoring.api.answers import ReleaseNoteSerializer
from scoring.numerics.robustness.targets import Goal, Reason
from scoring.numerics.types import Factor

LEVER = "Who could change the indicator: city, country; empty = not known. What nobody can change is not proposed."
MOVES_WITH = "Other units of the country that have the new value too: the value is the country's."
STATES = ("found", "out_of_reach", "not_found", "first_tier")


class StepSerializer(serializers.Serializer[Any]):
    """One indicator at the value of a peer, all else held: the rank calculated then, no forecast.

    gained_low and gained_high are in whole places, outward.
    """

    indicator = serializers.CharField(source="criterion.code")
    name = serializers.CharField(source="criterion.name")
    unit = serializers.CharField(source="criterion.unit")
    lever = serializers.CharField(source="criterion.lever", help_text=LEVER)
    moves_with = serializers.IntegerField(source="together", help_text=MOVES_WITH)
    is_national = serializers.BooleanField(
        help_text="The value was measured for the country: it is the country's to change."
    )
    goal = serializers.ChoiceField(get_args(Goal), help_text="next: the peers' next quartile; best: the best peer.")
    before = serializers.FloatField()
    value = serializers.FloatField()
    peer = serializers.CharField(help_text="Code of the unit that has the value.")
    peer_name = serializers.CharField()
    score = serializers.FloatField()
    rank = serializers.IntegerField()
    gained = serializers.IntegerField(help_text="Places.")
    gained_low = serializers.IntegerField(source="low", allow_null=True, help_text="5th percentile over the draws.")
    gained_high = serializers.IntegerField(source="high", allow_null=True, help_text="95th percentile.")
    gained_per_cost = serializers.FloatField(source="per_cost", allow_null=True)


class NoHelpSerializer(serializers.Serializer[Any]):
    """An indicator that would not move the unit up."""

    indicator = serializers.CharField(source="criterion.code")
    name = serializers.CharField(source="criterion.name")
    reason = serializers.ChoiceField(get_args(Reason))


class ChangedValueSerializer(serializers.Serializer[Any]):
    """An indicator brought to the best value of the peers."""

    indicator = serializers.CharField(source="criterion.code")
    before = serializers.FloatField(allow_null=True)
    value = serializers.FloatField()
    peer = serializers.CharField()
    moves_with = serializers.IntegerField(source="together", help_text=MOVES_WITH)


class FewestSerializer(serializers.Serializer[Any]):
    """The fewest changes (with costs the cheapest) that reach the next tier."""

    state = serializers.ChoiceField(STATES)
    target = serializers.IntegerField(source="target.number", allow_null=True, default=None)
    changes = ChangedValueSerializer(many=True)
    rank = serializers.IntegerField(allow_null=True)
    score = serializers.FloatField(allow_null=True)
    cost = serializers.FloatField(allow_null=True)
    is_proven = serializers.BooleanField(help_text="No smaller (cheaper) set does; else the best found.")
    rank_with_all = serializers.IntegerField(source="all_rank", allow_null=True, help_text="With every change made.")


class PeerGroupSerializer(serializers.Serializer[Any]):
    """Whom the unit is compared with."""

    asked = serializers.CharField(help_text="all, chosen, or a grouping column's code.")
    value = serializers.CharField(help_text="The unit's own value there.")
    codes = serializers.ListField(child=serializers.CharField())
    unknown = serializers.ListField(child=serializers.CharField(), help_text="Names that no ranked unit has.")


class AdviceSerializer(serializers.Serializer[Any]):
    """How a unit could move up, one indicator at a time; what the intervals cover is stated."""

    release = ReleaseNoteSerializer(source="head")
    code = serializers.CharField(source="subject.code")
    name = serializers.CharField(source="subject.name")
    rank = serializers.IntegerField(source="subject.row.rank")
    of = serializers.IntegerField(source="subject.total")
    peers = PeerGroupSerializer()
    steps = StepSerializer(many=True)
    would_not_help = NoHelpSerializer(many=True)
    fewest_changes = FewestSerializer(source="fewest")
    interval_over = serializers.ListField(
        source="covers", child=serializers.ChoiceField(get_args(Factor)), help_text="What the draws vary."
    )
    not_varied = serializers.ListField(
        source="scope.not_varied", child=serializers.CharField(), help_text="What no interval here holds."
    )
    draws = serializers.IntegerField()


class SettingSerializer(serializers.Serializer[Any]):
    """A number as it is official and as it was asked; a weight is a share of its siblings."""

    code = serializers.CharField(source="criterion.code")
    official = serializers.FloatField(source="before", allow_null=True)
    what_if = serializers.FloatField(source="after", allow_null=True)


class AskedValueSerializer(SettingSerializer):
    """A value as it is official and as it was asked."""

    moves_with = serializers.IntegerField(source="together", help_text=MOVES_WITH)


class OtherRankSerializer(serializers.Serializer[Any]):
    """A unit whose rank would be another."""

    code = serializers.CharField()
    name = serializers.CharField()
    official = serializers.IntegerField(source="before")
    what_if = serializers.IntegerField(source="after")


class OfficialPlaceSerializer(serializers.Serializer[Any]):
    """Where the release has the unit."""

    rank = serializers.IntegerField(source="official_rank")
    tier = serializers.IntegerField(source="official_tier.number")
    score = serializers.FloatField(source="official_score")


class UnofficialPlaceSerializer(serializers.Serializer[Any]):
    """Where the unit would be; rank_low and rank_high hold nine of ten draws."""

    rank = serializers.IntegerField()
    rank_low = serializers.IntegerField(source="low", allow_null=True)
    rank_high = serializers.IntegerField(source="high", allow_null=True)
    tier = serializers.IntegerField(source="tier.number")
    score = serializers.FloatField()
    interval_over = serializers.ListField(source="covers", child=serializers.ChoiceField(get_args(Factor)))
    not_varied = serializers.ListField(
        source="scope.not_varied", child=serializers.CharField(), help_text="What no interval here holds."
    )
    draws = serializers.IntegerField()


class PossibleSerializer(serializers.Serializer[Any]):
    """What may be asked of an indicator."""

    indicator = serializers.CharField(source="criterion.code")
    official = serializers.FloatField(allow_null=True)
    low = serializers.FloatField()
    high = serializers.FloatField()


class WhatIfSerializer(serializers.Serializer[Any]):
    """A reader's what-if: unofficial, never a published result."""

    unofficial = serializers.SerializerMethodField(help_text="Always true.")
    release = ReleaseNoteSerializer(source="head")
    code = serializers.CharField(source="subject.code")
    name = serializers.CharField(source="subject.name")
    of = serializers.IntegerField(source="subject.total")
    official = OfficialPlaceSerializer(source="outcome")
    what_if = UnofficialPlaceSerializer(source="outcome")
    values = AskedValueSerializer(source="outcome.values", many=True)
    weights = SettingSerializer(source="outcome.weights", many=True)
    pillars = SettingSerializer(source="outcome.pillars", many=True)
    moved = OtherRankSerializer(source="outcome.moved", many=True)
    possible = serializers.SerializerMethodField()

    def get_unofficial(self, _: object) -> bool:
        """Say so."""
        return True

    def get_possible(self, page: Any) -> list[dict[str, Any]]:
        """Return what may be asked of every indicator."""
        controls = [control for group in page.groups for control in group.controls]
        return list(PossibleSerializer(controls, many=True).data)
