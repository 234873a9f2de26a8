"""The states' tables of all apps as one picture: states side by side, below them what may be done, by whom, and where it leads."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Final
from xml.sax.saxutils import escape

from accounts import states as accounts
from scoring import states as scoring
from surveys import states as surveys

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from accounts.lifecycle import Act, Lifecycle

TITLE: Final = "States, acts and who may"
WIDTH: Final = 360
EDGE: Final = 8
LINE: Final = 15  # of text
LANE: Final = 16  # of an arrow
LETTER: Final = 6.4  # the widest a letter of an act or a role gets
STYLE: Final = """
svg{width:100%;max-width:720px;height:auto;--paper:#fbfaf7;--ink:#1c1b19;--faint:#5f5b53;--line:#c9c4b8;--arrow:#0f5c63}
@media(prefers-color-scheme:dark){svg{--paper:#1b1a18;--ink:#f1eee6;--faint:#b5afa2;--line:#56524a;--arrow:#7cc9d0}}
text{fill:var(--ink);font:10.5px ui-sans-serif,system-ui,'Segoe UI','Noto Sans',sans-serif}
.thing{font-size:15px;font-weight:600}.act{font-family:ui-monospace,'DejaVu Sans Mono',monospace;font-size:10px}
.faint{fill:var(--faint)}.end{text-anchor:end}.middle{text-anchor:middle}
.paper{fill:var(--paper)}.box{fill:var(--paper);stroke:var(--ink)}.unreached{stroke-dasharray:3 3;stroke:var(--faint)}
.life{stroke:var(--line)}.move,.new{fill:none;stroke:var(--arrow);stroke-width:1.5}.dot,.head{fill:var(--arrow)}
"""


def picture() -> str:
    """Return the picture as SVG; the same tables give the same bytes."""
    y, parts = _legend()
    for app, tables in (("accounts", accounts.TABLES), ("surveys", surveys.TABLES), ("scoring", scoring.TABLES)):
        for table in tables:
            y, drawn = _table(app, table, y)
            parts += drawn
    height = y + EDGE
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{TITLE}">',
            f"<style>{STYLE}</style>",
            f'<rect class="paper" width="{WIDTH}" height="{height}"/>',
            *parts,
            "</svg>\n",
        ]
    )


def _legend() -> tuple[int, list[str]]:
    """Say what the signs mean."""
    parts = [_text(EDGE, 20, TITLE, "thing")]
    signs = (
        (_new(16, 36), "the act makes a row in this state"),
        (_dot(16, 36 + LINE), "the act is allowed in this state, which stays"),
        (_arrow((8,), 26, 36 + 2 * LINE), "the act leads from one state to the other"),
    )
    for number, (sign, words) in enumerate(signs):
        parts += [sign, _text(36, 40 + number * LINE, words, "faint")]
    return 36 + len(signs) * LINE + 8, parts


def _table(app: str, table: Lifecycle, top: int) -> tuple[int, list[str]]:
    """Draw a table below ``top``; return where it ends."""
    states = [str(state) for state in table.states.values]
    pitch = (WIDTH - 2 * EDGE) / len(states)
    columns = {state: round(EDGE + (position + 0.5) * pitch, 1) for position, state in enumerate(states)}
    y = top + 26
    parts = [_text(EDGE, y, table.thing, "thing"), _text(WIDTH - EDGE, y, app, "faint end")]
    y += 10
    size = round(min(96.0, pitch - 6), 1)
    for state, x in columns.items():
        kind = "box unreached" if state in table.unreached else "box"
        parts.append(f'<rect class="{kind}" x="{round(x - size / 2, 1)}" y="{y}" width="{size}" height="24" rx="8"/>')
        parts.append(_text(x, y + 16, state, "middle"))
    y += 26
    for _, group in groupby(table.acts, key=lambda act: (act.by, act.makes, act.starts, act.through, act.ends)):
        y, drawn = _acts(list(group), columns, y)
        parts += drawn
    for state, reason in table.unreached.items():
        for line in _wrapped([f"{state}, not reached yet:", *reason.split()], (WIDTH - 2 * EDGE) / 5.6, joint=" "):
            y += LINE
            parts.append(_text(EDGE, y, line, "faint"))
    return y + 8, parts


def _acts(acts: Sequence[Act], columns: dict[str, float], top: int) -> tuple[int, list[str]]:
    """Draw acts that only their names tell apart: the names, who may, and an arrow for each state they lead to."""
    act, y, parts = acts[0], top, []
    who = ", ".join(act.by)
    room = (WIDTH - 2 * EDGE) / LETTER - len(who) - 2
    for number, line in enumerate(_wrapped([one.name for one in acts], room, joint=", ")):
        y += LINE
        parts.append(_text(EDGE, y, line, "act"))
        if number == 0:
            parts.append(_text(WIDTH - EDGE, y, who, "faint end"))
    for signs in _lanes(act, columns, y + 3):
        parts += [
            *(f'<line class="life" x1="{x}" x2="{x}" y1="{y + 4}" y2="{y + 3 + LANE}"/>' for x in columns.values()),
            *signs,
        ]
        y += LANE
    return y + 4, parts


def _lanes(act: Act, columns: dict[str, float], top: int) -> Iterator[list[str]]:
    """Give the signs of each lane, one for each state that the act leads to."""
    middle = top + LANE // 2
    first = [_new(columns[act.makes], middle)] if act.makes else []
    if not act.moves:
        yield first + [_dot(columns[start], middle) for start in act.starts]
        return
    for end in dict.fromkeys(end for _, end in act.moves):
        starts = tuple(columns[start] for start, other in act.moves if other == end != start)
        if starts:
            yield [_arrow(starts, columns[end], middle)]
            middle += LANE
        if (end, end) in act.moves:
            yield [_loop(columns[end], middle)]
            middle += LANE


def _arrow(starts: Sequence[float], end: float, y: float) -> str:
    """Draw arrows from places on a line to another."""
    parts = []
    for start in starts:
        way = 1 if end > start else -1
        parts.append(f'<path class="move" d="M{start} {y}H{round(end - way * 6, 1)}"/>{_head(end, y, way)}')
        parts.append(_dot(start, y, 2.5))
    return "".join(parts)


def _loop(x: float, y: float) -> str:
    """Draw an arrow that comes back to where it began."""
    back = f'<path class="move" d="M{x} {y - 5}h12a5 5 0 0 1 0 10h-7"/>'
    return f"{back}{_head(x, y + 5, -1)}{_dot(x, y - 5, 2.5)}"


def _head(x: float, y: float, way: int) -> str:
    return f'<path class="head" d="M{x} {y}l{-7 * way} -4v8z"/>'


def _dot(x: float, y: float, radius: float = 4) -> str:
    return f'<circle class="dot" cx="{x}" cy="{y}" r="{radius}"/>'


def _new(x: float, y: float) -> str:
    return f'<circle class="new" cx="{x}" cy="{y}" r="5.5"/><path class="move" d="M{round(x - 3, 1)} {y}h6m-3 -3v6"/>'


def _text(x: float, y: float, words: str, kind: str) -> str:
    return f'<text class="{kind}" x="{x}" y="{y}">{escape(words)}</text>'


def _wrapped(words: Sequence[str], room: float, *, joint: str) -> list[str]:
    """Break a list into lines of so many letters at most."""
    lines = [words[0]]
    for word in words[1:]:
        if len(lines[-1] + joint + word) <= room:
            lines[-1] += joint + word
        else:
            lines[-1] += joint.rstrip()
            lines.append(word)
    return lines
