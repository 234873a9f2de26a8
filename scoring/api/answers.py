"""What the API answers, field by field: the page objects of ``queries`` without what only a drawing needs.

A field called ``source`` or ``parent`` is read by its name; the metaclass takes it out of the class, so it hides nothing.
"""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.reverse import reverse

from accounts.units import UnitKind
from scoring import models
from scoring.files.sources import RESOLUTIONS

if TYPE_CHECKING:
    from scoring.queries.published.files import FilesPage
    from scoring.queries.published.release_head import ReleaseHead
    from scoring.queries.published.unit import ProfilePage, Value

VALUE_STATES = ("given", "estimated", "unknown", "withheld", "imputed", "missing")
STATES_TOLD = (
    "estimated: by its provider; unknown: measured or estimated, nobody said; withheld: it counts, and its licence does not "
    "let it be shown; imputed: by the recipe."
)
HALF_TOLD = "The ranks, outward, that hold the middle half of its draws (25th to 75th percentile); null where not told."
UNTOLD = "Null in releases that do not tell it."


@extend_schema_field(OpenApiTypes.URI)
class Address(serializers.Field[Any, Any, str, Any]):
    """The full address of a named place; arguments from the context's place by name, or from the row by attribute."""

    def __init__(self, name: str, /, *shared: str, **own: str) -> None:
        """Keep the name and where its arguments are read."""
        super().__init__(source="*", read_only=True)
        self.name, self.shared, self.own = name, shared, own

    def to_representation(self, value: Any) -> str:
        """Build the address."""
        arguments = {argument: self.context["place"][argument] for argument in self.shared}
        arguments |= {argument: attrgetter(path)(value) for argument, path in self.own.items()}
        return reverse(self.name, kwargs=arguments, request=self.context["request"])


RELEASE = ("series", "edition", "release")
PAGE = ("series", "edition", "number")


# --- series, editions, releases -----------------------------------------------------------------------------------------


class RootSerializer(serializers.Serializer[Any]):
    """Where to go from here."""

    series = serializers.URLField()
    schema = serializers.URLField()
    docs = serializers.URLField()


class SeriesItemSerializer(serializers.Serializer[Any]):
    """A ranking that appears again and again."""

    slug = serializers.CharField()
    name = serializers.CharField()
    description = serializers.CharField()
    is_demonstration = serializers.BooleanField(help_text="Demonstration data, not a published ranking.")
    unit_kind = serializers.ChoiceField(UnitKind.choices, help_text="What it ranks.")
    url = Address("api:series", series="slug")


class SeriesListSerializer(serializers.Serializer[Any]):
    """Every series that has an edition."""

    results = SeriesItemSerializer(many=True)


class EditionItemSerializer(serializers.Serializer[Any]):
    """One issue of a series; of an edition that is not released nothing is told but that there is one, and its state."""

    slug = serializers.CharField()
    state = serializers.ChoiceField(models.Edition.State.choices)
    latest_release = serializers.SerializerMethodField()
    released_at = serializers.DateTimeField(allow_null=True)
    units = serializers.IntegerField(help_text="Ranked units of the newest release.")
    countries = serializers.IntegerField(help_text="Countries they lie in.")
    areas = serializers.IntegerField(help_text="Areas they lie in, which the series counts beside the countries.")
    url = Address("api:edition", "series", edition="slug")

    def get_latest_release(self, row: Any) -> str | None:
        """Return the newest release's number."""
        return row.number or None


class EditionListSerializer(serializers.Serializer[Any]):
    """The editions of a series, newest first."""

    results = EditionItemSerializer(many=True)


class MembershipSerializer(serializers.Serializer[Any]):
    """A country of the region that the series ranks, or an area that it counts beside the countries, with its dates."""

    code = serializers.CharField()
    name = serializers.CharField(help_text="As the series names it in these dates.")
    since = serializers.DateField()
    until = serializers.DateField(allow_null=True)
    list = serializers.CharField(source="source", help_text="The list that is followed.")
    is_area = serializers.BooleanField()


class SeriesSerializer(SeriesItemSerializer):
    """A series with its editions, newest first, and who belongs to its region."""

    contact = serializers.CharField()
    licence = serializers.CharField(help_text="Of its own work from the next release on; empty where nobody said.")
    editions = EditionItemSerializer(many=True)
    members = MembershipSerializer(many=True)
    former = MembershipSerializer(many=True, help_text="Who belonged to it once.")


