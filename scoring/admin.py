"""The rows of the scoring, to look at: computed, frozen and published ones never change, the others by use-cases alone."""

from __future__ import annotations

from django.contrib import admin

from accounts.read_only import ReadOnly
from scoring.models import (
    Bundle,
    Consensus,
    Country,
    Dataset,
    Edition,
    Freeze,
    Recipe,
    Release,
    ReleaseUnit,
    Scoring,
    SeriesCountry,
    Unit,
)


class Listed(ReadOnly):
    """Rows whose large contents stay out of the form: they are downloaded from the release's page."""

    exclude = ("content", "result", "counted", "zip", "workbook")


admin.site.register((Bundle, Consensus, Dataset, Edition, Freeze, Recipe, Release, ReleaseUnit, Scoring), Listed)
admin.site.register((Country, SeriesCountry, Unit))
