"""Answers, times and refusals in the panelist's words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import uuid4

from django.template.defaultfilters import floatformat
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from surveys.values.choices import AnswerList

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.utils.safestring import SafeString

    from surveys.errors import SurveyError
    from surveys.values.sheet import Item, Pair


REFUSALS = {
    "wrong_state": gettext_lazy("The round is not open. Your answers are kept as they were."),
    "already_submitted": gettext_lazy("You have handed in this round. Your answers stand."),
    "not_asked": gettext_lazy("This round does not ask that pair. Nothing was changed."),
    "bad_judgement": gettext_lazy("This answer was not stored: the comment is too long or holds an e-mail address."),
    "nothing_answered": gettext_lazy("There is nothing to hand in yet. Answer at least one pair."),
    "conflict": gettext_lazy(
        "You answered this pair in another window. That answer stands; change it here if you wish."
    ),
}
# Saaty's words for his steps; the five answers are the steps 1, 3 and 5
MORE = {
    2: gettext_lazy("{item} matters <b>a little</b> more"),
    3: gettext_lazy("{item} matters <b>more</b>"),
    4: gettext_lazy("{item}: between more and <b>much</b> more"),
    5: gettext_lazy("{item} matters <b>much</b> more"),
    6: gettext_lazy("{item}: between much and <b>very much</b> more"),
    7: gettext_lazy("{item} matters <b>very much</b> more"),
    8: gettext_lazy("{item}: between very much and <b>extremely</b> more"),
    9: gettext_lazy("{item} matters <b>extremely</b> more"),
}
# an answer as it is sent: the list it is taken from, and the ratio
FIVE = tuple(f"{AnswerList.FIVE} {ratio}" for ratio in ("5", "3", "1", "1/3", "1/5"))
FINER = tuple(
    f"{AnswerList.FINER} {ratio}"
    for ratio in (*(str(step) for step in range(9, 1, -1)), *(f"1/{step}" for step in range(2, 10)))
)
BOLD = re.compile(r"<b>(.*?)</b>")
A_NUMBER_OF_EACH_PLURAL = {"zero": 0, "one": 1, "two": 2, "few": 3, "many": 11, "other": 100}  # as CLDR names them


def refusal(error: SurveyError) -> str:
    """Return what a person should read for a refusal."""
    return str(REFUSALS.get(error.code, _("This was not possible. Nothing was changed.")))


@dataclass(frozen=True)
class ScaleStep:
    """One answer to choose: what is sent, what it says, and its step on the scale from 1 to 9."""

    value: str
    words: SafeString
    chosen: bool
    step: int


@dataclass(frozen=True)
class ScaleSteps:
    """The five answers and the finer ones for each side, with a fresh key for this answer."""

    five: tuple[ScaleStep, ...]
    finer: tuple[ScaleStep, ...]
    key: str
    finer_chosen: bool


def steps(pair: Pair, chosen: str | None = None) -> ScaleSteps:
    """Return the answers to a pair, each naming the item; none chosen but what she answered before, or just now."""
    chosen = _offered(as_sent(pair) if chosen is None else chosen)
    five = tuple(_step(pair, value, chosen) for value in FIVE)
    finer = tuple(_step(pair, value, chosen) for value in FINER)
    return ScaleSteps(five, finer, key=str(uuid4()), finer_chosen=any(step.chosen for step in finer))


def _step(pair: Pair, value: str, chosen: str) -> ScaleStep:
    """Return one answer; ``1/3`` is said of the second item."""
    ratio = ratio_of(value)
    item = item_name(pair.second if ratio.startswith("1/") else pair.first)
    parts = ((bold, _with_item(text, item)) for bold, text in _parts(value))
    words = format_html_join("", "{}", ((format_html("<b>{}</b>", text) if bold else text,) for bold, text in parts))
    return ScaleStep(value, words, value == chosen, int(ratio.rpartition("/")[2]))


def _with_item(text: str, item: SafeString) -> SafeString:
    """Put the item into the words, which are escaped."""
    return (
        format_html(conditional_escape(text).replace("{item}", "{}"), item)
        if "{item}" in text
        else conditional_escape(text)
    )


def _parts(value: str) -> tuple[tuple[bool, str], ...]:
    """Return an answer's words as parts, each bold or not, with ``{item}`` where the item is named."""
    number = int(ratio_of(value).rpartition("/")[2])
    text = _("Both matter <b>{equally}</b>").replace("{equally}", _("equally")) if number == 1 else str(MORE[number])
    return tuple((position % 2 == 1, part) for position, part in enumerate(BOLD.split(text)) if part)


def scale() -> dict[str, list[dict[str, object]]]:
    """Return the words of all answers for the page's script, which puts the items in."""
    return {
        name: [{"value": value, "parts": _parts(value)} for value in values]
        for name, values in (("five", FIVE), ("finer", FINER))
    }


