"""What the API answers of how sure a ranking is, and why its units moved."""

from __future__ import annotations

from typing import Any, get_args

from rest_framework import serializers

from scoring.api.answers import PAGE, RELEASE, Address, ReleaseNoteSerializer
from scoring.numerics.robustness.between import CAUSES
from scoring.numerics.robustness.change import Status
from scoring.numerics.robustness.doubling import Ended
from scoring.numerics.robustness.leave_one_out import KINDS

STATUSES = get_args(Status)


class VariedSerializer(serializers.Serializer[Any]):
    """Something that was varied."""

    factor = serializers.CharField(source="name")
    choices = serializers.IntegerField()
    varies = serializers.BooleanField(help_text="False where it has one choice.")


class AccuracySerializer(serializers.Serializer[Any]):
    """How exactly the ends of intervals are known, and why there are so many draws."""

    ended = serializers.ChoiceField(
        get_args(Ended), help_text="given: the recipe states their number; converged: all ends are known to one place."
    )
    budget = serializers.IntegerField(allow_null=True, help_text="The most draws; null with a stated number.")
    ends = serializers.IntegerField(help_text="Two of each ranked unit.")
    open_ends = serializers.IntegerField(help_text="Ends that are not known to one place.")
    widest = serializers.IntegerField(help_text="Places between which the least known end lies.")


class StudySerializer(serializers.Serializer[Any]):
    """What was drawn, from which seeds, and whether that was enough."""

    draws = serializers.IntegerField()
    accuracy = AccuracySerializer(allow_null=True, help_text="Null in releases that do not tell it.")
    seed = serializers.IntegerField()
    weights_seed = serializers.IntegerField(allow_null=True, help_text="Null where no weights were drawn.")
    panel_spread = serializers.BooleanField(
        allow_null=True,
        help_text="False where one expert gave all judgements: the spread over experts is unknown, and only the noise of "
        "her own judgements is in the intervals. Null where no weights were drawn.",
    )
    factors = VariedSerializer(many=True)
    not_varied = serializers.ListField(
        source="scope.not_varied",
        child=serializers.CharField(),
        help_text="What no interval holds: factors of the recipe, and further sources of doubt.",
    )
    mean_shift = serializers.FloatField(
        allow_null=True,
        help_text="How many places a rank moves, in the mean over draws and units. Null where no draw ranks anybody.",
    )
    ranking_nobody = serializers.IntegerField(help_text="Draws that rank nobody; they count for nothing else.")
    joint = serializers.FloatField(
        allow_null=True,
        help_text="Share of fresh draws in which all units are inside their joint sets; null where there are none.",
    )
    joint_undefined = serializers.CharField(help_text="Why there are no joint sets: a code; empty where there are.")
    half = serializers.IntegerField(help_text="Draws in the first half.")
    half_difference = serializers.FloatField(
        source="gap", help_text="With that half alone no end of an interval moves by more than so many places."
    )
    sensitivity_runs = serializers.IntegerField(source="runs", help_text="0 where no sensitivity was asked for.")
    sensitivity_defined = serializers.BooleanField(
        source="defined", help_text="False where the mean shift is the same in every run, or a run ranks nobody."
    )


class DrawnRankSerializer(serializers.Serializer[Any]):
    """A unit's drawn ranks; low and high are the 5th and 95th percentile, null where no draw ranks it."""

    code = serializers.CharField()
    name = serializers.CharField()
    rank = serializers.IntegerField()
    median = serializers.FloatField(source="drawn.value", allow_null=True)
    low = serializers.FloatField(source="drawn.low", allow_null=True)
    high = serializers.FloatField(source="drawn.high", allow_null=True)
    low_error = serializers.ListField(
        child=serializers.IntegerField(),
        allow_null=True,
        help_text="The two ranks between which the 5th percentile lies with 95 % probability, were there draws without end.",
    )
    high_error = serializers.ListField(child=serializers.IntegerField(), allow_null=True)
    half = serializers.ListField(
        child=serializers.IntegerField(), allow_null=True, help_text="25th and 75th percentile, outward to whole ranks."
    )
    is_off_half = serializers.BooleanField(help_text="The rank is outside that half.")
    modal_tier = serializers.IntegerField(allow_null=True, help_text="Tier drawn most often.")
    is_other_tier = serializers.BooleanField(help_text="The tier drawn most often is another than the released one.")
    joint_low = serializers.IntegerField(allow_null=True)
    joint_high = serializers.IntegerField(allow_null=True)
    tiers = serializers.ListField(
        source="shares", child=serializers.FloatField(), help_text="Share of the draws in each tier, the first first."
    )
    alike_first = serializers.IntegerField(
        source="first",
        help_text="First of the ranks around it that it cannot be told apart from; 0 where there are none.",
    )
    alike_last = serializers.IntegerField(source="last")
    change = Address("api:unit-change", *RELEASE, code="code")
    pairs = Address("api:unit-pairs", *RELEASE, code="code")


class AlikeGroupSerializer(serializers.Serializer[Any]):
    """Neighbours by rank, no two of which can be told apart in 95 % of the draws; groups overlap."""

    first = serializers.IntegerField()
    last = serializers.IntegerField()
    units = serializers.ListField(child=serializers.CharField())


class IntervalSerializer(serializers.Serializer[Any]):
    """A number with the 5th and 95th percentile; null where it is not defined."""

    value = serializers.FloatField(allow_null=True)
    low = serializers.FloatField(allow_null=True)
    high = serializers.FloatField(allow_null=True)