class ReleaseItemSerializer(serializers.Serializer[Any]):
    """One published version of an edition."""

    number = serializers.CharField()
    released_at = serializers.DateTimeField()
    reason = serializers.CharField(help_text="Why it corrects or replaces the one before it; empty for the first.")
    is_superseded = serializers.BooleanField()
    fingerprint = serializers.CharField()
    url = Address("api:release", "series", "edition", release="version")


class ReleaseListSerializer(serializers.Serializer[Any]):
    """The releases of an edition, newest first; none before the first."""

    results = ReleaseItemSerializer(many=True)


class EditionSerializer(serializers.Serializer[Any]):
    """An edition with its releases, newest first."""

    series = serializers.CharField()
    slug = serializers.CharField()
    state = serializers.ChoiceField(models.Edition.State.choices)
    reference_date = serializers.DateField(allow_null=True)
    releases = ReleaseItemSerializer(many=True)


class OtherReleaseSerializer(serializers.Serializer[Any]):
    """Another release of the edition."""

    number = serializers.CharField()
    url = serializers.URLField()


class ReleaseNoteSerializer(serializers.Serializer[Any]):
    """Which release an answer is of, and what has become of it."""

    series = serializers.CharField()
    edition = serializers.CharField()
    number = serializers.CharField()
    released_at = serializers.DateTimeField()
    is_demonstration = serializers.BooleanField(help_text="Demonstration data, not a published ranking.")
    is_simulated = serializers.BooleanField(help_text="The judgements behind it are simulated; no person gave them.")
    is_withdrawn = serializers.BooleanField()
    is_superseded = serializers.BooleanField()
    superseded_by = serializers.SerializerMethodField(help_text="The newest release, where this one is superseded.")
    url = Address("api:release", *RELEASE)

    @extend_schema_field(OtherReleaseSerializer(allow_null=True))
    def get_superseded_by(self, head: ReleaseHead) -> dict[str, str] | None:
        """Return the newest release."""
        if not head.is_superseded:
            return None
        place = {"series": head.series, "edition": head.edition, "release": f"v{head.latest}"}
        return {"number": head.latest, "url": reverse("api:release", kwargs=place, request=self.context["request"])}


class ReleaseSerializer(ReleaseNoteSerializer):
    """One release, and where its parts are."""

    series_name = serializers.CharField()
    corrects = serializers.CharField(help_text="Number of the release it corrects; empty where it corrects none.")
    supersedes = serializers.CharField(help_text="Number of the release before; empty for the first.")
    reason = serializers.CharField(help_text="Why it corrects or replaces it.")
    fingerprint = serializers.CharField()
    code_version = serializers.CharField()
    contact = serializers.CharField()
    limits = serializers.ListField(child=serializers.CharField(), help_text="What not to conclude.")
    ranking = Address("api:ranking", *RELEASE)
    weights = Address("api:weights", *RELEASE)
    indicators = Address("api:indicators", *RELEASE)
    method = Address("api:method", *RELEASE)
    files = Address("api:files", *RELEASE)
    robustness = Address("api:robustness", *RELEASE)
    page = Address("scoring:release", *PAGE)


# --- what stands beside numbers ------------------------------------------------------------------------------------------


class CountrySharesSerializer(serializers.Serializer[Any]):
    """What of the ranking its countries share, each null where it is not defined."""

    variance_between = serializers.FloatField(
        source="variance", allow_null=True, help_text="Share of the variance of scores that lies between countries."
    )
    weight_for_country = serializers.FloatField(
        source="weight", allow_null=True, help_text="Share of the weight on values measured for countries."
    )
    weight_unknown = serializers.FloatField(
        source="unknown", allow_null=True, help_text="Share of the weight on values of which nobody said for what."
    )
    is_most = serializers.BooleanField(
        help_text="More than half of the variance: within a country only pairs that are told apart have an order."
    )


class ScopeSerializer(serializers.Serializer[Any]):
    """What the intervals vary and what they do not."""

    varied = serializers.ListField(child=serializers.CharField(), help_text="Factors of the recipe.")
    not_varied = serializers.ListField(
        child=serializers.CharField(), help_text="Factors of the recipe, and names of further sources of doubt."
    )


# --- ranking and units --------------------------------------------------------------------------------------------------


