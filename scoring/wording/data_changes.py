"""What new data change in those that stood, in the moderator's language."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from scoring.wording.refusals import source_names

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from scoring.files.data_changes import ToldChanges

NAMED = 5


def loaded_words(changes: ToldChanges | None) -> str:
    """Say that data were taken in, and what they changed; None where none stood."""
    if changes is None:
        return _("The data are taken in.")
    if not changes:
        return _("These are the data that stand: nothing was changed.")
    return " ".join((_("The data are taken in."), *_change_words(changes)))


def preview_words(changes: ToldChanges | None) -> str:
    """Say that nothing was taken in, and what the data would change; None where none stand."""
    if changes is None:
        return _("Nothing was taken in. The data are in order.")
    if not changes:
        return _("Nothing was taken in. These are the data that stand.")
    return " ".join((_("Nothing was taken in. This is what would change:"), *_change_words(changes)))


def _change_words(changes: ToldChanges) -> Iterator[str]:
    """Give the counts, then what is lost with the first names of it."""
    counts = changes.counts
    yield _("Values changed: {changed}, added: {added}, removed: {removed}. Sources changed: {sources}.").format(
        **counts
    )
    yield _("Units changed: {units_changed}, added: {units_added}, removed: {units_removed}.").format(**counts)
    if counts["licences"]:
        names = _names(source_names(changes.names["licences"]), counts["licences"])
        yield _("Sources of whose licence something else is said: {names}.").format(names=names)
    for kind, words in (
        ("removed", _("Values that are lost: {names}.")),
        ("forgotten", _("Values whose source, year or level was known and is unknown now: {names}.")),
        ("units_removed", _("Units that are lost: {names}.")),
    ):
        if counts[kind]:
            yield words.format(names=_names(changes.names[kind], counts[kind]))


def _names(names: Sequence[str], count: int) -> str:
    """Return the first names, and how many more there are."""
    first, more = ", ".join(names[:NAMED]), count - NAMED
    return first if more <= 0 else _("{names} and {count} more").format(names=first, count=more)
