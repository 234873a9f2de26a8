"""Derive what pages read of a release from its files: with the release, and later where code of another form came."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

from scoring.files.release_reading import FORM, read_release
from scoring.models import Release, ReleaseReading
from scoring.queries.published.reading import files_of, named_columns

if TYPE_CHECKING:
    from collections.abc import Mapping


AT_ONCE: Final = 20  # releases that one sweep reads; the next one goes on

log = logging.getLogger(__name__)


def keep_reading(release: Release, files: Mapping[str, bytes]) -> None:
    """Store what pages read of a release; where it is stored already nothing changes."""
    values = read_release(files, named=named_columns(release.freeze_id))
    ReleaseReading.objects.bulk_create([ReleaseReading(release=release, form=FORM, **values)], ignore_conflicts=True)


def keep_missing_readings() -> list[int]:
    """Store the readings that are missing, of the newest releases first; returns of which.

    Until then pages read those releases' files themselves.
    """
    missing = Release.objects.exclude(readings__form=FORM).defer("manifest").order_by("-pk")[:AT_ONCE]
    kept = []
    for release in missing:
        keep_reading(release, files_of(release.pk))
        log.info("release %s: its reading is stored", release.uid)
        kept.append(release.pk)
    return kept
