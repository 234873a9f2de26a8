"""Whether what counts of a closed round is still the same: told by a few counts, without reading an answer."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any, Final

from django.db.models import BigIntegerField, Exists, F, Func, OuterRef, Q, Subquery

from surveys.models import Judgement, NodeChoice, Panelist, Round, Submission
from surveys.queries.counting import with_previous_rounds

if TYPE_CHECKING:
    from uuid import UUID

    from django.db.models import QuerySet


def _told(rows: QuerySet[Any, Any], function: str) -> Subquery:
    """Return the number of a round's rows, or the latest of their keys."""
    told = rows.order_by().annotate(told=Func(F("pk"), function=function, output_field=BigIntegerField()))
    return Subquery(told.values("told"))


FACTS: Final = {
    f"{kind}_{function.lower()}": _told(rows, function)
    for kind, rows in (
        ("answers", Judgement.objects.filter(comparison__round=OuterRef("pk"))),
        ("submissions", Submission.objects.filter(round=OuterRef("pk"))),
        ("choices", NodeChoice.objects.filter(round=OuterRef("pk"))),
    )
    for function in ("COUNT", "MAX")
}


def round_stamp(uid: UUID) -> str:
    """Return a stamp of a closed round: another one where a withdrawal, or anything else, changed what counts of it.

    It asks the rows, whatever stands of them: answers, choices and submissions are only ever added while a round is open, and only ever deleted by a withdrawal, so
    that their numbers and latest keys tell them apart; people are told by all that the judgement file says of them. A freeze
    that takes the round changes nothing. Two queries, and two more for each round it follows.

    Raises
    ------
    Round.DoesNotExist
        There is none with this uid.
    """
    row = Round.objects.annotate(**FACTS).get(uid=uid)
    earlier = with_previous_rounds(row)[1:]
    waves = [row, *(Round.objects.annotate(**FACTS).get(pk=one.pk) for one in earlier)]
    here = Q(withdrawn_at=None) | Q(withdrawn_at__gt=row.locked_at) if row.locked_at else Q(withdrawn_at=None)
    answered = Judgement.objects.filter(panelist=OuterRef("pk"), comparison__round__in=waves)
    handed_in = Submission.objects.filter(panelist=OuterRef("pk"), round__in=waves)
    people = Panelist.objects.filter(here, panel=row.panel_id).filter(Exists(answered) | Exists(handed_in))
    facts = [
        [[one.pk, one.closed_at, one.drafts_count, *(getattr(one, name) for name in FACTS)] for one in waves],
        [list(one) for one in people.order_by("pk").values_list("code", "weight", "group")],
    ]
    return hashlib.sha256(json.dumps(facts, default=str).encode()).hexdigest()
