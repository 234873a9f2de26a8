"""What new data change in those that stood, in the moderator's language."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from scoring.files.data_changes import cell_name
from scoring.wording.refusals import source_names

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from scoring.files.data_changes import DataChanges

NAMED = 5


def loaded_words(changes: DataChanges | None) -> str:
    """Say that data were taken in, and what they changed; None where none stood."""
    if changes is None:
        return _("The data are taken in.")
    if not changes:
        return _("These are the data that stand: nothing was changed.")
    return " ".join((_("The data are taken in."), *_change_words(changes)))


def preview_words(changes: DataChanges | None) -> str:
    """Say that nothing was taken in, and what the data would change; None where none stand."""
    if changes is None:
        return _("Nothing was taken in. The data are in order.")
    if not changes:
        return _("Nothing was taken in. These are the data that stand.")
    return " ".join((_("Nothing was taken in. This is what would change:"), *_change_words(changes)))


def _change_words(changes: DataChanges) -> Iterator[str]:
    """Give the counts, then what is lost with the first names of it."""
    counts = changes.counts
    yield _("Values changed: {changed}, added: {added}, removed: {removed}. Sources changed: {sources}.").format(
        **counts
    )
    yield _("Units changed: {units_changed}, added: {units_added}, removed: {units_removed}.").format(**counts)
    if changes.licences:
        yield _("Sources of whose licence something else is said: {names}.").format(
            names=_names(source_names(changes.licences))
        )
    if changes.removed:
        lost = _names([cell_name(cell) for cell in changes.removed])
        yield _("Values that are lost: {names}.").format(names=lost)
    if changes.forgotten:
        lost = _names([cell_name(cell) for cell in changes.forgotten])
        yield _("Values whose source, year or level was known and is unknown now: {names}.").format(names=lost)
    if changes.units_removed:
        yield _("Units that are lost: {names}.").format(names=_names(changes.units_removed))


def _names(names: Sequence[str]) -> str:
    """Return the first names, and how many more there are."""
    first, more = ", ".join(names[:NAMED]), len(names) - NAMED
    return first if more <= 0 else _("{names} and {count} more").format(names=first, count=more)
