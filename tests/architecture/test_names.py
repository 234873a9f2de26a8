"""One thing, one name: a top-level class of ours stands in one file, so that a search for it ends there."""

import ast

import pytest

from tests.architecture.class_names import ROOMS, classes_by_name, standing_twice


def at_as_index(source):
    """Lines that run over ``at`` or take it as anything but a moment."""
    for node in ast.walk(ast.parse(source)):
        target = node.target if isinstance(node, ast.For | ast.comprehension) else None
        names = [one for one in ast.walk(target) if isinstance(one, ast.Name)] if target else []
        yield from (one.lineno for one in names if one.id == "at")
        if isinstance(node, ast.arg) and node.arg == "at" and node.annotation:
            kind = ast.unparse(node.annotation)
            yield from [] if "datetime" in kind else [node.lineno]


def test_class_names_stand_in_one_file_only(root):
    found = classes_by_name(root)

    assert found["Round"] == ["surveys/models/round.py"]  # so it does look
    assert standing_twice(found) == {}


def test_a_name_in_two_files_is_found(tmp_path):
    for name in ("one", "two"):
        (tmp_path / "surveys" / name).mkdir(parents=True)
        (tmp_path / "surveys" / name / "rows.py").write_text("class Row:\n    pass\n\n\nclass Command:\n    pass\n")

    assert standing_twice(classes_by_name(tmp_path)) == {"Row": ["surveys/one/rows.py", "surveys/two/rows.py"]}


def test_at_is_a_moment(root):
    paths = sorted(path for room in ROOMS for path in (root / room).rglob("*.py"))
    found = {path: list(at_as_index(path.read_text(encoding="utf-8"))) for path in paths}

    assert {path.relative_to(root).as_posix(): lines for path, lines in found.items() if lines} == {}


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ("for at, unit in enumerate(units):\n    pass\n", [1]),
        ("units = [\n    units[at] for at in order\n]\n", [2]),
        ("def row(table: Table, at: int) -> None: ...\n", [1]),
        ("def open_round(round_: Round, *, at: datetime) -> None: ...\n", []),
    ],
)
def test_at_as_an_index_is_found(source, lines):
    assert list(at_as_index(source)) == lines
