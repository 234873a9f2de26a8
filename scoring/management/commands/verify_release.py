"""``manage.py verify_release``: compute a downloaded release again, offline, and compare."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from scoring.files.bundle import UNPACKED
from scoring.files.comparing import Difference
from scoring.files.verification import verify, verify_files
from scoring.management.base import FileCommand, read_file, read_folder
from scoring.version import code_version

if TYPE_CHECKING:
    from argparse import ArgumentParser

    from scoring.files.verification import Verdict

MOST_SHOWN: Final = 20


class Command(FileCommand):
    """Verify a release."""

    help = (
        "Check every fingerprint of a release and compute its weights, scores and steps again; needs no network. The first "
        "line is the verdict; exit status 0 where it holds, 1 where something differs, 2 where it is no release."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Read the zip or the folder."""
        super().add_arguments(parser)
        parser.add_argument("bundle", type=Path, help="the release's zip, or the folder that it unpacks to")
        parser.add_argument("--all", action="store_true", help=f"show all differences, not the first {MOST_SHOWN}")

    def work(self, **options: Any) -> dict[str, Any]:
        """Read, check, compute, compare."""
        path: Path = options["bundle"]
        if path.is_dir():
            verdict = verify_files(path.resolve().name, read_folder(path, most=UNPACKED))
        else:
            verdict = verify(*read_file(path))
        shown = verdict.differences if options["all"] else verdict.differences[:MOST_SHOWN]
        return {"verdict": verdict.sentence, **_origin(verdict), "shown": [asdict(one) for one in shown]}

    def failed(self, summary: dict[str, Any]) -> bool:
        """Say whether anything differs."""
        return bool(summary["differences"])

    def refused(self) -> str:
        """Say the verdict on what is no release."""
        return "NOT verified: this cannot be read as a release"

    def sentence(self, summary: dict[str, Any]) -> str:
        """Say the verdict, then what differs, or the fingerprint to compare."""
        if not summary["differences"]:
            return f"{summary['verdict']}\nIts fingerprint, to compare with its page:\n{summary['fingerprint']}"
        more = summary["differences"] - len(summary["shown"])
        lines = [summary["verdict"], *(str(Difference(**one)) for one in summary["shown"])]
        return "\n".join([*lines, *[f"… and {more} more (--all)"] * bool(more)])


def _origin(verdict: Verdict) -> dict[str, Any]:
    """Return what was checked, by whom, and how much of it."""
    manifest = verdict.manifest
    return {
        "series": manifest["series"],
        "edition": manifest["edition"],
        "release": manifest["release"],
        "fingerprint": manifest["fingerprint"],
        "computed_by": manifest["code_version"],
        "checked_by": code_version(),
        "files": verdict.files,
        "numbers": verdict.numbers,
        "not_recomputable": list(verdict.not_recomputable),
        "differences": len(verdict.differences),
    }
