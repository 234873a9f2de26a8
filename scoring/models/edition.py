"""Editions and what becomes of them: method freeze, scoring, release. A release is complete in itself and never changes."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from accounts.models import Series
from accounts.names import localised
from scoring.models.consensus import Consensus
from scoring.models.dataset import Dataset
from scoring.models.job import Job
from scoring.states import EditionState, JobState

JOB_STATE_KNOWN = Q(state__in=JobState.values)


class Recipe(models.Model):
    """A stored recipe: its TOML text as written, its canonical values, and their fingerprint."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    series = models.ForeignKey(Series, on_delete=models.PROTECT, related_name="recipes")
    number = models.PositiveIntegerField()
    text = models.TextField()
    content = models.JSONField()
    fingerprint = models.CharField(max_length=64)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["series", "number"]
        constraints = [
            models.UniqueConstraint(fields=["series", "number"], name="recipe_number_once"),
            models.UniqueConstraint(fields=["series", "fingerprint"], name="recipe_content_once"),
        ]

    def __str__(self) -> str:
        return f"recipe {self.number}"


class UnitList(models.Model):
    """A stored list of who is ranked (`scoring.files.unit_lists.ListedUnits`), numbered in its series, which keeps them all."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    series = models.ForeignKey(Series, on_delete=models.PROTECT, related_name="unit_lists")
    number = models.PositiveIntegerField()
    content = models.JSONField()
    fingerprint = models.CharField(max_length=64)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=150)

    class Meta:
        ordering = ["series", "number"]
        constraints = [
            models.UniqueConstraint(fields=["series", "number"], name="unit_list_number_once"),
            models.UniqueConstraint(fields=["series", "fingerprint"], name="unit_list_content_once"),
        ]

    def __str__(self) -> str:
        return f"list of units {self.number}"


class Edition(models.Model):
    """One issue of a series: joins one framework version, one or more panels, a list of units, a recipe, a consensus and data."""

    State = EditionState

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    series = models.ForeignKey(Series, on_delete=models.PROTECT, related_name="editions")
    slug = models.SlugField()
    state = models.CharField(max_length=16, choices=State, default=State.PREPARING)
    reference_date = models.DateField(null=True, blank=True)
    framework_uid = models.UUIDField(null=True, blank=True)
    recipe = models.ForeignKey(Recipe, on_delete=models.PROTECT, related_name="editions", null=True, blank=True)
    unit_list = models.ForeignKey(UnitList, on_delete=models.PROTECT, related_name="editions", null=True, blank=True)
    consensus = models.ForeignKey(Consensus, on_delete=models.PROTECT, related_name="editions", null=True, blank=True)
    # of another edition of the series, whose weights it takes; None where it asks its own panels
    carried = models.ForeignKey("Freeze", on_delete=models.PROTECT, related_name="carried_by", null=True, blank=True)
    dataset = models.ForeignKey(Dataset, on_delete=models.PROTECT, related_name="editions", null=True, blank=True)
    limits = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["series", "-slug"]
        constraints = [
            models.UniqueConstraint(fields=["series", "slug"], name="edition_slug_once"),
            models.CheckConstraint(condition=Q(state__in=EditionState.values), name="edition_state_known"),
        ]

    def __str__(self) -> str:
        return f"{self.series} {self.slug}"

    @property
    def limit(self) -> str:
        """What the reader must not conclude, in her language."""
        return localised(self.limits)


class EditionPanel(models.Model):
    """A panel that an edition asks (by uid; no key reaches into surveys)."""

    edition = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="panels")
    panel_uid = models.UUIDField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["edition", "panel_uid"], name="edition_panel_once")]

    def __str__(self) -> str:
        return str(self.panel_uid)


class Freeze(models.Model):
    """Tree, weights, recipe, list of units and receipts of an edition, fixed, fingerprinted and dated before data are opened.

    An edition's freezes are numbered; what is released by one carries its number as the first of its own, 1.0. Freezes of
    before lists of units were kept have none.

    ``content`` holds everything as plain values: framework rows, consensus method and weights, recipe, list of units,
    receipts and the judgements under codes, so that nothing behind it has to be read again. Triggers refuse every change.
    """

    edition = models.ForeignKey(Edition, on_delete=models.PROTECT, related_name="freezes")
    number = models.PositiveIntegerField()
    consensus = models.ForeignKey(Consensus, on_delete=models.PROTECT, related_name="freezes")
    recipe = models.ForeignKey(Recipe, on_delete=models.PROTECT, related_name="freezes")
    unit_list = models.ForeignKey(UnitList, on_delete=models.PROTECT, related_name="freezes", null=True)
    approval = models.ForeignKey("Approval", on_delete=models.PROTECT, related_name="freezes", null=True, blank=True)
    # nobody else was there to approve it; None in freezes of before approvals were asked for
    is_of_one = models.BooleanField(null=True, blank=True)
    content = models.JSONField()
    fingerprint = models.CharField(max_length=64)
    frozen_at = models.DateTimeField()
    frozen_by = models.CharField(max_length=150)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["edition", "number"], name="freeze_number_once"),
            models.CheckConstraint(condition=Q(number__gte=1), name="freeze_number_from_one"),
        ]

    def __str__(self) -> str:
        return self.fingerprint[:12]


class Scoring(Job):
    """One computation of an edition: the frozen method on one dataset, once for each pair of them.

    ``compared`` is the release that the change is computed from: the edition before's newest when the scoring was asked for,
    or a series' first edition's own first; ``corrects`` is the first release by the same freeze, where there was one.
    ``result`` holds the exchange files of the data and of the result by name (text); the normalisation's parameters are in
    its ``summary.json``.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    edition = models.ForeignKey(Edition, on_delete=models.PROTECT, related_name="scorings")
    freeze = models.ForeignKey(Freeze, on_delete=models.PROTECT, related_name="scorings")
    dataset = models.ForeignKey(Dataset, on_delete=models.PROTECT, related_name="scorings")
    compared = models.ForeignKey("Release", on_delete=models.PROTECT, related_name="compared_by", null=True, blank=True)
    corrects = models.ForeignKey(
        "Release", on_delete=models.PROTECT, related_name="corrected_by", null=True, blank=True
    )
    code_version = models.CharField(max_length=64, blank=True)
    result = models.JSONField(null=True, blank=True)
    result_fingerprint = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [
            # asked twice, computed once
            models.UniqueConstraint(fields=["freeze", "dataset"], name="scoring_once"),
            models.CheckConstraint(condition=JOB_STATE_KNOWN, name="scoring_state_known"),
        ]

    def __str__(self) -> str:
        return f"scoring of {self.edition}"


