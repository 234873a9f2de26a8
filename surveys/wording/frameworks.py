"""Why a change of an indicator system is refused, in the reader's language."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

if TYPE_CHECKING:
    from collections.abc import Mapping

    from surveys.errors import CriterionError

REFUSALS: Final[Mapping[str, str]] = {
    "code_twice": _("The code {code} stands already; please choose another one."),
    "too_many": _("More than {most} criteria are not kept in one framework."),
    "roots": _("One criterion stands at the top, above all others; here {count} have nothing above them."),
    "no_group": _("Nothing can stand under {code}: it is an indicator, or is not there."),
    "cycle": _("A criterion cannot stand under itself, or under what stands below it."),
    "gone": _("There is no criterion {code} any more."),
    "no_name": _("Please give a name in one language at least."),
    "bad_code": _("Letters from a to z, digits, points, hyphens and underscores only, {most} at most."),
    "has_children": _("Others stand under it: an indicator has nothing below it."),
    "no_members": _("Please choose which ones."),
    "root_stays": _("What stands at the top cannot be deleted; it can be renamed."),
    "too_long": _("{code}: a code has {most} characters at most, a unit {unit}."),
}


def refusal(error: CriterionError) -> str:
    """Return the sentence of a refusal."""
    return gettext(REFUSALS[str(error.facts["why"])]).format(**error.facts)
