"""An edition's freezes, which are numbered: a release stands on its own one, work goes on with the last."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from django.db.models import OuterRef, Subquery
from django.db.models.fields.json import KT

from scoring.files.unit_lists import ListedUnits
from scoring.models import Freeze

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.db.models import QuerySet

    from scoring.models import Edition

CARRIED: Final = "carried"
"""The key under which a freeze, and the manifest of its releases, say whose weights it took over."""


@dataclass(frozen=True, slots=True)
class CarriedWeights:
    """Another edition's weights: which one's, until when its panel was asked, and the freeze that they were fixed with."""

    edition: str
    asked_until: datetime
    fingerprint: str

    def age(self, at: datetime) -> int:
        """Return how many whole days before ``at`` the panel was asked last."""
        return (at - self.asked_until).days

    def to_plain(self) -> dict[str, str]:
        """Return them as a freeze keeps them."""
        return {"edition": self.edition, "asked_until": self.asked_until.isoformat(), "fingerprint": self.fingerprint}

    @classmethod
    def from_plain(cls, told: Mapping[str, str] | None) -> CarriedWeights | None:
        """Read them back; None where the edition asked its own panels."""
        if told is None:
            return None
        return cls(told["edition"], datetime.fromisoformat(told["asked_until"]), told["fingerprint"])


@dataclass(frozen=True, slots=True)
class FixedWeights:
    """The weights that a freeze fixed, as others may take them over; ``version`` is the fingerprint of their framework."""

    freeze_id: int
    version: str
    told: CarriedWeights


def weights_to_carry(edition: Edition) -> tuple[FixedWeights, ...]:
    """Return the weights last frozen of each other edition of the series whose own panel was asked, newest first; one query."""
    newest = Freeze.objects.filter(edition=OuterRef("edition")).order_by("-number").values("pk")[:1]
    stands = Freeze.objects.filter(edition__series=edition.series_id, pk=Subquery(newest)).exclude(edition=edition.pk)
    return _fixed(stands.exclude(content__has_key=CARRIED))


def weights_of(freeze_id: int) -> FixedWeights:
    """Return the weights that a freeze fixed; one query."""
    return _fixed(Freeze.objects.filter(pk=freeze_id))[0]


def _fixed(freezes: QuerySet[Freeze]) -> tuple[FixedWeights, ...]:
    rows = freezes.order_by("-frozen_at").values_list(
        "pk",
        KT("content__framework_version__fingerprint"),
        "edition__slug",
        KT("content__round__closed_at"),
        "fingerprint",
    )
    return tuple(
        FixedWeights(pk, version, CarriedWeights(slug, datetime.fromisoformat(closed_at), fingerprint))
        for pk, version, slug, closed_at, fingerprint in rows
    )


def carried_by(freeze: Freeze) -> Freeze | None:
    """Return the freeze whose weights this one took over, or None; two queries."""
    told = CarriedWeights.from_plain(
        Freeze.objects.filter(pk=freeze.pk).values_list(f"content__{CARRIED}", flat=True).get()
    )
    if told is None:
        return None
    whose = {"edition__series": freeze.edition.series_id, "edition__slug": told.edition}
    same = Freeze.objects.defer("content").filter(**whose, fingerprint=told.fingerprint)
    return same.order_by("-number").first()


def last_freeze(edition: Edition) -> Freeze | None:
    """Return the edition's last freeze, or None before its method is frozen; one query, without what it froze."""
    return edition.freezes.defer("content").order_by("-number").first()


def last_list(edition: Edition) -> ListedUnits | None:
    """Return the list of units of the last freeze; None where there is no freeze, or one of before lists were kept."""
    freeze = edition.freezes.select_related("unit_list").defer("content").order_by("-number").first()
    return ListedUnits.from_plain(freeze.unit_list.content) if freeze and freeze.unit_list else None
