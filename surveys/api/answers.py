"""What the API answers of rounds: how far the panel is, by code; never a name, never an answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rest_framework import serializers

from surveys.models import Round

if TYPE_CHECKING:
    from datetime import datetime


class GroupCountsSerializer(serializers.Serializer[Any]):
    """A group of a closed round's panelists."""

    name = serializers.CharField()
    invited = serializers.IntegerField()
    submitted = serializers.IntegerField(
        allow_null=True, help_text="Null where fewer than five handed in, or where it would give away a smaller group."
    )


class NotOpenedSerializer(serializers.Serializer[Any]):
    """Why a planned round did not open at its hour."""

    code = serializers.CharField(help_text="`overlap`: another round was open; `bad_date`: its end had passed.")
    at = serializers.DateTimeField()
    round = serializers.IntegerField(allow_null=True, help_text="The number of the round in its way.")
    until = serializers.DateTimeField(allow_null=True, help_text="When that one ends.")


class MomentField(serializers.DateTimeField):
    """A moment that means the same on every clock: with its distance from UTC."""

    default_error_messages = {"naive": "Say its distance from UTC too, as in 2026-12-01T09:00:00+01:00."}

    def enforce_timezone(self, value: datetime) -> datetime:
        """Refuse a time that is said without it."""
        if value.tzinfo is None:
            self.fail("naive")
        return super().enforce_timezone(value)


class RoundItemSerializer(serializers.Serializer[Any]):
    """A round in numbers: of a closed one those of its closing, whatever became of the panel since."""

    uid = serializers.UUIDField()
    panel = serializers.UUIDField(source="panel_uid")
    framework = serializers.UUIDField(source="framework_uid")
    number = serializers.IntegerField()
    state = serializers.ChoiceField(Round.State.choices)
    opens_at = serializers.DateTimeField(
        allow_null=True, help_text="Of a planned round when it opens by itself; else when it opened."
    )
    closes_at = serializers.DateTimeField(allow_null=True)
    finish_until = serializers.DateTimeField(allow_null=True, help_text="Until when those who started may finish.")
    ends_at = serializers.DateTimeField(
        allow_null=True, help_text="When it ends: the announced end, else when it closes by itself."
    )
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
    not_opened = NotOpenedSerializer(allow_null=True)


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
    tell = serializers.BooleanField(default=False, help_text="Whether those who have not handed in are mailed, once.")


class EndOrderSerializer(serializers.Serializer[Any]):
    """Until when a round is open."""

    ends_at = MomentField()
    tell = serializers.BooleanField(default=False, help_text="Whether those who have not handed in are mailed, once.")


class PlanChangeSerializer(serializers.Serializer[Any]):
    """What changes of a plan; what is left out stays."""

    opens_at = MomentField(required=False, allow_null=True, help_text="When it opens by itself; null: by hand.")
    closes_at = MomentField(required=False)
    drafts_count = serializers.BooleanField(required=False)
    pairs = serializers.ListField(
        child=serializers.ListField(child=serializers.CharField(), min_length=2, max_length=2),
        required=False,
        help_text="Of a round that follows another: two codes a pair, in either order.",
    )


class StoppedMailsSerializer(serializers.Serializer[Any]):
    """Mails that will not be sent."""

    stopped = serializers.IntegerField()
