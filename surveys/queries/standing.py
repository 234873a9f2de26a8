"""What stands of a round's answers and what is still asked; every reader and counter of answers goes through here.

Answers, choices and submissions are kept in versions. The last version counts; an answer that was taken back does not, and
of a node that is not her field none does; who took her handing in back has not handed in. Where a question is written out
for speed, a test holds it to what is said here.
"""

from __future__ import annotations

from math import isqrt
from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef

from scoring.numerics.ahp.next_pair import short_set
from surveys.models import Judgement, NodeChoice, Submission
from surveys.values.choices import NodeAnswering
from surveys.values.standing import NodeStanding, leaves_out

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from surveys.models import Panelist, Round


def last_versions(round_: Round | OuterRef) -> QuerySet[Judgement]:
    """Return the last version of every answer of a round, those that took an answer back among them."""
    later = Judgement.objects.filter(
        panelist=OuterRef("panelist"), comparison=OuterRef("comparison"), version__gt=OuterRef("version")
    )
    return Judgement.objects.filter(~Exists(later), comparison__round=round_)


def standing(round_: Round | OuterRef) -> QuerySet[Judgement]:
    """Return the answers of a round that stand: the last version of each counts, an answer taken back does not."""
    return last_versions(round_).filter(value__isnull=False)


def answered(round_: Round | OuterRef) -> QuerySet[Judgement]:
    """Return the answers that stand, without those of a node that is not her field, until she takes it up again."""
    left_out = last_choices(OuterRef("comparison__round")).filter(
        panelist=OuterRef("panelist"), node=OuterRef("comparison__parent"), choice=NodeAnswering.SKIP
    )
    return standing(round_).filter(~Exists(left_out))


def last_choices(round_: Round | OuterRef) -> QuerySet[NodeChoice]:
    """Return how each panelist chose last to answer each node of a round."""
    later = NodeChoice.objects.filter(
        panelist=OuterRef("panelist"), round=OuterRef("round"), node=OuterRef("node"), version__gt=OuterRef("version")
    )
    return NodeChoice.objects.filter(~Exists(later), round=round_)


def last_submissions(round_: Round | OuterRef) -> QuerySet[Submission]:
    """Return the last version of each panelist's submission of a round, those that took a handing in back among them."""
    later = Submission.objects.filter(
        panelist=OuterRef("panelist"), round=OuterRef("round"), version__gt=OuterRef("version")
    )
    return Submission.objects.filter(~Exists(later), round=round_)


def handed_in(round_: Round | OuterRef) -> QuerySet[Submission]:
    """Return the submissions of a round that stand: who has none here has not handed in, or took it back."""
    return last_submissions(round_).exclude(receipt="")


def choices_of(panelist: Panelist, round_: Round) -> dict[str, str]:
    """Return how she wants to answer each node that she chose for, by its code; one query."""
    return dict(last_choices(round_).filter(panelist=panelist).values_list("node__code", "choice"))


def asked_of(choice: str, items: int, pairs: int, answered: int, follows: bool) -> NodeStanding:
    """Return what her last choice at a node leaves to ask.

    Parameters
    ----------
    choice
        How she chose last to answer it; empty is "all".
    items, pairs
        Items compared under the node, and pairs of them that the round asks.
    answered
        Pairs to which an answer of hers stands.
    follows
        Whether the round follows another one: it asks few pairs as it is, and has no short set.
    """
    short = pairs if follows else min(pairs, short_set(items))
    offered = short if short < pairs else 0
    if leaves_out(choice):
        return NodeStanding(choice, answered=0, open=0, not_needed=0, left_out=pairs, short=offered)
    wanted = pairs
    if choice == NodeAnswering.ENOUGH:
        wanted = answered
    elif choice == NodeAnswering.SHORT:
        wanted = max(answered, short)
    return NodeStanding(choice, answered, wanted - answered, pairs - wanted, left_out=0, short=offered)


def items_of(pairs: int) -> int:
    """Return how many items have so many pairs, all of them asked."""
    return (1 + isqrt(1 + 8 * pairs)) // 2
