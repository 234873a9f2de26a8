"""Answer a round that follows another one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from surveys.errors import NotAskedError
from surveys.queries.panelist.previous_round import earlier_answers
from surveys.usecases.judgements import record_judgement

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from surveys.models import Judgement, Panelist, Round


def keep_earlier(
    panelist: Panelist,
    round_: Round,
    *,
    a: str,
    b: str,
    key: UUID | None = None,
    seen_version: int | None = None,
    at: datetime,
) -> Judgement:
    """Give her earlier answer to a pair again, as her judgement in this round; the earlier one stays as it is.

    Raises
    ------
    NotAskedError
        The round does not ask this pair, or she did not answer it before.
    WrongStateError, AlreadySubmittedError, ConflictError
        As `record_judgement`.
    """
    before = earlier_answers(panelist, round_).get(frozenset((a, b)))
    if before is None or before.own is None:
        raise NotAskedError(f"she did not answer {a} and {b} before", a=a, b=b)
    value = before.seen_from(a).own
    assert value is not None  # noqa: S101  turning an answer keeps it
    return record_judgement(
        panelist,
        round_,
        a=a,
        b=b,
        value=value,
        taken_from=before.taken_from,
        key=key,
        seen_version=seen_version,
        at=at,
    )
