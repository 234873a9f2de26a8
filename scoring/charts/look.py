"""How every chart looks: colours, type and sizes as the stylesheet states them, in the reader's theme and direction."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias, cast

from scoring.charts.errors import ChartError

if TYPE_CHECKING:
    from collections.abc import Mapping

Theme: TypeAlias = Literal["light", "dark"]
Direction: TypeAlias = Literal["ltr", "rtl"]

LEAST_WIDTH: Final = 280
NARROW: Final = 480
LABEL: Final = 13.0  # as the stylesheet's drawings print their texts
SMALL: Final = 12.0


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours of a theme, each named as its custom property."""

    paper: str
    card: str
    ink: str
    muted: str
    line: str
    edge: str
    accent: str
    loss: str
    mark: str
    tier_1: str
    tier_2: str
    tier_3: str
    tier_4: str
    tier_line: str


@dataclass(frozen=True, slots=True)
class Tokens:
    """What the stylesheet fixes: a palette per theme, the family of sans-serif fonts, text sizes in pixels."""

    palettes: Mapping[Theme, Palette]
    font: str
    sizes: Mapping[str, float]


def read_tokens(css: str) -> Tokens:
    """Return the tokens of a stylesheet: its first ``:root`` block, and the one for dark screens over it."""
    light = _properties(r":root \{(.*?)\}", css)
    dark = light | _properties(r"prefers-color-scheme: dark\) \{\s*:root \{(.*?)\}", css)
    rems = {name: float(value[:-3]) * 16 for name, value in light.items() if re.fullmatch(r"[\d.]+rem", value)}
    return Tokens(
        palettes=MappingProxyType({"light": _palette(light), "dark": _palette(dark)}),
        font=light["sans"],
        sizes=MappingProxyType(rems),
    )


def _properties(block: str, css: str) -> dict[str, str]:
    found = re.search(block, css, re.DOTALL)
    if found is None:
        raise ChartError(f"css: a block {block!r} is needed to know the colours, got none")
    return {name: " ".join(value.split()) for name, value in re.findall(r"--([\w-]+):\s*([^;]+);", found[1])}


def _palette(properties: Mapping[str, str]) -> Palette:
    return Palette(**{field.name: properties[field.name.replace("_", "-")] for field in fields(Palette)})


def _stylesheet() -> str:
    # found, not imported: the package of the settings starts the workers' application when it is imported
    spec = find_spec("config")
    places = [] if spec is None else list(spec.submodule_search_locations or ())
    return Path(places[0], "static", "steelyard.css").read_text(encoding="utf-8")


TOKENS: Final = read_tokens(_stylesheet())


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """For whom a chart is drawn: theme, direction of writing, width in pixels, and the ground it stands on."""

    theme: Theme = "light"
    direction: Direction = "ltr"
    width: int = 720
    ground: Literal["paper", "card"] = "paper"

    def __post_init__(self) -> None:
        """Refuse a width in which nothing can be read."""
        if self.width < LEAST_WIDTH:
            raise ChartError(f"width: at least {LEAST_WIDTH} pixels, got {self.width}")

    @property
    def palette(self) -> Palette:
        """The colours of the theme."""
        return TOKENS.palettes[self.theme]

    @property
    def behind(self) -> str:
        """The colour of the ground."""
        return cast("str", getattr(self.palette, self.ground))

    @property
    def is_rtl(self) -> bool:
        """Say whether names and titles stand on the right; value axes never turn round."""
        return self.direction == "rtl"

    @property
    def is_narrow(self) -> bool:
        """Say whether it is drawn for a phone."""
        return self.width < NARROW

    @property
    def title_size(self) -> float:
        """Pixels of the title's letters."""
        return TOKENS.sizes["text-m" if self.is_narrow else "text-l"]

    @property
    def subtitle_size(self) -> float:
        """Pixels of the subtitle's letters."""
        return TOKENS.sizes["text-s"]


def config(look: Look, styles: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Return the configuration of a chart: the only place of a specification that names colours and type."""
    colours = look.palette
    return {
        "background": look.behind,
        "font": TOKENS.font,
        "view": {"stroke": None},
        "title": {
            "anchor": "end" if look.is_rtl else "start",
            "color": colours.ink,
            "fontSize": look.title_size,
            "fontWeight": 600,
            "subtitleColor": colours.muted,
            "subtitleFontSize": look.subtitle_size,
            "limit": 0,
        },
        "text": {"baseline": "middle", "limit": 0},
        "style": {**_styles(look), **{name: dict(style) for name, style in styles.items()}},
    }


def _styles(look: Look) -> dict[str, dict[str, Any]]:
    colours = look.palette
    bar = {"strokeWidth": 5, "strokeCap": "round"}
    label, small = {"fontSize": LABEL}, {"fontSize": SMALL, "color": colours.muted}
    dot = {"shape": "circle", "filled": True, "opacity": 1, "stroke": look.behind}
    return {
        "name": {"color": colours.ink, **label},
        "name-focus": {"color": colours.accent, "fontWeight": 700, **label},
        "name-strong": {"color": colours.ink, "fontWeight": 600, **label},
        "lead": {"color": colours.muted, **label},
        "value": {"color": colours.muted, **label},
        "value-focus": {"color": colours.accent, "fontWeight": 700, **label},
        "value-strong": {"color": colours.ink, "fontWeight": 600, **label},
        "axis-figure": small,
        "source": small,
        "grid": {"color": colours.line, "strokeWidth": 1},
        "baseline": {"color": colours.edge, "strokeWidth": 1},
        "link": {"color": colours.edge, "strokeWidth": 1},
        "whisker": {"color": colours.ink, "strokeWidth": 1.5},
        "interval": {"color": colours.mark, **bar},
        "interval-focus": {"color": colours.accent, **bar},
        "dot": {"color": colours.ink, "size": 52, "strokeWidth": 1, **dot},
        "dot-focus": {"color": colours.accent, "size": 90, "strokeWidth": 1.5, **dot},
        "bar": {"color": colours.mark},
        "bar-focus": {"color": colours.accent},
        "gain": {"color": colours.accent},
        "loss": {"color": colours.loss},
    }


# --- colours that meet --------------------------------------------------------------------------------------------------


def blended(colour: str, ground: str, opacity: float) -> str:
    """Return the colour that the eye sees where one of some opacity lies on a ground."""
    mixed = (opacity * over + (1 - opacity) * under for over, under in zip(_rgb(colour), _rgb(ground), strict=True))
    return "#" + "".join(f"{round(part):02x}" for part in mixed)


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours (WCAG 2.2, from 1 to 21)."""
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: str) -> float:
    parts = [part / 255 for part in _rgb(colour)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _rgb(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
