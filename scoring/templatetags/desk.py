"""What the desk's pages say of names, long work and its refusals."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import template
from django.utils.translation import gettext

from accounts.names import Names
from accounts.names import localised as in_language
from accounts.role_words import NAMES
from scoring.wording.data_changes import loaded_words, preview_words
from scoring.wording.method_names import stage_words
from scoring.wording.refusals import sentence

if TYPE_CHECKING:
    from accounts.lifecycle import Actor
    from scoring.queries.desk.jobs import Progress
    from scoring.queries.desk.uploads import UploadFacts

register = template.Library()


@register.filter
def localised(names: Names) -> str:
    """Return the name in the reader's language."""
    return in_language(names)


@register.filter
def role_name(role: Actor) -> str:
    """Say what a role is called."""
    return str(NAMES[role.value])


@register.filter
def refusal(progress: Progress) -> str:
    """Say why the work ended without a result."""
    if progress.state == "cancelled":
        return gettext("It was cancelled.")
    return sentence(progress.error_code, progress.error_facts, str(progress.error_facts.get("message", "")))


@register.filter
def change_words(upload: UploadFacts) -> str:
    """Say what files of data change, or would change."""
    return loaded_words(upload.changes) if upload.state == "kept" else preview_words(upload.changes)


@register.filter
def in_words(progress: Progress) -> str:
    """Say how far the work is."""
    return stage_words(progress.state, progress.stage)
