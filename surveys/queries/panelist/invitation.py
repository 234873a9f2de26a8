"""Who asks, until when and for whom: what a mail and a first page say alike."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from surveys.models import Round
from surveys.wording.clock import in_zone

if TYPE_CHECKING:
    from surveys.models import Panelist


@dataclass(frozen=True)
class InvitationSummary:
    """A round as it is put to one panelist, in the reader's language; nothing of her answers."""

    series: str
    panel: str
    contact: str
    round_number: int
    closes: str
    names_shown: bool
    is_demonstration: bool
    is_simulated: bool


def invitation_summary(panelist: Panelist, round_: Round) -> InvitationSummary:
    """Return who asks her and until when, if answers are taken; no query where panel and series are read along."""
    panel = panelist.panel
    end = None if round_.state == Round.State.CLOSED else round_.ends_at
    return InvitationSummary(
        series=panel.series.name,
        panel=panel.name,
        contact=panel.series.contact,
        round_number=round_.number,
        closes=in_zone(end, panelist.time_zone or panel.series.zone.key) if end else "",
        names_shown=panel.names_shown,
        is_demonstration=panel.series.is_demonstration,
        is_simulated=panel.is_simulated,
    )


def shortened(name: str) -> str:
    """Return a name that she knows again and nobody else learns: its first letter, of several words the last one too."""
    letters = _letters(name.strip())
    if len(letters) < 2:
        return "…"
    several = len(letters) > 3 and any(letter.isspace() for letter in letters)
    return f"{letters[0]}… {letters[-1]}" if several else f"{letters[0]}…"


def _letters(name: str) -> list[str]:
    """Return the letters of a name, each with the marks that stand on it."""
    letters: list[str] = []
    for sign in name:
        if letters and unicodedata.category(sign).startswith("M"):
            letters[-1] += sign
        else:
            letters.append(sign)
    return letters


def masked(email: str) -> str:
    """Return an address that she knows again and nobody else can write to, as in a…@e…org."""
    local, _at, domain = email.rpartition("@")
    return f"{local[:1]}…@{domain[:1]}…{domain.rpartition('.')[2]}" if local else ""
