"""What a release was computed from: read back once a process, and kept, since a release never changes."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from scoring.queries.published import reading

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
    return cached_release_model(head.release_id, head.fingerprint)


@lru_cache(maxsize=KEPT)
def cached_release_model(release: int, fingerprint: str) -> ReleaseModel:  # noqa: ARG001 - the fingerprint tells releases of two databases apart
    """Read the field of a release."""
    return reading.model(release)
