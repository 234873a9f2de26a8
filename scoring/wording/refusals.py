"""What a moderator reads when a step is refused: by the refusal's code and facts, in her language."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from accounts.units import gettext
from accounts.units import gettext_lazy as _

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from django.utils.functional import _StrPromise

PARTS: Mapping[str, _StrPromise] = {
    "framework": _("The framework is missing, a draft, or another one than the round’s."),
    "round": _("None of the edition’s panels was asked in this round."),
    "recipe": _("The edition has no recipe yet."),
    "units": _("The edition has no list of units yet: who is ranked becomes fixed with the method."),
    "consensus": _("The weights are not computed yet."),
    "dataset": _("The edition has no data, or they belong to another series or framework."),
    "scoring": _("The data are not scored yet."),
    "reason": _("Please say what is corrected and why."),
}
APPROVALS: Mapping[str, _StrPromise] = {
    "missing": _("Nothing is frozen: somebody else of the series has to approve the method first. Ask for approval."),
    "changed": _(
        "Something of the method changed since approval was asked for, so that it stands for nothing any more. Ask again."
    ),
    "own": _("Nobody approves her own request: somebody else has to."),
    "not_asked": _("Nobody waits for this approval: it was given already, or not asked for."),
    "nobody": _("Nobody else of the series reviews or moderates, so that the method may be frozen without approval."),
}
SENTENCES: Mapping[str, _StrPromise] = {
    "wrong_state": _("This step is not open now; somebody may have been faster. Nothing was changed."),
    "frozen": _("The method is frozen and refuses every change."),
    "round_not_closed": _("The round is not closed yet."),
    "judgements_changed": _(
        "The judgements changed after they were weighed, as when somebody withdraws. Weigh them again."
    ),
    "same_method": _("Nothing of the method is another than it was frozen. Change it first, or keep it as it was."),
    "nothing_changed": _("These data are those of the release they would correct."),
    "licence_unknown": _(
        "Nothing is released: no licence is known of these sources, or nobody said whether their values may be published: "
        "{sources}. Send a file of licences with the data, or alone as a correction of them, and score the data again."
    ),
    "upload_under_way": _(
        "Files sent before are still being taken in. Wait for them, or drop them, and send these again."
    ),
    "data_changed": _(
        "Other data stand since these files were read, so what they would change is not what was shown. Read them again."
    ),
    "no_judgements": _(
        "Nobody’s answers count under {node}. A higher limit of consistency, or none, lets more of them count."
    ),
    "disconnected": _("Under {node} the answers leave items apart that no comparison joins."),
    "not_converged": _(
        "The computation did not come to rest, so it gives no weights. Try another method of priorities."
    ),
    "no_random_index": _(
        "The table of random indices ends before the number of items under a node. Choose another table."
    ),
    "constant_indicator": _(
        "{indicator} has one value only, or its reference or target is its worst value, so it cannot be brought to a scale."
    ),
    "non_positive_value": _(
        "{indicator} of {unit} is not above zero, and a logarithm or a geometric or harmonic mean needs that."
    ),
    "empty_group": _("The group {group} has no value of {indicator} to fill gaps from."),
    "no_value": _("There is no value of {indicator} to fill gaps from."),
    "nothing_to_rank": _("Nothing is left to rank: too many values are missing for what the recipe asks."),
    "no_yardstick": _("This release does not keep the parameters that other values could be placed on."),
    "not_ranked": _("The city has no rank in this release, so nothing can be said of its moving."),
    "too_few_peers": _("{got} ranked peers are too few; a comparison needs {needed}."),
    "impossible_value": _("{indicator} cannot have this value; allowed are {low} to {high}."),
    "not_positive": _("The weights under {node} are all zero; one at least must be above it."),
    "unexpected": _("The computation stopped by a mistake of the program. It is in the log; nothing was lost."),
}


def source_names(sources: Iterable[str]) -> list[str]:
    """Return sources as they are named; an empty one stands for the values that name none."""
    return [source or gettext("(values that name no source)") for source in sources]


def sentence(code: str, facts: Mapping[str, Any], message: str) -> str:
    """Return the sentence for a refusal; one nobody foresaw is quoted."""
    return known_sentence(code, facts) or gettext("It was refused: {message}").format(message=message)


def known_sentence(code: str, facts: Mapping[str, Any]) -> str:
    """Return the sentence for a refusal; empty for one nobody foresaw, or without the facts that it names."""
    if code == "missing_part" and facts.get("part") in PARTS:
        return str(PARTS[facts["part"]])
    if code == "not_approved" and facts.get("reason") in APPROVALS:
        return str(APPROVALS[facts["reason"]])
    if code == "empty_group" and not facts.get("group"):
        code = "no_value"  # all units are one group without a name
    told = {"sources": ", ".join(source_names(facts["sources"]))} if "sources" in facts else {}
    try:
        return str(SENTENCES[code]).format(**{**facts, **told})
    except KeyError:
        return ""
