"""A specification rendered as SVG: text that a page, a file or a printer takes as it is."""

from __future__ import annotations

import os
import re
from html import escape
from typing import TYPE_CHECKING, Final

import vl_convert

from scoring.charts.errors import ForkedError

if TYPE_CHECKING:
    from scoring.charts.rows import Spec

VERSION: Final = "6.4"
MEASURED: Final = "sans-serif"  # looking up a list of families for every text takes seven times as long
DROPPED: Final = re.compile(r' (?:class|role|aria-[a-z]+|font-family)="[^"]*"')
UNSEEN: Final = re.compile(r'<path(?: [a-z-]+="[^"]*")* display="none"/>')
TAG: Final = re.compile(r"<[^>]+>")
LONG_NUMBER: Final = re.compile(r"-?\d+\.\d{3,}(?:e-\d+)?")
HELD: Final = re.compile(r">(\d+)<")
_rendered_in: set[int] = set()


def render(spec: Spec) -> str:
    """Return a specification of this room as SVG: same specification, same text, on every machine.

    It loads nothing, runs nothing and is one image to a screen reader, named by the specification's description. May be
    called from any thread: one renders while the others wait. A process forked from one that has rendered cannot render.

    Raises
    ------
    ForkedError
        Instead of waiting forever for the threads that a fork leaves behind.
    """
    _rendered_in.add(os.getpid())
    if len(_rendered_in) > 1:
        raise ForkedError("the renderer must start in the process that uses it, got one forked after it had started")
    held, texts = _held(spec)
    drawn = vl_convert.vegalite_to_svg(held, vl_version=VERSION, allowed_base_urls=[])
    root, _, body = drawn.partition(">")
    size = "".join(re.findall(r' (?:width|height|viewBox)="[^"]*"', root))
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg"{size} role="img" aria-label="{escape(spec["description"])}"'
        f' direction="ltr" font-family="{escape(spec["config"]["font"])}">'
    )
    lean = TAG.sub(_lean, UNSEEN.sub("", body))
    return head + HELD.sub(lambda number: f">{escape(texts[int(number[1])], quote=False)}<", lean)


def _held(spec: Spec) -> tuple[Spec, list[str]]:
    """Return the specification with a number for every text, and the texts.

    Places depend on no text, yet the renderer would measure each one, in every font it needs for it.
    """
    texts: list[str] = []

    def hold(text: str) -> str:
        texts.append(text)
        return str(len(texts) - 1)

    title = {**spec["title"], **{part: [hold(line) for line in spec["title"][part]] for part in ("text", "subtitle")}}
    layers = [
        {**layer, "data": {"values": [{**row, "text": hold(row["text"])} for row in layer["data"]["values"]]}}
        if layer["mark"]["type"] == "text"
        else layer
        for layer in spec["layer"]
    ]
    plain_config = {**spec["config"], "aria": False, "font": MEASURED}
    return {**spec, "title": title, "layer": layers, "config": plain_config}, texts


def _lean(tag: re.Match[str]) -> str:
    """Drop what only scripts use, the font that the root states once, and digits beyond a hundredth of a pixel."""
    return LONG_NUMBER.sub(_rounded, DROPPED.sub("", tag[0]))


def _rounded(number: re.Match[str]) -> str:
    return f"{float(number[0]):.2f}".rstrip("0").rstrip(".")