class TierSerializer(serializers.Serializer[Any]):
    """A band of the ranking: shares of positions from low (not included) to high, or scores from low up."""

    number = serializers.IntegerField()
    by = serializers.ChoiceField(("position", "score"))
    low = serializers.FloatField(allow_null=True)
    high = serializers.FloatField(allow_null=True)
    count = serializers.IntegerField()
    first = serializers.IntegerField(help_text="First rank it holds; 0 where it holds none.")
    last = serializers.IntegerField()


class RankedUnitSerializer(serializers.Serializer[Any]):
    """A unit in the ranking; rank_low and rank_high are the 5th and 95th percentile of its rank, outward to whole ranks.

    Each such interval holds for its unit alone; all units are inside their joint sets at once in 90 % of fresh draws.
    """

    rank = serializers.IntegerField()
    rank_low = serializers.IntegerField(source="low", allow_null=True)
    rank_high = serializers.IntegerField(source="high", allow_null=True)
    rank_joint_low = serializers.IntegerField(
        source="joint_low", allow_null=True, help_text="Of the set of ranks in which all units are at once."
    )
    rank_joint_high = serializers.IntegerField(source="joint_high", allow_null=True)
    rank_half = serializers.ListField(
        source="half", child=serializers.IntegerField(), allow_null=True, help_text=HALF_TOLD
    )
    is_off_half = serializers.BooleanField(help_text="The rank is outside that half.")
    modal_tier = serializers.IntegerField(
        allow_null=True, help_text="Tier drawn most often; null where it is not told."
    )
    is_other_tier = serializers.BooleanField(help_text="The tier drawn most often is another than the released one.")
    tier = serializers.IntegerField(source="tier.number")
    score = serializers.FloatField()
    code = serializers.CharField()
    name = serializers.CharField()
    country_code = serializers.CharField(help_text="ISO 3166-1 alpha-3.")
    country = serializers.CharField()
    url = Address("api:unit", *RELEASE, code="code")


class LeftOutSerializer(serializers.Serializer[Any]):
    """A unit left unranked for want of data, or for its circumstances: the share of its values given, the share needed."""

    code = serializers.CharField()
    name = serializers.CharField()
    country = serializers.CharField()
    share = serializers.FloatField(allow_null=True)
    needed = serializers.FloatField(allow_null=True)
    reason = serializers.CharField(
        help_text="Of a rule frozen before the data, which leaves it out for its circumstances; empty for want of data."
    )


class RankingSerializer(serializers.Serializer[Any]):
    """Ranked units by rank, then code; the order never changes, so pages neither repeat nor lose a unit."""

    release = ReleaseNoteSerializer()
    total = serializers.IntegerField(help_text="Ranked units of the whole release.")
    count = serializers.IntegerField(help_text="Ranked units that the filter finds.")
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    countries = CountrySharesSerializer(allow_null=True, help_text=UNTOLD)
    scope = ScopeSerializer(allow_null=True, help_text="Of the rank intervals; null without them.")
    results = RankedUnitSerializer(many=True)
    left_out = LeftOutSerializer(many=True)
    tiers = TierSerializer(many=True)


class PillarSerializer(serializers.Serializer[Any]):
    """The unit's score on a criterion below the root, against the median of all ranked units."""

    code = serializers.CharField(source="criterion.code")
    name = serializers.CharField(source="criterion.name")
    weight = serializers.FloatField(allow_null=True)
    score = serializers.FloatField(allow_null=True)
    median = serializers.FloatField()
    place = serializers.IntegerField(allow_null=True)
    of = serializers.IntegerField()


class UnitValueSerializer(serializers.Serializer[Any]):
    """One indicator of the unit: its value as it came in, its normalised value and where it comes from."""

    indicator = serializers.CharField(source="criterion.code")
    name = serializers.CharField(source="criterion.name")
    unit = serializers.CharField(source="criterion.unit")
    direction = serializers.IntegerField(source="criterion.direction", help_text="-1 where less is better.")
    value = serializers.FloatField(allow_null=True)
    median = serializers.FloatField(allow_null=True, help_text="Of all ranked units.")
    normalised = serializers.FloatField(allow_null=True)
    place = serializers.IntegerField(allow_null=True, help_text="From the best, among the units that have a value.")
    of = serializers.IntegerField()
    year = serializers.IntegerField(allow_null=True, help_text="null where unknown.")
    resolution = serializers.SerializerMethodField(help_text="What it was measured for; null where unknown.")
    source = serializers.SerializerMethodField()  # type: ignore[assignment]
    licence = serializers.SerializerMethodField(help_text="Of its source; null where the release names none.")
    state = serializers.ChoiceField(VALUE_STATES, help_text=STATES_TOLD)

    @extend_schema_field(serializers.ChoiceField(RESOLUTIONS, allow_null=True))
    def get_resolution(self, value: Value) -> str | None:
        """Return the resolution, None where it is unknown."""
        return value.resolution or None

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_source(self, value: Value) -> str | None:
        """Return the source's text, None where it is unknown."""
        return self.context["sources"][value.source - 1].name if value.source else None

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_licence(self, value: Value) -> str | None:
        """Return the licence of its source, None where the release names none."""
        return self.context["sources"][value.source - 1].licence or None if value.source else None


