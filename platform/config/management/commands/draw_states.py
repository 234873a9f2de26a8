"""``manage.py draw_states``: draw the states' tables of all apps, and list who may do what."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.management.base import BaseCommand

from config.capabilities import page
from config.drawing import picture

if TYPE_CHECKING:
    from argparse import ArgumentParser


class Command(BaseCommand):
    """Write the picture of states, acts and who may, and the same as a table."""

    help = "Draw what may be done in which state, by whom, into docs/states.svg, and list it in docs/roles.md."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Read the options."""
        parser.add_argument("--folder", type=Path, default=settings.ROOT / "docs")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Write them."""
        for name, text in (("states.svg", picture()), ("roles.md", page())):
            (options["folder"] / name).write_text(text, encoding="utf-8", newline="\n")
