"""The picture of the states' tables."""

import re
from itertools import pairwise
from xml.etree import ElementTree as ET

from django.core.management import call_command

from config.capabilities import page
from config.drawing import picture
from scoring import states as scoring
from surveys import states as surveys


def test_picture_in_the_docs_is_the_one_the_tables_give(root):
    for file, text in (("states.svg", picture()), ("roles.md", page())):
        assert (root / "docs" / file).read_text(encoding="utf-8") == text, "run: python manage.py draw_states"


def test_command_writes_the_same_bytes_each_time(tmp_path):
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        call_command("draw_states", folder=tmp_path / name)
        for file, text in (("states.svg", picture()), ("roles.md", page())):
            assert (tmp_path / name / file).read_bytes() == text.encode()


def test_picture_names_every_state_and_act():
    words = " ".join(ET.fromstring(picture()).itertext())
    for table in (*surveys.TABLES, *scoring.TABLES):
        assert {
            word for word in (*table.states.values, *table.by_name) if not re.search(rf"\b{word}\b", words)
        } == set()


def test_nothing_is_written_past_the_edges_or_over_something_else():
    """Letters are reckoned at their widest; names and who may stand on one line, an arrow on another."""
    tree = ET.fromstring(picture())
    width = float(tree.get("viewBox").split()[2])
    taken = {}
    for text in tree.iter("{http://www.w3.org/2000/svg}text"):
        kinds, x, y = set(text.get("class").split()), float(text.get("x")), float(text.get("y"))
        size = len(text.text) * (8.6 if "thing" in kinds else 6.05 if "act" in kinds else 5.6)
        left = x - size if "end" in kinds else x - size / 2 if "middle" in kinds else x
        assert left >= 2, text.text
        assert left + size <= width - 2, text.text
        for other_left, other_right, other in taken.get(y, ()):
            assert left + size <= other_left or left >= other_right, (text.text, other)
        taken.setdefault(y, []).append((left, left + size, text.text))
    lines = sorted(taken)
    assert min(after - before for before, after in pairwise(lines)) >= 12