class ScoringPart(models.Model):
    """Some of the runs by which a scoring studies how sure its ranking is: planned once, computed by whichever worker.

    The rows are the plan, so that every attempt cuts the study alike. ``content`` holds the part's arrays once it is
    computed. A scoring that has ended has no parts, so that a part still there is a part still wanted.
    """

    scoring = models.ForeignKey(Scoring, on_delete=models.CASCADE, related_name="parts")
    work = models.CharField(max_length=16)
    first = models.PositiveIntegerField()
    count = models.PositiveIntegerField()
    content = models.BinaryField(null=True)

    class Meta:
        ordering = ["scoring", "work", "first"]
        constraints = [
            # no run is planned twice
            models.UniqueConstraint(fields=["scoring", "work", "first"], name="scoring_part_once"),
            models.CheckConstraint(condition=Q(count__gte=1), name="scoring_part_holds_runs"),
        ]

    def __str__(self) -> str:
        return f"{self.work} {self.first} to {self.first + self.count - 1} of scoring {self.scoring_id}"


class Release(models.Model):
    """An immutable published version of an edition: 1.0, then corrections 1.1, 1.2 and so on.

    Its files (recipe, framework, judgements, weights, data, every step, scores, manifest with seed, code version and
    fingerprints) carry everything needed to recompute it. Triggers refuse every change.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    edition = models.ForeignKey(Edition, on_delete=models.PROTECT, related_name="releases")
    freeze = models.ForeignKey(Freeze, on_delete=models.PROTECT, related_name="releases")
    major = models.PositiveIntegerField()
    minor = models.PositiveIntegerField()
    supersedes = models.OneToOneField(
        "self", on_delete=models.PROTECT, related_name="superseded_by", null=True, blank=True
    )
    reason = models.TextField(blank=True)
    manifest = models.JSONField()
    fingerprint = models.CharField(max_length=64)
    code_version = models.CharField(max_length=64)
    released_at = models.DateTimeField()
    released_by = models.CharField(max_length=150)

    class Meta:
        ordering = ["edition", "-major", "-minor"]
        constraints = [models.UniqueConstraint(fields=["edition", "major", "minor"], name="release_number_once")]

    def __str__(self) -> str:
        return f"{self.edition}, release {self.number}"

    @property
    def number(self) -> str:
        """The version as printed: 1.0."""
        return f"{self.major}.{self.minor}"


class ReleaseFile(models.Model):
    """One file of a release, byte for byte as it is downloaded and fingerprinted."""

    release = models.ForeignKey(Release, on_delete=models.PROTECT, related_name="files")
    name = models.CharField(max_length=200)
    content = models.BinaryField()
    sha256 = models.CharField(max_length=64)

    class Meta:
        ordering = ["release", "name"]
        constraints = [models.UniqueConstraint(fields=["release", "name"], name="release_file_once")]

    def __str__(self) -> str:
        return self.name


class ReleaseUnit(models.Model):
    """One unit of a release as pages and API read it; written with the release, from the same result.

    ``rank`` is null for a unit that the screen left out; ``rank_low`` and ``rank_high`` are the interval of its own rank, both
    ``rank_joint`` those of the sets that hold for all units at once; ``rank_q1`` to ``rank_q3`` hold the middle half of its drawn
    ranks, ``modal_tier`` is the tier drawn most often. ``aggregates`` holds scores by node; ``values`` a list of the
    unit's indicators with raw and normalised value, source, year, resolution, given or imputed.
    """

    release = models.ForeignKey(Release, on_delete=models.PROTECT, related_name="units")
    code = models.CharField(max_length=64)
    names = models.JSONField()
    aliases = models.JSONField(default=list)
    country_code = models.CharField(max_length=3, blank=True)
    country_names = models.JSONField(default=dict)
    population = models.PositiveBigIntegerField(null=True)
    latitude = models.FloatField(null=True)
    longitude = models.FloatField(null=True)
    rank = models.PositiveIntegerField(null=True)
    rank_low = models.FloatField(null=True)
    rank_high = models.FloatField(null=True)
    rank_joint_low = models.PositiveIntegerField(null=True)
    rank_joint_high = models.PositiveIntegerField(null=True)
    rank_q1 = models.FloatField(null=True)
    rank_q3 = models.FloatField(null=True)
    tier = models.PositiveIntegerField(null=True)
    modal_tier = models.PositiveIntegerField(null=True)
    score = models.FloatField(null=True)
    aggregates = models.JSONField(default=dict)
    values = models.JSONField(default=list)
    left_out = models.JSONField(default=dict)

    class Meta:
        ordering = ["release", "rank", "code"]
        constraints = [models.UniqueConstraint(fields=["release", "code"], name="release_unit_once")]
        indexes = [
            # the ranking page's question: this release in order of rank
            models.Index(fields=["release", "rank"], name="release_ranking"),
        ]

    def __str__(self) -> str:
        return localised(self.names, "en")

    @property
    def name(self) -> str:
        """The name in the reader's language."""
        return localised(self.names)

    @property
    def country(self) -> str:
        """The country's name in the reader's language."""
        return localised(self.country_names)


