"""``manage.py draw_states``: draw the states' tables of all apps."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.management.base import BaseCommand

from config.drawing import picture

if TYPE_CHECKING:
    from argparse import ArgumentParser


class Command(BaseCommand):
    """Write the picture of states, acts and who may."""

    help = "Draw what may be done in which state, by whom, into docs/states.svg."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Read the options."""
        parser.add_argument("--out", type=Path, default=settings.ROOT / "docs/states.svg")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Write it."""
        options["out"].write_text(picture(), encoding="utf-8", newline="\n")
