"""Take over another edition's weights: nobody is asked, and pages and files say how old they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction

from accounts.acts import note
from scoring.errors import BadEditionError, JudgementsChangedError, MissingPartError
from scoring.files.frozen import FrozenMethod
from scoring.models import Freeze
from scoring.queries.freezes import CARRIED, weights_of, weights_to_carry
from scoring.usecases.editions import end_requests, framework_of, locked_edition
from surveys import handover

if TYPE_CHECKING:
    from datetime import datetime

    from scoring.models import Edition
    from scoring.queries.freezes import FixedWeights
    from surveys.values.rounds import FrameworkContent


@transaction.atomic
def carry_weights(edition: Edition, *, source: str, by: str, at: datetime) -> Edition:
    """Let the edition weigh as another of its series did, whose method is frozen and whose own panel was asked.

    Parameters
    ----------
    source : str
        The slug of that edition.

    Raises
    ------
    BadEditionError
        The series has no such edition with a frozen method and a panel of its own.
    MissingPartError
        It stands on another indicator system, or this one on none.
    JudgementsChangedError
        Somebody withdrew since their round was first frozen: her answers count there, and in no edition that comes after.
    FrozenError
        The method of this edition is frozen.
    """
    locked = locked_edition(edition, "carry_weights")
    weights = next((one for one in weights_to_carry(locked) if one.told.edition == source), None)
    if weights is None:
        raise BadEditionError("the series has no such edition to carry weights from", field="edition", got=source)
    freeze = Freeze.objects.select_related("edition", "consensus").defer("content").get(pk=weights.freeze_id)
    _check(weights, freeze, framework_of(locked.framework_uid))
    locked.carried, locked.consensus = freeze, freeze.consensus
    locked.save(update_fields=["carried", "consensus"])
    end_requests(locked, at=at)
    note("carried", f"weights of edition {freeze.edition.uid} to edition {locked.uid}", by=by, at=at)
    return locked


def carried_method(
    freeze_id: int, framework: FrameworkContent, *, lock_at: datetime | None
) -> tuple[FrozenMethod, dict[str, Any]]:
    """Return the method that a freeze fixed, with who was asked, as one that takes it over keeps them.

    With ``lock_at`` its round is held, so that nobody withdraws meanwhile.

    Raises
    ------
    MissingPartError, JudgementsChangedError
        As `carry_weights`.
    """
    freeze, weights = Freeze.objects.select_related("consensus").get(pk=freeze_id), weights_of(freeze_id)
    if lock_at:
        handover.lock(freeze.consensus.round_uid, at=lock_at)
    _check(weights, freeze, framework)
    asked = {"round": freeze.content["round"], CARRIED: weights.told.to_plain()}
    return FrozenMethod.from_content(freeze.content), asked


def _check(weights: FixedWeights, freeze: Freeze, framework: FrameworkContent) -> None:
    """Check that the weights fit a framework, and that everybody still stands by them."""
    if weights.version != framework.fingerprint:
        raise MissingPartError("the weights are of another indicator system", part="framework")
    if handover.withdrew_since_locked(freeze.consensus.round_uid):
        raise JudgementsChangedError("somebody withdrew since the weights were fixed", reason="withdrawn")
