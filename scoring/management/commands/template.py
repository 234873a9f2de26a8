"""``manage.py template``: an empty file of any form, ready to fill in."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.core.management.base import CommandError
from django.utils.translation import override

from exchange.names import languages
from exchange.problems import FileProblem, FileProblemsError
from scoring.files.templates import FORMS, OF_FRAMEWORK, template_of
from scoring.management.base import REFUSED, FileCommand, read_file
from scoring.management.reading import add_reading, notes_of, readings, with_notes
from surveys.files.framework import read_framework
from surveys.values.framework import ENGLISH

if TYPE_CHECKING:
    from argparse import ArgumentParser


class Command(FileCommand):
    """Write an empty file to fill in."""

    help = "Write an empty file of any form, ready to fill in; CSV, in UTF-8 with a byte order mark."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Read the form and the framework."""
        super().add_arguments(parser)
        parser.add_argument("form", choices=FORMS, help="what the file is for")
        parser.add_argument(
            "--framework",
            type=Path,
            help=f"CSV, XLSX, XLS or ODS, columns as COINr's iMeta; needed by {', '.join(OF_FRAMEWORK)}",
        )
        parser.add_argument(
            "--language", choices=languages(), default=ENGLISH, help="of sentences and names in the file"
        )
        parser.add_argument("--out", type=Path, help="a new file; else the template is printed")
        add_reading(parser)

    def work(self, **options: Any) -> dict[str, Any]:
        """Read the framework and write the template; a file that is there already is never written over."""
        form, framework, out = options["form"], options["framework"], options["out"]
        if framework is None and form in OF_FRAMEWORK:
            raise CommandError(f"a template of the form {form} needs --framework", returncode=REFUSED)
        reading, _others = readings(options)
        rows = () if framework is None else read_framework(*read_file(framework), reading)
        with override(options["language"]):
            text = template_of(form, rows)
        summary = {"form": form, "language": options["language"], "notes": notes_of(reading)}
        if out is None:
            return summary | {"text": text}
        _write_new(out, text)
        return summary | {"out": str(out)}

    def sentence(self, summary: dict[str, Any]) -> str:
        """Give the template itself, or say where it is."""
        if "text" in summary:
            return str(summary["text"])
        return with_notes(f"An empty file of the form {summary['form']} is in {summary['out']}.", summary["notes"])


def _write_new(path: Path, text: str) -> None:
    """Write a file that is not there yet.

    Raises
    ------
    FileProblemsError
        It is there, or cannot be written.
    """
    try:
        with path.open("x", encoding="utf-8", newline="") as file:
            file.write(text)
    except OSError as error:
        raise FileProblemsError([FileProblem(path.name, "unwritable", facts={"why": error.strerror})]) from error
