"""What the API answers of rounds: how far the panel is, by code; never a name, never an answer."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from surveys.models import Round


class GroupCountsSerializer(serializers.Serializer[Any]):
    """A group of a closed round's panelists."""

    name = serializers.CharField()
    invited = serializers.IntegerField()
    submitted = serializers.IntegerField(
        allow_null=True, help_text="Null where fewer than five handed in, or where it would give away a smaller group."
    )


class RoundItemSerializer(serializers.Serializer[Any]):
    """A round in numbers: of a closed one those of its closing, whatever became of the panel since."""

    uid = serializers.UUIDField()
    panel = serializers.UUIDField(source="panel_uid")
    framework = serializers.UUIDField(source="framework_uid")
    number = serializers.IntegerField()
    state = serializers.ChoiceField(Round.State.choices)
    opens_at = serializers.DateTimeField(allow_null=True)
    closes_at = serializers.DateTimeField(allow_null=True)
    finish_until = serializers.DateTimeField(allow_null=True, help_text="Until when those who started may finish.")
    closed_at = serializers.DateTimeField(allow_null=True)
    locked_at = serializers.DateTimeField(allow_null=True, help_text="When a frozen method took it.")
    invited = serializers.IntegerField()
    started = serializers.IntegerField()
    submitted = serializers.IntegerField()
    comparisons = serializers.IntegerField()
    groups = GroupCountsSerializer(many=True, help_text="Of a closed round; empty before.")
    is_simulated = serializers.BooleanField()
    names_shown = serializers.BooleanField(
        help_text="Whether moderators see names beside progress; never beside answers."
    )
    drafts_count = serializers.BooleanField(help_text="Whether complete questions count that were not handed in.")
    promise_fingerprint = serializers.CharField(
        allow_blank=True, help_text="SHA-256 of what was told at the opening; empty before, and where none was kept."
    )


class RoundListSerializer(serializers.Serializer[Any]):
    """The rounds of a series' panels."""

    results = RoundItemSerializer(many=True)


class PanelistProgressSerializer(serializers.Serializer[Any]):
    """One panelist by code."""

    code = serializers.CharField()
    group = serializers.CharField()
    language = serializers.CharField()
    state = serializers.ChoiceField(["invited", "started", "done", "declined"], help_text="How far she is; no more.")
    invitation = serializers.CharField(help_text="State of her invitation; empty without an address.")


class NodeShareSerializer(serializers.Serializer[Any]):
    """How much of a question is answered."""

    node = serializers.CharField(source="code")
    share = serializers.FloatField(help_text="Of the pairs that it asks of those who are counted.")


class RoundProgressSerializer(serializers.Serializer[Any]):
    """A round with the progress of its panel."""

    round = RoundItemSerializer(source="summary")
    panelists = PanelistProgressSerializer(source="people.people", many=True)
    counted = serializers.IntegerField(
        source="shares.people", help_text="People behind the shares; they renew when five more have handed in."
    )
    nodes = NodeShareSerializer(source="shares.nodes", many=True)


class CloseOrderSerializer(serializers.Serializer[Any]):
    """How a round closes."""

    grace_minutes = serializers.IntegerField(
        required=False, min_value=0, max_value=7 * 24 * 60, help_text="How long those who started may finish; 0: now."
    )
