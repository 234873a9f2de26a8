"""What is ranked and the indicator data: units in countries, datasets in versions, observations with their source."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q

from accounts.models import Series
from accounts.names import localised


class Country(models.Model):
    """A country or territory by its ISO 3166-1 alpha-3 code."""

    code = models.CharField(max_length=3, unique=True)
    names = models.JSONField()

    class Meta:
        verbose_name_plural = "countries"
        ordering = ["code"]

    def __str__(self) -> str:
        return self.code

    @property
    def name(self) -> str:
        """The name in the reader's language."""
        return localised(self.names)


class SeriesCountry(models.Model):
    """Membership of a country in a series' region, dated and with its source.

    ``names`` are those that the series uses for it in these dates, by language; ``source`` is the list it follows.
    ``is_area`` is the series' own decision for these dates: whether it counts it as an area beside the countries.
    """

    series = models.ForeignKey(Series, on_delete=models.CASCADE, related_name="countries")
    country = models.ForeignKey(Country, on_delete=models.PROTECT, related_name="memberships")
    since = models.DateField()
    until = models.DateField(null=True, blank=True)
    source = models.TextField(blank=True)
    names = models.JSONField(default=dict, blank=True)
    is_area = models.BooleanField(default=False)

    class Meta:
        verbose_name_plural = "series countries"
        constraints = [
            models.UniqueConstraint(fields=["series", "country", "since"], name="membership_once"),
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gt=F("since")), name="membership_ends_after_it_began"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.country} in {self.series}"


class Unit(models.Model):
    """What is ranked: a city (or a country), with names per language and other spellings to find it by."""

    code = models.CharField(max_length=64, unique=True)
    names = models.JSONField()
    aliases = models.JSONField(default=list, blank=True)
    country = models.ForeignKey(Country, on_delete=models.PROTECT, related_name="units", null=True, blank=True)
    population = models.PositiveBigIntegerField(null=True, blank=True)
    latitude = models.FloatField(null=True, blank=True)
    longitude = models.FloatField(null=True, blank=True)

    class Meta:
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                condition=Q(latitude__isnull=True, longitude__isnull=True)
                | Q(latitude__gte=-90, latitude__lte=90, longitude__gte=-180, longitude__lte=180),
                name="unit_lies_on_earth",
            ),
        ]

    def __str__(self) -> str:
        return localised(self.names, "en")

    @property
    def name(self) -> str:
        """The name in the reader's language."""
        return localised(self.names)


class Dataset(models.Model):
    """A version of a series' indicator data, complete when loaded; triggers refuse every later change of it.

    ``framework_uid`` names the framework version whose indicators the columns are. ``licences`` are those of its sources
    (`licences_to_plain`); None in versions from before they were kept, which say nothing of them.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    series = models.ForeignKey(Series, on_delete=models.PROTECT, related_name="datasets")
    framework_uid = models.UUIDField()
    number = models.PositiveIntegerField()
    note = models.TextField(blank=True)
    licences = models.JSONField(null=True, blank=True)
    fingerprint = models.CharField(max_length=64)
    loaded_at = models.DateTimeField()
    loaded_by = models.CharField(max_length=150, blank=True)

    class Meta:
        ordering = ["series", "number"]
        constraints = [models.UniqueConstraint(fields=["series", "number"], name="dataset_number_once")]

    def __str__(self) -> str:
        return f"{self.series}, data version {self.number}"


class DatasetUnit(models.Model):
    """One row of a dataset: a unit at a time, with the groups and denominators the file gave it.

    ``described`` keeps the unit as this version of the data knows it; it is empty in versions from before it was kept.
    """

    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="units")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="rows")
    time = models.CharField(max_length=16, blank=True)
    groups = models.JSONField(default=dict, blank=True)
    denominators = models.JSONField(default=dict, blank=True)
    described = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ["dataset", "unit", "time"]
        constraints = [models.UniqueConstraint(fields=["dataset", "unit", "time"], name="dataset_unit_once")]

    def __str__(self) -> str:
        return f"{self.unit_id} {self.time}"


class Observation(models.Model):
    """One value with where it comes from. A missing value has no row; ``given`` False marks one filled by its provider.

    No year, no resolution, no source and no ``given`` mean that nobody said.
    """

    class Resolution(models.TextChoices):
        """What the value was measured for; unknown is empty."""

        CITY = "city", "city"
        COUNTRY = "country", "country"

    row = models.ForeignKey(DatasetUnit, on_delete=models.CASCADE, related_name="observations")
    indicator = models.CharField(max_length=64)
    value = models.FloatField()
    year = models.PositiveIntegerField(null=True, blank=True)
    resolution = models.CharField(max_length=16, choices=Resolution, blank=True)
    source = models.TextField(blank=True)
    given = models.BooleanField(null=True, blank=True)

    class Meta:
        ordering = ["row", "indicator"]
        constraints = [
            models.UniqueConstraint(fields=["row", "indicator"], name="observation_once"),
            models.CheckConstraint(
                condition=Q(resolution__in=["city", "country", ""]), name="observation_resolution_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.indicator} = {self.value}"
