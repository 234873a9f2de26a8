"""What a series ranks, in words: pages, mails and charts about one series speak of cities, or of what else it ranks.

The kind holds for a context, as the language does; doors set it where the series becomes known. A text that names the unit
is written of cities. What it reads for other kinds stands in the catalogues of `config/kinds`, English's among them, with the
kind as its message context. Templates ask for it by ``{% translate "All cities"|of_kind noop %}`` and
``{% blocktranslate context ""|unit_kind %}``, modules by the functions here.
"""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Final

from django.db.models import TextChoices
from django.utils import translation
from django.utils.functional import lazy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from django.utils.functional import _StrPromise


class UnitKind(TextChoices):
    """What a series ranks."""

    CITY = "city", "city"
    COUNTRY = "country", "country"
    REGION = "region", "region"
    INSTITUTION = "institution", "institution"


_spoken_of: Final[ContextVar[str]] = ContextVar("unit_kind", default=UnitKind.CITY.value)


def activate(kind: str) -> None:
    """Speak of this kind until the request is over; outside of one, `override` ends by itself."""
    _spoken_of.set(str(kind))


@contextmanager
def override(kind: str) -> Iterator[None]:
    """Speak of this kind for a while."""
    before = _spoken_of.set(str(kind))
    try:
        yield
    finally:
        _spoken_of.reset(before)


def current() -> str:
    """Return the kind that is spoken of."""
    return _spoken_of.get()


def message_context() -> str:
    """Return the context of messages; cities have none, since texts are written of them."""
    kind = current()
    return "" if kind == UnitKind.CITY else kind


def gettext(message: str) -> str:
    """Translate a message as the kind has it; one that names no unit reads the same for all."""
    context = message_context()
    found = translation.pgettext(context, message) if context else message
    return translation.gettext(message) if found == message else found


def ngettext(singular: str, plural: str, number: int) -> str:
    """Translate a message of a number as the kind has it."""
    context = message_context()
    found = translation.npgettext(context, singular, plural, number) if context else singular
    return translation.ngettext(singular, plural, number) if found in (singular, plural) else found


gettext_lazy: Final[Callable[[str], _StrPromise]] = lazy(gettext, str)  # type: ignore[assignment]  # it is a promise of text
