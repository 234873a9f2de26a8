"""An edition's frozen method, as its releases hold it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scoring.files.frozen import FrozenMethod
from scoring.models import Release

if TYPE_CHECKING:
    from scoring.models import Freeze


def frozen_of(freeze: Freeze) -> FrozenMethod:
    """Return the method as it was frozen, by the rules of its first release where there is one; one query."""
    first = Release.objects.filter(freeze=freeze.pk).order_by("minor")
    form = first.values_list("manifest__format", flat=True).first()
    return FrozenMethod.from_content(freeze.content).with_rules_of(form)
