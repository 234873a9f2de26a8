"""Take people into a panel, and mend what is known of them; answers are touched by a withdrawal alone."""

from __future__ import annotations

import re
from operator import itemgetter
from random import SystemRandom
from typing import TYPE_CHECKING, Any, Final

from django.db import transaction

from accounts.acts import note
from surveys.errors import BadPanelError, PanelistStateError
from surveys.models import Mail, Panel, Panelist, Round
from surveys.usecases.panels import add_panelist, renew_link
from surveys.usecases.withdrawals import withdraw
from surveys.values.panel_people import MOST_PEOPLE, NewPerson, faults_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from surveys.usecases.withdrawals import Withdrawal

CODE: Final = re.compile(r"P(\d{1,9})", re.ASCII)
WEIGHED: Final = ("group", "weight")
"""What counts beside the answers, and is not changed any more once a round of the panel has closed."""


@transaction.atomic
def take_in_people(panel: Panel, people: Sequence[NewPerson], *, by: str, at: datetime) -> list[Panelist]:
    """Take people into a panel, all of them or nobody, each with the next free code; nobody is mailed.

    Where names are not shown the codes are given in an order that tells nothing.

    Raises
    ------
    BadPanelError
        Something is wrong with one of them: facts["row"] is her place, facts["field"] what, facts["why"] how.
    PanelistStateError
        The panel's names and addresses are destroyed.
    """
    held = _held_panel(panel)
    if not 1 <= len(people) <= MOST_PEOPLE:
        raise BadPanelError("too few or too many people at once", field="people", allowed=MOST_PEOPLE)
    known = _addresses(held)
    for row, person in enumerate(people):
        for fault in faults_of(person):
            raise _bad(fault.field, fault.code, row)
        if person.email.casefold() in known:
            raise _bad("email", "taken", row)
        known.add(person.email.casefold())
    codes = _new_codes(held, len(people))
    return [  # in the order of the codes, so that no row and no line of the log tells who has which
        add_panelist(held, code=code, **vars(person), by=by, at=at)
        for code, person in sorted(zip(codes, people, strict=True), key=itemgetter(0))
    ]


def _new_codes(panel: Panel, number: int) -> list[str]:
    """Return the next codes; where names are not shown in an order that tells nothing."""
    last = max((int(found[1]) for code in _codes(panel) if (found := CODE.fullmatch(code))), default=0)
    codes = [f"P{last + one:02d}" for one in range(1, number + 1)]
    if not panel.names_shown:
        SystemRandom().shuffle(codes)
    return codes


@transaction.atomic
def change_panelist(
    panelist: Panelist,
    *,
    email: str = "",
    group: str | None = None,
    language: str | None = None,
    time_zone: str | None = None,
    field: str | None = None,
    weight: float | None = None,
    ends_links: bool = False,
    by: str,
    at: datetime,
) -> Panelist:
    """Change what is known of a panelist; None and an empty address leave it as it is, and her answers stay.

    Of another address she is owed an invitation. ``ends_links`` says that the earlier one was somebody else's: what was
    sent there opens nothing any more.

    Raises
    ------
    BadPanelError
        Something is wrong with what is to stand: facts["field"], facts["why"].
    PanelistStateError
        She has withdrawn, names and addresses are destroyed, group or weight count in a closed round, or she has begun with
        the address that is known: whose link goes elsewhere is hers to say.
    """
    panel = _held_panel(panelist.panel)
    held = _held(panelist)
    said: dict[str, Any] = {"email": email or None, "group": group, "language": language, "time_zone": time_zone}
    said |= {"field": field, "weight": weight}
    changed = {name: value for name, value in said.items() if value not in (None, getattr(held, name))}
    stands = {name: getattr(held, name) for name in said}
    for fault in faults_of(NewPerson(**stands | changed)):
        if fault.field in changed:
            raise _bad(fault.field, fault.code)
    # where names are not shown her own is refused like another's: what is refused must not tell whose a code is
    others = _addresses(panel, but=held if panel.names_shown else None)
    if email and email.casefold() in others and ("email" in changed or not panel.names_shown):
        raise _bad("email", "taken")
    if "email" in changed and held.email and held.started_at is not None:
        raise PanelistStateError("she has begun with the address that is known", reason="begun")
    if changed.keys() & set(WEIGHED) and any(one.closed_at for one in _held_rounds(panel)):
        raise PanelistStateError("group and weight count in a closed round", reason="weighed")
    for name, value in changed.items():
        setattr(held, name, value)
    if changed:
        held.save(update_fields=list(changed))
        note("changed", f"{', '.join(sorted(changed))} of panelist {held.uid}", by=by, at=at)
    if "email" in changed:
        held.mails.filter(superseded_at=None).exclude(state=Mail.State.QUEUED).update(superseded_at=at)
        if ends_links:
            renew_link(held, by=by, at=at)
    return held


