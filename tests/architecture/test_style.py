"""The stylesheet keeps what the visual language promises: contrast in both themes, one place for colours."""

import re

import pytest

TEXT = ("ink", "muted", "accent", "error", "warning", "success", "loss")
MARKS = ("mark", "edge", "tier-1", "tier-2", "tier-line")


@pytest.fixture(scope="module")
def css(root):
    return (root / "platform" / "config" / "static" / "steelyard.css").read_text()


@pytest.fixture(scope="module")
def themes(css):
    light, dark, printed = (dict(re.findall(r"--([\w-]+): (#[0-9a-f]{3,6})\b", block)) for block in roots(css))
    return {"light": light, "dark": light | dark, "print": light | printed}


def roots(css):
    return re.findall(r":root \{(.*?)\}", css, re.DOTALL)


def luminance(colour):
    digits = colour.lstrip("#")
    digits = "".join(2 * digit for digit in digits) if len(digits) == 3 else digits
    parts = [int(digits[start : start + 2], 16) / 255 for start in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark", "print"])
@pytest.mark.parametrize(("names", "least"), [(TEXT, 4.5), (MARKS, 3.0)])
def test_colours_keep_their_contrast(themes, theme, names, least):
    colours = themes[theme]

    weak = {
        (name, ground): round(contrast(colours[name], colours[ground]), 2)
        for name in names
        for ground in ("paper", "card")
        if contrast(colours[name], colours[ground]) < least
    }

    assert weak == {}


@pytest.mark.parametrize("theme", ["light", "dark", "print"])
def test_words_on_the_accent_and_on_the_chosen_are_readable(themes, theme):
    colours = themes[theme]

    assert contrast(colours["on-accent"], colours["accent"]) >= 4.5
    assert contrast(colours["ink"], colours["accent-soft"]) >= 4.5


def test_colours_are_named_in_one_place(root, css):
    outside = re.sub(r":root \{.*?\}", "", css, flags=re.DOTALL)
    others = [path for path in root.glob("*/static/**/*.css") if "#" in path.read_text()]

    assert re.findall(r"#[0-9a-f]{3,8}\b|rgb\(", outside) == []
    assert others == []


def test_style_uses_the_directions_of_writing_not_of_the_screen(css):
    assert re.findall(r"(?:margin|padding|border|inset)-(?:left|right)|\b(?:left|right): ", css) == []
