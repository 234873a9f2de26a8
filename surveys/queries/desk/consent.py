"""The words of a series' consent at the desk: what stands, and every version there was."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils.translation import get_language_info

from surveys.models import ConsentWording
from surveys.models.consent import DAYS

if TYPE_CHECKING:
    from datetime import datetime

    from accounts.models import Series


@dataclass(frozen=True)
class LanguageWords:
    """What a version says in one language; empty where it says nothing in it."""

    code: str
    name: str
    direction: str
    responsible: str
    basis: str
    recipients: str


@dataclass(frozen=True)
class WordingVersion:
    """A version: its number, when and by whom (empty: nobody kept it), for how many days pairs are kept, and its words."""

    number: int
    made_at: datetime | None
    made_by: str
    days: int
    words: tuple[LanguageWords, ...]


@dataclass(frozen=True)
class ConsentPage:
    """The series, what stands now in every language it may be worded in (version 0: the general words), and all versions."""

    series_slug: str
    series_name: str
    contact: str
    is_demonstration: bool
    stands: WordingVersion
    versions: tuple[WordingVersion, ...]


def consent_page(series: Series) -> ConsentPage:
    """Read the words of a series, the latest version first; one query.

    They may be given in the series' languages (in all where it names none), and where something is said already.
    """
    kept = list(ConsentWording.objects.filter(series=series).order_by("-number"))
    last = kept[0] if kept else ConsentWording(series=series, number=0, days=DAYS)
    offered = [code for code, _ in settings.LANGUAGES]
    spoken = {*series.languages} & {*offered} or {*offered}
    return ConsentPage(
        series_slug=series.slug,
        series_name=series.name,
        contact=series.contact,
        is_demonstration=series.is_demonstration,
        stands=_version(last, [code for code in offered if code in spoken or _said(last, code)]),
        versions=tuple(_version(one, [code for code in offered if _said(one, code)]) for one in kept),
    )


def _said(wording: ConsentWording, code: str) -> bool:
    """Say whether a version says anything in a language."""
    return any(texts.get(code) for texts in (wording.responsible, wording.basis, wording.recipients))


def _version(wording: ConsentWording, codes: list[str]) -> WordingVersion:
    words = (
        LanguageWords(
            code,
            str(dict(settings.LANGUAGES)[code]),
            "rtl" if get_language_info(code)["bidi"] else "ltr",
            wording.responsible.get(code, ""),
            wording.basis.get(code, ""),
            wording.recipients.get(code, ""),
        )
        for code in codes
    )
    return WordingVersion(wording.number, wording.made_at, wording.made_by, wording.days, tuple(words))
