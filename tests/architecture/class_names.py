"""Top-level classes by name: ``python tests/architecture/class_names.py`` refuses a name that stands in two files."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

ROOMS = ("surveys", "scoring", "platform")
DJANGO_S_OWN = {"Command", "Migration"}  # Django finds these by their names


def classes_by_name(root: Path) -> dict[str, list[str]]:
    """Return where each top-level class of the project stands, as paths from its root."""
    found: dict[str, list[str]] = {}
    for path in sorted(path for room in ROOMS for path in (root / room).rglob("*.py")):
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.ClassDef) and node.name not in DJANGO_S_OWN:
                found.setdefault(node.name, []).append(path.relative_to(root).as_posix())
    return found


def standing_twice(found: dict[str, list[str]]) -> dict[str, list[str]]:
    """Return the names that stand in two files or more."""
    return {name: paths for name, paths in found.items() if len(paths) > 1}


if __name__ == "__main__":
    twice = standing_twice(classes_by_name(Path(__file__).resolve().parents[2]))
    sys.exit("\n".join(f"{name} stands in {' and '.join(paths)}" for name, paths in sorted(twice.items())) or 0)
