"""What a role is called, and what whoever has it does, in the reader's language."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext_lazy as _

from accounts.lifecycle import Actor

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.utils.functional import _StrPromise

NAMES: Final[Mapping[str, str | _StrPromise]] = {
    Actor.OWNER: _("owner"),
    Actor.MODERATOR: _("moderator"),
    Actor.REVIEWER: _("reviewer"),
    Actor.DATA_STEWARD: _("data steward"),
    Actor.TRANSLATOR: _("translator"),
    Actor.OBSERVER: _("observer"),
}
DUTIES: Final[Mapping[str, str | _StrPromise]] = {
    Actor.OWNER: _("gives roles to others, and takes them away; reads the desk"),
    Actor.MODERATOR: _("works on panels, method, data and releases"),
    Actor.REVIEWER: _(
        "looks a second time at method, data and results; reads the desk, except who of the panel is how far"
    ),
    Actor.DATA_STEWARD: _("brings lists of units and data, and has them scored"),
    Actor.TRANSLATOR: _("words in each language what panelists agree to, but not for how many days pairs are kept"),
    Actor.OBSERVER: _("reads what a reviewer reads, and changes nothing"),
}
KEEPS_OWNER: Final = _("A series keeps an owner: give the role to somebody else first.")
