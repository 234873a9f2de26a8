"""Who may do what, in which state, of all apps as one table: for the documentation, and for the test of every address."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from accounts import states as accounts
from accounts.lifecycle import MEMBERS
from scoring import states as scoring
from surveys import states as surveys

if TYPE_CHECKING:
    from collections.abc import Iterator

    from accounts.lifecycle import Act, Actor, Lifecycles

APPS: Final[dict[str, Lifecycles[Any]]] = {
    "accounts": accounts.LIFECYCLES,
    "surveys": surveys.LIFECYCLES,
    "scoring": scoring.LIFECYCLES,
}
HEAD: Final = """# Who may do what

Roles are given for one series, by its owners alone; in every other series whoever has one is a stranger, for whom its desk is
not there. Pages, API and commands ask these tables, which stand in each app's `states.py`; `python manage.py draw_states` writes
this page and [states.svg](states.svg) from them. An act that the state does not allow is refused, or nothing happens, whoever asks.

A role may end on a day and pass to a successor; a reviewer's deputy acts in her place. A series keeps an owner: the last one
cannot leave, nor does her role end where nobody can succeed her, and `python manage.py replace_owner` names another where she is lost. Beside the roles, panelists act by their
links, workers and operators on the server, and what anybody may do needs no account.
"""


@dataclass(frozen=True, slots=True)
class Row:
    """One act: what it is done to, in which states (none: it depends on none), and who may."""

    app: str
    act: str
    thing: str
    states: tuple[str, ...]
    by: tuple[Actor, ...]


def rows() -> Iterator[Row]:
    """Yield every act of every app, those first that no state holds back."""
    for app, lifecycles in APPS.items():
        for act in lifecycles.stateless:
            yield _row(app, "series", act)
        for table in lifecycles.tables:
            for act in table.acts:
                yield _row(app, table.thing, act)


def _row(app: str, thing: str, act: Act) -> Row:
    return Row(app, act.name, thing, tuple(map(str, act.starts)), act.by)


def page() -> str:
    """Return the documentation's page as Markdown; the same tables give the same text."""
    parts = [HEAD]
    for app in APPS:
        names = [role.replace("_", " ") for role in MEMBERS]
        parts.append(f"## {app}\n")
        parts.append(f"| Act | On | In states | {' | '.join(names)} | others |")
        parts.append("|---|---|---|" + ":-:|" * len(MEMBERS) + "---|")
        for row in rows():
            if row.app == app:
                may = " | ".join("yes" if role in row.by else "" for role in MEMBERS)
                others = ", ".join(one for one in row.by if one not in MEMBERS)
                parts.append(f"| `{row.act}` | {row.thing} | {', '.join(row.states)} | {may} | {others} |")
        parts.append("")
    return "\n".join(parts)
