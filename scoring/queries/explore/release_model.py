"""The field of a release: read once from its stored files, and kept, since a release never changes."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from scoring.files.release_model import DRAWS, INPUTS, read_release_model
from scoring.models import ReleaseFile

if TYPE_CHECKING:
    from scoring.numerics.robustness.release_model import ReleaseModel
    from scoring.queries.published.release_head import ReleaseHead

KEPT = 4  # releases a process keeps; a field of 140 units and 1,000 draws takes some 10 MB


def release_model(head: ReleaseHead) -> ReleaseModel:
    """Return a release's field; one query the first time.

    Raises
    ------
    NoYardstickError
        The release keeps no parameters to place other values on.
    """
    return read_once(head.release_id, head.fingerprint)


@lru_cache(maxsize=KEPT)
def read_once(release: int, fingerprint: str) -> ReleaseModel:  # noqa: ARG001 - the fingerprint tells releases of two databases apart
    """Read the field of a release."""
    found = ReleaseFile.objects.filter(release=release, name__in=(*INPUTS, DRAWS)).values_list("name", "content")
    return read_release_model({name: bytes(content) for name, content in found})