class FactorShareSerializer(serializers.Serializer[Any]):
    """What a factor explains of the variation in the mean shift of rank (Sobol' indices)."""

    factor = serializers.CharField()
    choices = serializers.IntegerField()
    first = IntervalSerializer(help_text="On its own.")
    total = IntervalSerializer(help_text="With all it interacts with.")


class CaseSerializer(serializers.Serializer[Any]):
    """The ranking without one part; unit is who moves most, empty where nobody does."""

    left_out = serializers.CharField(source="name")
    mean_shift = serializers.FloatField(source="shift")
    moved = serializers.IntegerField(help_text="Units whose rank changes.")
    unit = serializers.CharField()
    rank = serializers.IntegerField(allow_null=True)
    rank_without = serializers.IntegerField(source="without", allow_null=True)
    change = serializers.IntegerField(help_text="Places gained.")


class CasesSerializer(serializers.Serializer[Any]):
    """The parts of one kind."""

    kind = serializers.ChoiceField(KINDS)
    results = CaseSerializer(source="rows", many=True)
    undefined = serializers.ListField(
        child=serializers.CharField(), help_text="Parts that nothing can be computed without."
    )


class DrawnWeightSerializer(serializers.Serializer[Any]):
    """A criterion's weight among its siblings and in the whole index, as used, with the interval of its draws."""

    code = serializers.CharField(source="criterion.code")
    name = serializers.CharField(source="criterion.name")
    local = IntervalSerializer()
    whole = IntervalSerializer(source="global_weight")


class RobustnessSerializer(serializers.Serializer[Any]):
    """How sure a ranking is; without draws study is null and all lists are empty."""

    release = ReleaseNoteSerializer(source="head")
    study = StudySerializer(source="summary", allow_null=True)
    ranks = DrawnRankSerializer(source="rows", many=True)
    alike = AlikeGroupSerializer(source="groups", many=True)
    sensitivity = FactorShareSerializer(source="shares", many=True)
    leave_one_out = CasesSerializer(source="cases", many=True)
    weights = DrawnWeightSerializer(many=True)
    page = Address("scoring:robustness", *PAGE)


class PairSerializer(serializers.Serializer[Any]):
    """Another unit, and the share of the draws in which the unit asked for stands above it; ties count half."""

    code = serializers.CharField()
    name = serializers.CharField()
    rank = serializers.IntegerField()
    above = serializers.FloatField(allow_null=True)
    told_apart = serializers.BooleanField(source="is_apart", help_text="above is at least 0.95 or at most 0.05.")


class PairsSerializer(serializers.Serializer[Any]):
    """A unit against every other; empty where the release counted no pairs or the unit is not ranked."""

    release = ReleaseNoteSerializer(source="head")
    code = serializers.CharField()
    name = serializers.CharField()
    results = PairSerializer(source="pairs", many=True)


class ComparedReleaseSerializer(serializers.Serializer[Any]):
    """The release that a move is counted from."""

    edition = serializers.CharField()
    number = serializers.CharField()


class ChangePartSerializer(serializers.Serializer[Any]):
    """What one cause did."""

    cause = serializers.ChoiceField(CAUSES)
    places = serializers.CharField(help_text="Places gained, exactly: a whole number or a fraction such as -7/6.")
    points = serializers.CharField(help_text="Points of the score gained, with all their decimals.")


class ChangeSerializer(serializers.Serializer[Any]):
    """Why a unit moved since an earlier release; parts add up exactly to the move (Shapley value)."""

    status = serializers.ChoiceField(STATUSES, help_text="split, or why the two releases cannot be compared for it.")
    compared = ComparedReleaseSerializer(allow_null=True)
    rank_before = serializers.IntegerField(allow_null=True)
    rank_after = serializers.IntegerField(allow_null=True)
    rank_move = serializers.IntegerField(allow_null=True, help_text="Places gained; negative for lost.")
    score_before = serializers.CharField(allow_null=True)
    score_after = serializers.CharField(allow_null=True)
    score_move = serializers.CharField(allow_null=True)
    parts = ChangePartSerializer(many=True)
    rank_new_method = serializers.IntegerField(
        allow_null=True, help_text="Of the earlier data and units under this release's indicators, weights and recipe."
    )
    score_new_method = serializers.CharField(allow_null=True)


class CorrectedValueSerializer(serializers.Serializer[Any]):
    """A value that the correction changed; null where there was, or is, none."""

    indicator = serializers.CharField(source="criterion.code")
    name = serializers.CharField(source="criterion.name")
    before = serializers.FloatField(allow_null=True)
    after = serializers.FloatField(allow_null=True)


class UnitCorrectionSerializer(serializers.Serializer[Any]):
    """What a correction did to a unit, against the release that it corrects."""

    corrects = serializers.CharField(help_text="Number of the release corrected.")
    rank_before = serializers.IntegerField(allow_null=True)
    rank_after = serializers.IntegerField(allow_null=True)
    values = CorrectedValueSerializer(many=True)
    others = serializers.IntegerField(help_text="Other units with a value that is another now.")
    joined = serializers.IntegerField(help_text="Other units that came in.")
    left = serializers.IntegerField(help_text="Other units that went out.")
    is_hidden = serializers.BooleanField(help_text="Values left out for their licence may have been corrected too.")


class UnitChangeSerializer(serializers.Serializer[Any]):
    """Why a unit moved; change is null where the release is compared with no earlier one."""

    release = ReleaseNoteSerializer(source="head")
    code = serializers.CharField()
    change = ChangeSerializer(allow_null=True)
    correction = UnitCorrectionSerializer(allow_null=True, help_text="Null where the release corrects none.")