class UnitSerializer(serializers.Serializer[Any]):
    """One unit of a release with all its values; rank, tier and score are null where it is left out."""

    release = ReleaseNoteSerializer(source="head")
    code = serializers.CharField()
    name = serializers.CharField()
    country_code = serializers.CharField()
    country = serializers.CharField()
    population = serializers.IntegerField(allow_null=True)
    rank = serializers.IntegerField(source="row.rank", allow_null=True)
    rank_low = serializers.IntegerField(source="row.low", allow_null=True)
    rank_high = serializers.IntegerField(source="row.high", allow_null=True)
    rank_joint_low = serializers.IntegerField(
        source="row.joint_low", allow_null=True, help_text="Of the set of ranks in which all units are at once."
    )
    rank_joint_high = serializers.IntegerField(source="row.joint_high", allow_null=True)
    rank_half = serializers.ListField(
        source="row.half", child=serializers.IntegerField(), allow_null=True, help_text=HALF_TOLD
    )
    is_off_half = serializers.BooleanField(source="row.is_off_half", allow_null=True)
    modal_tier = serializers.IntegerField(source="row.modal_tier", allow_null=True)
    is_other_tier = serializers.BooleanField(source="row.is_other_tier", allow_null=True)
    of = serializers.IntegerField(source="total", help_text="Ranked units.")
    tier = serializers.IntegerField(source="row.tier.number", allow_null=True)
    score = serializers.FloatField(source="row.score", allow_null=True)
    left_out = LeftOutSerializer(allow_null=True)
    countries = CountrySharesSerializer(source="beside.countries", allow_null=True, help_text=UNTOLD)
    scope = ScopeSerializer(source="beside.scope", allow_null=True, help_text="Of the rank interval; null without one.")
    pillars = PillarSerializer(many=True)
    values = serializers.SerializerMethodField()

    @extend_schema_field(UnitValueSerializer(many=True))
    def get_values(self, page: ProfilePage) -> Any:
        """Return every indicator in the order of the tree."""
        values = [value for group in page.groups for value in group.values]
        return UnitValueSerializer(values, many=True, context={"sources": page.sources}).data


# --- weights, indicators, method, files ---------------------------------------------------------------------------------


class FileSerializer(serializers.Serializer[Any]):
    """A file of the release; url is where it is downloaded."""

    name = serializers.CharField()
    size = serializers.IntegerField(help_text="Bytes.")
    sha256 = serializers.CharField()
    url = Address("scoring:file", *PAGE, name="name")


class SourceLicenceSerializer(serializers.Serializer[Any]):
    """A source of the release's values; an empty name stands for the values that name none."""

    name = serializers.CharField(source="source", allow_blank=True)
    licence = serializers.CharField()
    retrieved = serializers.DateField(allow_null=True, help_text="The day its values were fetched; null where unknown.")
    redistribution = serializers.BooleanField(help_text="Where false its values are in no file and on no page.")


class FilesSerializer(serializers.Serializer[Any]):
    """All files of a release; bundle (zip) and workbook (XLSX) are null until they are built."""

    release = ReleaseNoteSerializer(source="head")
    bundle = FileSerializer(allow_null=True)
    workbook = FileSerializer(allow_null=True)
    licence = serializers.SerializerMethodField(help_text="Of the work itself; null where nobody said.")
    sources = SourceLicenceSerializer(
        source="licences", many=True, help_text="Empty in releases from before they were told."
    )
    results = FileSerializer(source="files", many=True)

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_licence(self, page: FilesPage) -> str | None:
        """Return the licence of the work, None where it is unknown."""
        return page.licence or None
