"""``manage.py seed_demo``: build the demonstration up to any moment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError

from accounts.models import Series
from demo.seed import STAGES, seed

if TYPE_CHECKING:
    from argparse import ArgumentParser


class Command(BaseCommand):
    """Build five series of demonstration data through the use-cases."""

    help = "Build the demonstration: five series, their due editions up to a stage."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Read the options."""
        parser.add_argument("--stage", choices=STAGES, default="released", help="where the due editions stand")
        parser.add_argument("--seed", type=int, default=7, help="seed of the simulated judgements and of the draws")
        parser.add_argument("--series", nargs="*", default=(), help="only these series, such as las asean")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Build it, or say that there is something already."""
        if Series.objects.exists():
            raise CommandError("There are series already; the demonstration is built in an empty database only.")
        seed(stage=options["stage"], seed=options["seed"], only=options["series"], tell=self.stdout.write)
