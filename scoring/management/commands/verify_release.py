"""``manage.py verify_release``: compute a downloaded release again, offline, and compare."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from scoring.files.verification import verify
from scoring.management.base import FileCommand, read_file
from scoring.version import code_version

if TYPE_CHECKING:
    from argparse import ArgumentParser


class Command(FileCommand):
    """Verify a release."""

    help = (
        "Check every fingerprint of a release's zip and compute its weights, scores and steps again; needs no network."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Read the file."""
        super().add_arguments(parser)
        parser.add_argument("bundle", type=Path, help="the release's zip")

    def work(self, **options: Any) -> dict[str, Any]:
        """Read, check, compute, compare."""
        name, content = read_file(options["bundle"])
        verified = verify(name, content)
        manifest = verified.manifest
        return {
            "series": manifest["series"],
            "edition": manifest["edition"],
            "release": manifest["release"],
            "fingerprint": manifest["fingerprint"],
            "computed_by": manifest["code_version"],
            "checked_by": code_version(),
            "files": verified.files,
            "numbers": verified.numbers,
        }

    def sentence(self, summary: dict[str, Any]) -> str:
        """Say that it holds, and what to compare."""
        return (
            f"{summary['series']} {summary['edition']}, release {summary['release']}: {summary['files']} files are whole, "
            f"{summary['numbers']} numbers come out again. Its fingerprint, to compare with its page:\n"
            f"{summary['fingerprint']}"
        )
