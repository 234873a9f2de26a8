"""The order of the coming pairs as data for the page's script, which then needs the network for storing alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from surveys.usecases import judgements
from surveys.values import sheet as sheet_parts
from surveys.web.panelist.sync import scope
from surveys.wording.answers import as_sent, scale

if TYPE_CHECKING:
    from surveys.values.sheet import Item, Node, Pair, PanelistSheet
    from surveys.web.panelist.access import PanelistVisit


def prefetched_pairs(sheet: PanelistSheet, shown: Pair, visit: PanelistVisit) -> dict[str, object]:
    """Return the shown pair and all that follow, each item once, and the words of every answer."""
    later = [pair for pair in sheet.coming if pair != shown]
    asked = [shown, *later]
    latest = sheet.latest
    named = [*asked, latest] if latest else asked
    items: dict[str, Item] = {item.code: item for pair in named for item in (pair.first, pair.second)}
    return {
        "scope": scope(visit.panelist, visit.round),
        "answered": sheet.settled,
        "total": sheet.asked,
        "items": {code: _item(item) for code, item in items.items()},
        "nodes": {node.item.code: _node(node) for node in sheet.nodes},
        "pairs": [_pair(pair) for pair in asked],
        "latest": _pair(latest) if latest else None,
        "scale": scale(),
        "rules": _rules(),
    }


def _rules() -> dict[str, object]:
    """Return what the script tells her before the server does; the server holds the same rules when it stores."""
    return {
        "seconds_a_pair": sheet_parts.SECONDS_A_PAIR,
        "longest_comment": judgements.LONGEST_COMMENT,
        "address": judgements.ADDRESS.pattern,
    }


def _item(item: Item) -> dict[str, str]:
    """Return a name and a definition, each with its language where that is not the page's."""
    return {
        "name": item.name,
        "definition": item.definition,
        "name_language": item.name_language,
        "definition_language": item.definition_language,
    }


def _node(node: Node) -> dict[str, object]:
    return {
        "name": node.item.name,
        "awaits_choice": node.awaits_choice,
        "answered": node.settled,
        "total": node.total,
    }


def _pair(pair: Pair) -> dict[str, object]:
    return {
        "node": pair.node.code,
        "first": pair.first.code,
        "second": pair.second.code,
        "version": pair.version,
        "value": as_sent(pair),
        "comment": pair.comment,
    }
