"""A person to be taken into a panel, as somebody entered her, and what is wrong with that."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final
from zoneinfo import available_timezones

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

if TYPE_CHECKING:
    from collections.abc import Iterator

LONGEST: Final = {"email": 254, "name": 200, "group": 100, "field": 100}
MOST_PEOPLE: Final = 500
"""How many are taken in at once."""
KINDS_OF_SIGNS: Final = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
JOINERS: Final = frozenset("\u200c\u200d")  # letters of Persian and of Indian scripts are written with them


@dataclass(frozen=True)
class NewPerson:
    """Who is to be asked; her code is given when she is taken in."""

    email: str
    name: str = ""
    group: str = ""
    language: str = ""
    time_zone: str = ""
    field: str = ""
    weight: float = 1.0


@dataclass(frozen=True)
class PersonFault:
    """What is wrong with one field of a person.

    ``code`` is one of required, invalid, too_long, taken, twice, unknown; ``near`` is the nearest word that is known, or the
    row that says the same.
    """

    field: str
    code: str
    near: str = ""


@cache
def time_zones() -> frozenset[str]:
    """Return the names of all time zones."""
    return frozenset(available_timezones())


def is_address(text: str) -> bool:
    """Say whether mail can be sent to a text."""
    try:
        validate_email(text)
    except ValidationError:
        return False
    return True


def faults_of(person: NewPerson) -> Iterator[PersonFault]:
    """Yield what is wrong with a person by herself."""
    if not person.email:
        yield PersonFault("email", "required")
    elif not is_address(person.email):
        yield PersonFault("email", "invalid")
    for field, most in LONGEST.items():
        text = str(getattr(person, field))
        if len(text) > most:
            yield PersonFault(field, "too_long", str(most))
        elif any(unicodedata.category(sign) in KINDS_OF_SIGNS and sign not in JOINERS for sign in text):
            yield PersonFault(field, "invalid")
    if not person.language:
        yield PersonFault("language", "required")
    elif person.language not in dict(settings.LANGUAGES):
        yield PersonFault("language", "unknown")
    if person.time_zone and person.time_zone not in time_zones():
        yield PersonFault("time_zone", "unknown")
    if not 0 <= person.weight < float("inf"):
        yield PersonFault("weight", "invalid")
