"""A form that is included has its token: `only` hands an included template what is named, and the token with it or not at all."""

import re

import pytest

TOKEN = "{% csrf_token %}"
INCLUDE = re.compile(r"{%\s*include\s+\"([^\"]+)\"(.*?)%}", re.DOTALL)


def without_token(templates):
    """Return which template includes which form without handing it the token; ``templates`` are texts by name."""
    needing = {name for name, text in templates.items() if TOKEN in text}
    while (
        more := {name for name, text in templates.items() if any(one[1] in needing for one in INCLUDE.finditer(text))}
        - needing
    ):
        needing |= more
    return [
        (name, one[1])
        for name, text in sorted(templates.items())
        for one in INCLUDE.finditer(text)
        if one[1] in needing and one[2].split()[-1:] == ["only"] and "csrf_token=csrf_token" not in one[2]
    ]


def test_every_included_form_is_handed_its_token(root):
    folder = root / "templates"
    templates = {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*.html")}

    assert any(TOKEN in text for text in templates.values())
    assert without_token(templates) == []


@pytest.mark.parametrize(
    ("outer", "lost"),
    [
        ('{% include "form.html" %}', False),
        ('{% include "form.html" with a=1 only %}', True),
        ('{% include "form.html" with a=1 csrf_token=csrf_token only %}', False),
        ('{% include "around.html" with a=1 only %}', True),
    ],
)
def test_lost_token_is_seen(outer, lost):
    templates = {"form.html": TOKEN, "around.html": '{% include "form.html" %}', "outer.html": outer}

    assert bool(without_token(templates)) is lost
