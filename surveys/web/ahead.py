"""The order of the coming pairs as data for the page's script, which then needs the network for storing alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from surveys.web.replies import scope
from surveys.web.words import scale, text_of

if TYPE_CHECKING:
    from surveys.queries.expert_sheet import ExpertSheet, Item, Pair
    from surveys.web.door import Visit


def ahead(sheet: ExpertSheet, shown: Pair, visit: Visit) -> dict[str, object]:
    """Return the shown pair and all that follow, each item once, and the words of every answer."""
    later = [pair for pair in sheet.coming if pair != shown]
    asked = [shown, *later]
    latest = sheet.latest
    named = [*asked, latest] if latest else asked
    items: dict[str, Item] = {item.code: item for pair in named for item in (pair.first, pair.second)}
    return {
        "scope": scope(visit.panelist, visit.round),
        "answered": sheet.answered,
        "total": sheet.total,
        "items": {code: [item.name, item.definition] for code, item in items.items()},
        "nodes": {
            node.item.code: {"name": node.item.name, "awaits_choice": node.awaits_choice} for node in sheet.nodes
        },
        "pairs": [_pair(pair) for pair in asked],
        "latest": _pair(latest) if latest else None,
        "scale": scale(),
    }


def _pair(pair: Pair) -> dict[str, object]:
    return {
        "node": pair.node.code,
        "first": pair.first.code,
        "second": pair.second.code,
        "version": pair.version,
        "value": "" if pair.value is None else text_of(pair.value),
        "comment": pair.comment,
    }
