"""What a panelist decides at the end of a question: about three answers that pull against each other."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Q

from surveys.errors import NotAskedError
from surveys.models import Comparison, Judgement, TripleDecision
from surveys.usecases.judgements import check_open, record_judgement

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from uuid import UUID

    from surveys.models import Panelist, Round


@transaction.atomic
def decide_on_triple(
    panelist: Panelist, round_: Round, *, items: Iterable[str], choice: str, at: datetime
) -> TripleDecision:
    """Keep three answers that pull against each other, or say that one of them is looked at again.

    The first decision stands: deciding twice about the same items changes nothing, and they are not asked about again.

    Raises
    ------
    NotAskedError
        The round does not ask all pairs of these three items.
    WrongStateError, AlreadySubmittedError
        As `record_judgement`.
    """
    check_open(panelist, round_, act="decide_on_triple", at=at)
    codes = tuple(sorted(set(items)))
    pairs = Q()
    for a, b in combinations(codes, 2):
        pairs |= Q(a__code=a, b__code=b) | Q(a__code=b, b__code=a)
    asked = list(Comparison.objects.filter(pairs, round=round_).select_related("parent")) if len(codes) == 3 else []
    if len(asked) != 3 or panelist.panel_id != round_.panel_id:
        raise NotAskedError(f"this round does not ask all pairs of {codes}", items=codes)
    one, two, three = codes
    return TripleDecision.objects.get_or_create(
        panelist=panelist,
        round=round_,
        one=one,
        two=two,
        three=three,
        defaults={"node": asked[0].parent, "choice": TripleDecision.Choice(choice), "at": at},
    )[0]


def undo_change(
    panelist: Panelist, round_: Round, *, a: str, b: str, seen_version: int, key: UUID | None = None, at: datetime
) -> Judgement:
    """Let the answer before her last one stand again, as the pair's next version; nothing is lost by it.

    Raises
    ------
    NotAskedError
        There is no answer before the last one.
    ConflictError
        Another window answered meanwhile.
    WrongStateError, AlreadySubmittedError
        As `record_judgement`.
    """
    pair = Q(comparison__a__code=a, comparison__b__code=b) | Q(comparison__a__code=b, comparison__b__code=a)
    before = (
        Judgement.objects.select_related("comparison__a", "reason")
        .filter(pair, panelist=panelist, comparison__round=round_, version=seen_version - 1)
        .first()
    )
    if before is None or before.value is None:
        raise NotAskedError(f"there is no earlier answer on {a} and {b}", a=a, b=b)
    value = before.value if before.comparison.a.code == a else 1 / before.value
    return record_judgement(
        panelist,
        round_,
        a=a,
        b=b,
        value=value,
        taken_from=before.taken_from,
        comment=before.comment,
        key=key,
        seen_version=seen_version,
        at=at,
    )
