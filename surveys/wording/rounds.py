"""What moderators read when an act with a round is refused: by the refusal's code and facts, in her language."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from django.utils.timezone import get_current_timezone_name
from django.utils.translation import gettext_lazy as _

from surveys.wording.clock import clock

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.utils.functional import _StrPromise

    from surveys.errors import SurveyError

ENDLESS: Final = "without_end"
SENTENCES: Final[Mapping[tuple[str, str], _StrPromise]] = {
    ("bad_date", "passed"): _("That time is over already."),
    ("bad_date", "before_opening"): _("It would close before it opens: please choose a later time for its end."),
    ("bad_date", "not_later"): _("An end moves outwards only: please choose a time after {than}."),
    ("bad_date", "endless"): _("This round has no end that could be moved: close it when its time has come."),
    ("overlap", "asked"): _(
        "Round {round} of this panel is open or planned until {until}: please choose times outside of that, or change that "
        "round first."
    ),
    ("overlap", ENDLESS): _(
        "Round {round} of this panel is open or planned then, and has no end: please close or cancel it first."
    ),
    ("overlap", "followed"): _("Round {round} follows this one and takes answers from it, so this one stays closed."),
    ("overlap", "elsewhere"): _("The earlier round is of another panel or framework version."),
    ("round_locked", ""): _("The method of an edition is frozen on this round, so it stays closed."),
    ("not_asked", ""): _("Please choose at least one pair to ask again."),
    ("wrong_state", ""): _("This was refused: the round is not in a state that allows it."),
}


def refusal(error: SurveyError) -> str:
    """Word a refusal, its times on the clock of the page."""
    return _worded(error.code, error.facts)


def why_not_opened(kept: Mapping[str, Any]) -> str:
    """Word why a planned round did not open at its hour, from what is kept with it."""
    until = kept["until"] and datetime.fromisoformat(kept["until"])
    why = "asked" if kept["code"] == "overlap" else "passed"
    return _worded(kept["code"], {"why": why, "round": kept["round"], "until": until})


def _worded(code: str, facts: Mapping[str, Any]) -> str:
    why = str(facts.get("why", ""))
    if why == "asked" and facts["until"] is None:
        why = ENDLESS
    zone = get_current_timezone_name()
    told = {name: clock(fact, zone) if isinstance(fact, datetime) else fact for name, fact in facts.items()}
    return str(SENTENCES[code, why]).format(**told)
