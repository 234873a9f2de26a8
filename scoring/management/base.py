"""What the analyst's commands share: files in, files out, exit status 2 with one line per problem, and ``--json``."""

from __future__ import annotations

import os
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand
from django.utils.translation import ngettext

from exchange.problems import MOST_LISTED, FileProblem, FileProblemsError
from scoring.files.digits import json_text, plain, sha256
from scoring.files.results import write_files
from scoring.management.reading import as_typed
from scoring.version import code_version

if TYPE_CHECKING:
    from argparse import ArgumentParser
    from collections.abc import Mapping

FAILED, REFUSED = 1, 2


class FileCommand(BaseCommand):
    """A command over files alone: it opens no database and is content without one."""

    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add what all of them have."""
        parser.add_argument("--json", action="store_true", help="print a machine-readable summary")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Do the work and say what came of it; bad input ends with exit status 2."""
        try:
            summary = self.work(**options)
        except FileProblemsError as error:
            self._refuse(error.problems, as_json=options["json"])
        else:
            self.stdout.write(json_text(summary) if options["json"] else self.sentence(summary))
            if self.failed(summary):
                raise SystemExit(FAILED)

    def work(self, **options: Any) -> dict[str, Any]:
        """Read, compute, write; return the summary. Raise FileProblemsError on bad input."""
        raise NotImplementedError

    def sentence(self, summary: dict[str, Any]) -> str:
        """Say the summary in a line or two."""
        raise NotImplementedError

    def failed(self, _summary: dict[str, Any]) -> bool:
        """Say whether what was asked came out with a no, which ends with exit status 1."""
        return False

    def refused(self) -> str:
        """Say in a line, above the problems, that the input is refused; nothing where the problems say enough."""
        return ""

    def _refuse(self, problems: tuple[FileProblem, ...], *, as_json: bool) -> None:
        if self.refused() and not as_json:
            self.stdout.write(self.refused())
        listed = problems[:MOST_LISTED]
        for problem in listed:
            self.stderr.write(one_line(problem))
        more = len(problems) - len(listed)
        if more:
            sentence = ngettext("… and {number} more problem", "… and {number} more problems", more)
            self.stderr.write(sentence.format(number=more))
        if as_json:
            verdict = {"verdict": self.refused()} if self.refused() else {}
            told = {"problems": [_plain(one) for one in listed], "problems_total": len(problems)}
            self.stdout.write(json_text({**verdict, **told}))
        raise SystemExit(REFUSED)


def _plain(problem: FileProblem) -> dict[str, Any]:
    """Return the problem as plain data: code, facts and place for programs, and what they say for people."""
    option = {"option": as_typed(problem.options)} if problem.options else {}
    return {**asdict(problem), "what": problem.what, "allowed": problem.allowed, **option}


def one_line(problem: FileProblem) -> str:
    """Return the problem in one line, whatever the file held, and the options that answer it."""
    options = f" ({as_typed(problem.options)})" if problem.options else ""
    return " ".join(f"{problem}{options}".split())


def read_file(path: Path) -> tuple[str, bytes]:
    """Return a file's name and bytes, as every reader takes them.

    Raises
    ------
    FileProblemsError
        It cannot be read.
    """
    try:
        return path.name, path.read_bytes()
    except OSError as error:
        raise FileProblemsError([FileProblem(path.name, "unreadable", facts={"why": error.strerror})]) from error


def read_folder(path: Path, *, most: int) -> list[tuple[str, bytes]]:
    """Return the files under a folder, each by its path from there with slashes; links to folders are not followed.

    Raises
    ------
    FileProblemsError
        One cannot be read, or together they have more than ``most`` bytes, which is seen before any is read.
    """
    inside = [
        Path(folder, name)
        for folder, _folders, names in os.walk(path)
        for name in names
        if Path(folder, name).is_file()
    ]
    if sum(one.stat().st_size for one in inside) > most:
        raise FileProblemsError([FileProblem(path.name, "folder_too_large", facts={"most": most})])
    return [(one.relative_to(path).as_posix(), read_file(one)[1]) for one in sorted(inside)]


def write_out(folder: Path, files: Mapping[str, str], *, summary: dict[str, Any], inputs: tuple[Path, ...]) -> None:
    """Write the result files, and ``summary.json`` with the fingerprints of what was read and the code's version.

    Raises
    ------
    FileProblemsError
        The folder cannot be written.
    """
    try:
        write_files(folder, {**files, "summary.json": json_text(summary | origin(inputs))})
    except OSError as error:
        raise FileProblemsError([FileProblem(str(folder), "unwritable", facts={"why": error.strerror})]) from error


def origin(inputs: tuple[Path, ...]) -> dict[str, Any]:
    """Return fingerprints of what was read, by name, and the version of the code."""
    return {
        "inputs": plain({path.name: sha256(path.read_bytes()) for path in inputs}),
        "code_version": code_version(),
    }