def ratio_of(sent: str) -> str:
    """Return the ratio of an answer as it is sent: ``1/3`` of ``five 1/3``."""
    return sent.rpartition(" ")[2]


def number_of(sent: str) -> float:
    """Return the ratio of an answer as it is sent, as a number."""
    above, _slash, below = ratio_of(sent).partition("/")
    return float(above) / float(below or 1)


def list_of(sent: str) -> str:
    """Return the list that an answer as it is sent was taken from; empty where it does not say."""
    return sent.rpartition(" ")[0]


def device_words() -> dict[str, str | Mapping[str, str]]:
    """Return what the page's scripts say, in her language; numbers, times and names stand in braces."""
    return {
        "saved": _("Saved at {time}"),
        "announced": _("Saved · {done} of {total}"),
        "kept": _("Kept on this device · {done} of {total}"),
        "all_saved": _("All saved · {done} of {total}"),
        "waiting": {
            plural: ngettext("{n} answer waiting on this device", "{n} answers waiting on this device", number)
            for plural, number in A_NUMBER_OF_EACH_PLURAL.items()
        },
        "not_saved": _("Not saved: “{first}” or “{second}”."),
        "retry": _("Try again"),
        "change": _("Change this answer"),
        "decide": _("Decide which answer stands"),
        "drop": _("Remove from this device"),
        "no_reply": _("The server did not take it. The answer is kept on this device."),
        "closing": closing_words(),
        "closed": refused_as_closed(),
        "far": _("%(here)s of %(here_total)s here · %(done)s of %(total)s in all · %(minutes)s min left")
        % {name: f"{{{name}}}" for name in ("here", "here_total", "done", "total", "minutes")},
        "question": _("Which matters more for “%(node)s”?") % {"node": "{node}"},
        "what": _("What is this?"),
        "undo": _("Undo: “{first}” or “{second}”"),
        "no_address": no_address(),
        "too_long": too_long(),
        "choose": _("Please choose one of the answers."),
    }


def refused_as_closed() -> str:
    """Say that no answer is taken any more."""
    return str(REFUSALS["wrong_state"])


def closing_words() -> str:
    """Say that the round is about to close; ``{time}`` stands where the time goes."""
    return _("The round closes; you may finish until {time}.")


def no_address() -> str:
    """Refuse a comment that would tell who wrote it."""
    return _("The reason holds an e-mail address. It is shown without your name, so please take the address out.")


def too_long() -> str:
    """Refuse a comment that nobody would read; ``{longest}`` stands where the limit goes."""
    return _("The reason is longer than {longest} characters. Please shorten it.")


def item_name(item: Item) -> SafeString:
    """Return an item's name; one that is not in the reader's language says which it is in."""
    if not item.name_language:
        return conditional_escape(item.name)
    return format_html('<bdi lang="{}">{}</bdi>', item.name_language, item.name)


def defined(item: Item) -> SafeString:
    """Return an item's definition; one that is not in the reader's language says which it is in."""
    if not item.definition_language:
        return conditional_escape(item.definition)
    return format_html('<bdi lang="{}">{}</bdi>', item.definition_language, item.definition)


def as_ratio(value: float) -> str:
    """Return a ratio as people write it: 3, or 1/3 below one; halves where the median lies between two answers."""
    number = floatformat(max(value, 1 / value), "-1")
    return number if value >= 1 else f"1/{number}"


def as_sent(pair: Pair) -> str:
    """Write a pair's answer as it is sent: ``five 3``, ``finer 1/3``; the ratio alone where its list is not known."""
    if pair.value is None:
        return ""
    ratio = f"{pair.value:.0f}" if pair.value >= 1 else f"1/{1 / pair.value:.0f}"
    return f"{pair.taken_from} {ratio}".strip()


def _offered(sent: str) -> str:
    """Return an answer as it stands among those to choose from; of an unknown list, in the shorter one that has it."""
    return next((one for one in (*FIVE, *FINER) if sent in {one, ratio_of(one)}), "")


def as_short(pair: Pair) -> SafeString | str:
    """Say an answer in a few words: the item that matters more, and how many times."""
    if pair.value is None:
        return ""
    if round(max(pair.value, 1 / pair.value), 1) == 1:
        return _("equally")
    above = pair.first if pair.value > 1 else pair.second
    times = floatformat(max(pair.value, 1 / pair.value), "-1")
    return format_html("<bdi>{} ×{}</bdi>", item_name(above), times)


def as_sentence(pair: Pair) -> SafeString | str:
    """Say an answer as a sentence that names both items."""
    if pair.value is None:
        return ""
    times = floatformat(max(pair.value, 1 / pair.value), "-1")
    if times == "1":
        return format_html(
            _("{first} and {second} matter equally."), first=item_name(pair.first), second=item_name(pair.second)
        )
    above, below = (pair.first, pair.second) if pair.value > 1 else (pair.second, pair.first)
    return format_html(
        _("{above} matters {times} times as much as {below}."),
        above=item_name(above),
        times=times,
        below=item_name(below),
    )
