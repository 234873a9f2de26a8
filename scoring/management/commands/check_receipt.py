"""``manage.py check_receipt``: an expert checks, offline, that a release counts her answers as she gave them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from scoring.files.own import check_own
from scoring.management.base import FileCommand, read_file

if TYPE_CHECKING:
    from argparse import ArgumentParser


class Command(FileCommand):
    """Check a receipt."""

    help = (
        "Compute the receipts of an expert's own file anew, look for them in a release's list, and compare her answers with "
        "the release's judgements; needs no network."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Read both files."""
        super().add_arguments(parser)
        parser.add_argument("mine", type=Path, help="her own file, answers.json")
        parser.add_argument("bundle", type=Path, help="the release's zip")

    def work(self, **options: Any) -> dict[str, Any]:
        """Read, compute, compare."""
        (name, mine), (bundle_name, bundle) = (read_file(options[file]) for file in ("mine", "bundle"))
        checked = check_own(name, mine, bundle_name, bundle)
        return {"receipts": list(checked.receipts), "answers": checked.answers, "release": checked.release}

    def sentence(self, summary: dict[str, Any]) -> str:
        """Say that it holds."""
        found = "\n".join(summary["receipts"])
        return (
            f"Release {summary['release']} lists:\n{found}\nand counts {summary['answers']} answers as they were given."
        )