@transaction.atomic
def exempt_panelist(panelist: Panelist, *, by: str, at: datetime) -> Panelist:
    """Ask her no more: nothing is mailed to her, answers given stay, and she may still take part by her link.

    Raises
    ------
    PanelistStateError
        She has declined, is exempted or withdrew.
    """
    held = _held(panelist)
    if held.declined_at is not None:
        raise PanelistStateError("she is not asked any more", reason="declined")
    held.declined_at = held.exempted_at = at
    held.save(update_fields=["declined_at", "exempted_at"])
    note("exempted", f"panelist {held.uid}", by=by, at=at)
    return held


@transaction.atomic
def readmit_panelist(panelist: Panelist, *, by: str, at: datetime) -> Panelist:
    """Ask her again whom moderators exempted; her own declining is taken back by herself alone.

    Raises
    ------
    PanelistStateError
        She is not exempted.
    """
    held = _held(panelist)
    if not held.is_exempted:
        raise PanelistStateError("she is not exempted", reason="not_exempted")
    held.declined_at = held.exempted_at = None
    held.save(update_fields=["declined_at", "exempted_at"])
    note("readmitted", f"panelist {held.uid}", by=by, at=at)
    return held


@transaction.atomic
def replace_panelist(panelist: Panelist, *, person: NewPerson, by: str, at: datetime) -> Panelist:
    """Ask another person in her place; she is exempted, unless she declined or withdrew. Returns the other one.

    Raises
    ------
    BadPanelError
        Something is wrong with the other person.
    PanelistStateError
        Names and addresses are destroyed, or somebody was asked in her place already.
    """
    _held_panel(panelist.panel)
    held = Panelist.objects.select_for_update(no_key=True).get(pk=panelist.pk)
    if held.replaced_by.exists():
        raise PanelistStateError("somebody was asked in her place", reason="replaced")
    if held.declined_at is None and held.withdrawn_at is None:
        exempt_panelist(held, by=by, at=at)
    (made,) = take_in_people(panelist.panel, [person], by=by, at=at)
    made.replaces = held
    made.save(update_fields=["replaces"])
    note("replaced", f"panelist {held.uid} by {made.uid}", by=by, at=at)
    return made


@transaction.atomic
def take_out_panelist(panelist: Panelist, *, by: str, at: datetime) -> None:
    """Take out somebody who was never mailed, began nothing and answered nothing; nothing of her remains.

    Raises
    ------
    PanelistStateError
        She was mailed, has begun or answered, or withdrew.
    """
    _held_panel(panelist.panel)
    _held_rounds(panelist.panel)  # before her: whoever opens one mails her before, or finds her gone
    held = _held(panelist)
    if held.mails.exists() or held.started_at is not None:
        raise PanelistStateError("she was invited", reason="invited")
    if held.judgements.exists() or held.choices.exists() or held.submissions.exists():
        raise PanelistStateError("she has answered", reason="answered")
    note("took out", f"panelist {held.uid}", by=by, at=at)
    held.delete()


@transaction.atomic
def withdraw_on_request(panelist: Panelist, *, by: str, at: datetime) -> Withdrawal:
    """Withdraw her, as `withdraw` does, since she asked the moderators to.

    Raises
    ------
    PanelistStateError
        She has withdrawn already, or nobody knows any more which answers are hers.
    """
    _held_panel(panelist.panel)
    held = _held(panelist)
    return withdraw(held, by=by, at=at)


def _held_panel(panel: Panel) -> Panel:
    """Lock a panel whose people are still known."""
    held = Panel.objects.select_for_update(no_key=True).get(pk=panel.pk)
    if held.pairs_destroyed_at is not None:
        raise PanelistStateError("names and addresses of this panel are destroyed", reason="destroyed")
    return held


def _held(panelist: Panelist) -> Panelist:
    """Lock a panelist who has not withdrawn."""
    held = Panelist.objects.select_for_update(no_key=True).get(pk=panelist.pk)
    if held.withdrawn_at is not None:
        raise PanelistStateError("she has withdrawn", reason="withdrawn")
    return held


def _held_rounds(panel: Panel) -> list[Round]:
    return list(Round.objects.select_for_update(of=("self",)).filter(panel=panel).order_by("pk"))


def _addresses(panel: Panel, but: Panelist | None = None) -> set[str]:
    """Return the addresses of a panel's people, or of all but one."""
    others = panel.panelists.filter(withdrawn_at=None).exclude(email="").values_list("pk", "email")
    return {email.casefold() for pk, email in others if but is None or pk != but.pk}


def _codes(panel: Panel) -> list[str]:
    return list(panel.panelists.values_list("code", flat=True))


def _bad(field: str, why: str, row: int = 0) -> BadPanelError:
    return BadPanelError(f"{field} of a person is refused: {why}", field=field, why=why, row=row)