class ReleaseReading(models.Model):
    """What pages and API read of a release's files, derived from them once, so that no request parses one.

    ``form`` names the code that stored it and can read it back; after code of another form came, the sweep derives the
    reading anew and the old one stays unread. ``study`` and ``model`` are packed values, ``refusal`` says why there is no
    model; ``separability``, ``groupings`` (column by unit), ``panel_groups`` (experts by group) and ``facts`` are plain.
    """

    release = models.ForeignKey(Release, on_delete=models.PROTECT, related_name="readings")
    form = models.CharField(max_length=32)
    study = models.BinaryField()
    model = models.BinaryField(null=True)
    refusal = models.JSONField(null=True)
    separability = models.JSONField(null=True)
    groupings = models.JSONField(default=dict)
    panel_groups = models.JSONField(default=dict)
    facts = models.JSONField(default=dict)

    class Meta:
        # derived once, whoever comes first
        constraints = [models.UniqueConstraint(fields=["release", "form"], name="release_reading_once")]

    def __str__(self) -> str:
        return f"reading of {self.release}"


class Bundle(Job):
    """The downloadable files built after a release (zip and XLSX); the release itself stays as it is."""

    release = models.OneToOneField(Release, on_delete=models.PROTECT, related_name="bundle")
    zip = models.BinaryField(null=True)
    zip_sha256 = models.CharField(max_length=64, blank=True)
    workbook = models.BinaryField(null=True)
    workbook_sha256 = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=JOB_STATE_KNOWN, name="bundle_state_known")]

    def __str__(self) -> str:
        return f"bundle of {self.release}"
