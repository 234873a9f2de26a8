"""What a panelist is asked to agree to, in the reader's language."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from accounts.names import localised
from surveys.models import Consent, ConsentWording
from surveys.models.consent import DAYS

if TYPE_CHECKING:
    from accounts.models import Series
    from surveys.models import Panel, Panelist


@dataclass(frozen=True)
class ConsentTerms:
    """The series' own words (empty: the general ones), which version they are, and for how many days pairs are kept."""

    version: int
    responsible: str
    basis: str
    recipients: str
    days: int
    names_shown: bool


def consent_terms(panel: Panel) -> ConsentTerms:
    """Return what the panel's people are asked to agree to now; one query."""
    wording = last_wording(panel.series)
    return ConsentTerms(
        version=wording.number if wording else 0,
        responsible=localised(wording.responsible) if wording else "",
        basis=localised(wording.basis) if wording else "",
        recipients=localised(wording.recipients) if wording else "",
        days=wording.days if wording else DAYS,
        names_shown=panel.names_shown,
    )


def last_wording(series: Series) -> ConsentWording | None:
    """Return the series' words as they stand now; None where it has none of its own."""
    return ConsentWording.objects.filter(series=series).order_by("number").last()


def consent_of(panelist: Panelist) -> Consent | None:
    """Return what she agreed to last; None where she agreed before texts were kept."""
    return panelist.consents.order_by("at", "pk").last()
