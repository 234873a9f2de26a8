"""The words of a consent, and that somebody agreed to them."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string
from django.utils.html import strip_tags
from django.utils.translation import get_language

from accounts.acts import note
from accounts.models import Series
from surveys.errors import BadPanelError
from surveys.models import Consent, ConsentWording
from surveys.models.consent import DAYS, MOST_DAYS
from surveys.queries.panelist.consent import consent_terms, last_wording

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from surveys.models import Panelist


@transaction.atomic
def translate_consent(
    series: Series,
    *,
    responsible: Mapping[str, str],
    basis: Mapping[str, str],
    recipients: Mapping[str, str],
    by: str,
    at: datetime,
) -> ConsentWording:
    """Give a series its own words of the consent; for how many days pairs are kept stays as it is.

    Raises
    ------
    BadPanelError
        As `word_consent`.
    """
    last = last_wording(series)
    days = last.days if last else DAYS
    return word_consent(series, responsible=responsible, basis=basis, recipients=recipients, days=days, by=by, at=at)


@transaction.atomic
def word_consent(
    series: Series,
    *,
    responsible: Mapping[str, str],
    basis: Mapping[str, str],
    recipients: Mapping[str, str],
    days: int = DAYS,
    by: str,
    at: datetime,
) -> ConsentWording:
    """Give a series its own words of the consent, by language; who agreed before keeps the words that she read.

    The words that stand already are no new version: they are returned as they are.

    Raises
    ------
    BadPanelError
        A language is not offered, or the table of pairs would be kept for less than a day or more than a hundred years.
    """
    for field, words in (("responsible", responsible), ("basis", basis), ("recipients", recipients)):
        unknown = sorted({*words} - {*dict(settings.LANGUAGES)})
        if unknown:
            raise BadPanelError(f"{unknown[0]} is not offered", field=field, allowed=sorted(dict(settings.LANGUAGES)))
    if not 1 <= days <= MOST_DAYS:
        raise BadPanelError(
            f"the table of pairs is kept for 1 to {MOST_DAYS} days", field="days", allowed=f"1 to {MOST_DAYS}"
        )
    Series.objects.select_for_update(no_key=True).get(pk=series.pk)
    last = last_wording(series)
    said: dict[str, object] = {
        "responsible": dict(responsible),
        "basis": dict(basis),
        "recipients": dict(recipients),
        "days": days,
    }
    if last and said == {name: getattr(last, name) for name in said}:
        return last
    wording = ConsentWording.objects.create(
        series=series, number=1 + (last.number if last else 0), **said, made_at=at, made_by=by
    )
    note("worded", f"consent {wording.number} of {series.slug}", by=by, at=at)
    return wording


def keep_consent(panelist: Panelist, *, at: datetime) -> Consent:
    """Keep that she agrees, with the text as it stands before her in the language of the page; once for the same words."""
    terms = consent_terms(panelist.panel)
    text = consent_text(terms, contact=panelist.panel.series.contact)
    return Consent.objects.get_or_create(
        panelist=panelist,
        fingerprint=hashlib.sha256(text.encode()).hexdigest(),
        defaults={
            "version": terms.version,
            "language": get_language() or settings.LANGUAGE_CODE,
            "text": text,
            "days": terms.days,
            "at": at,
        },
    )[0]


def consent_text(terms: object, *, contact: str) -> str:
    """Return the consent as plain text, a paragraph a line: the words of the page, from the page's own template."""
    page = render_to_string("surveys/consent.html", {"terms": terms, "contact": contact})
    lines = (
        " ".join(line.split())
        for line in strip_tags(page.replace("</dt>", ":\x1f").replace("</dd>", "\x1e")).split("\x1e")
    )
    return "\n".join(line.replace("\x1f", "").strip() for line in lines if line.strip())
