"""What the API says of people and roles, and what is sent of them."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.utils import timezone
from rest_framework import serializers

from accounts.models import Role, User
from accounts.units import UnitKind


class SettingsSerializer(serializers.Serializer[Any]):
    """What a series is called and how it speaks."""

    names = serializers.DictField(
        child=serializers.CharField(max_length=200, allow_blank=True), help_text="By language."
    )
    descriptions = serializers.DictField(
        child=serializers.CharField(max_length=2000, allow_blank=True), help_text="By language."
    )
    languages = serializers.ListField(child=serializers.CharField(max_length=16))
    contact = serializers.EmailField(max_length=150)
    time_zone = serializers.CharField(max_length=64, help_text="Such as Africa/Casablanca; the API itself speaks UTC.")
    unit_kind = serializers.ChoiceField(
        UnitKind.choices,
        required=False,
        help_text="What it ranks, as its pages say it; left out, it stays. Fixed with the first release.",
    )


class HeldRoleSerializer(serializers.Serializer[Any]):
    """A role of somebody."""

    role = serializers.ChoiceField(Role.Kind.choices, source="kind")
    last_day = serializers.DateField(allow_null=True, help_text="In UTC; null: it stands until it is taken away.")
    successor = serializers.IntegerField(
        allow_null=True, help_text="The account that has the role from the next day on."
    )
    deputy = serializers.IntegerField(allow_null=True, help_text="The account that acts in a reviewer's place.")


class ColleagueSerializer(serializers.Serializer[Any]):
    """Somebody with a role in the series."""

    account = serializers.IntegerField(source="pk")
    name = serializers.CharField()
    email = serializers.EmailField()
    roles = HeldRoleSerializer(many=True)


class InvitedSerializer(serializers.Serializer[Any]):
    """An invitation that is open."""

    uid = serializers.UUIDField()
    email = serializers.EmailField()
    role = serializers.ChoiceField(Role.Kind.choices, source="kind")
    ends_at = serializers.DateTimeField()
    is_over = serializers.BooleanField()
    mail_state = serializers.CharField()
    mail_error = serializers.CharField()


class PeopleSerializer(serializers.Serializer[Any]):
    """Who has which role in a series, and who is invited."""

    is_of_one = serializers.BooleanField(help_text="One person alone owns, moderates and reviews.")
    people = ColleagueSerializer(many=True)
    invited = InvitedSerializer(many=True)


class InviteSerializer(serializers.Serializer[Any]):
    """Whom to offer which role, in which language."""

    email = serializers.EmailField(max_length=150)
    role = serializers.ChoiceField(Role.Kind.choices, source="kind")
    language = serializers.ChoiceField(settings.LANGUAGES)


class RoleTermSerializer(serializers.Serializer[Any]):
    """Until when a role stands, who has it then, and who is a reviewer's deputy; what is left out is none."""

    last_day = serializers.DateField(default=None, allow_null=True)
    successor = serializers.PrimaryKeyRelatedField(queryset=User.objects.none(), default=None, allow_null=True)
    deputy = serializers.PrimaryKeyRelatedField(queryset=User.objects.none(), default=None, allow_null=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Know the people of the series alone: no other account is told to be there."""
        super().__init__(*args, **kwargs)
        if series := self.context.get("series"):
            roles = Role.objects.standing(timezone.now()).filter(series=series)
            for name in ("successor", "deputy"):
                self.fields[name].queryset = User.objects.filter(roles__in=roles).distinct()  # type: ignore[attr-defined]
