"""``manage.py weigh``: judgements in, weights with consistency, agreement and spread out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from scoring.files.results import consensus_files
from scoring.management.base import FileCommand, read_file, write_out
from scoring.management.methods import add_method, method_of, natural
from scoring.management.placing import refused_judgements
from scoring.management.reading import add_reading, notes_of, readings, with_notes
from scoring.numerics.ahp.consensus import why_no_s_star
from scoring.numerics.errors import NumericsError
from scoring.numerics.robustness.draws import weigh_with_spread
from surveys.files.framework import read_framework
from surveys.files.judgements import read_judgements
from surveys.values.framework import tree_of, words_of

if TYPE_CHECKING:
    from argparse import ArgumentParser


UNDEFINED: Final = {
    "too_few": "for it takes two experts and two criteria",
    "too_far_apart": "for the experts lie further apart than it can tell",
}


class Command(FileCommand):
    """Weigh a panel's judgements."""

    help = "Turn judgements into consensus weights; writes weights.csv, consistency.csv, consensus.csv, summary.json."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Read files and method."""
        super().add_arguments(parser)
        parser.add_argument("judgements", type=Path, help="CSV, XLSX, XLS, ODS or AHP-OS JSON")
        parser.add_argument(
            "--framework", type=Path, required=True, help="CSV, XLSX, XLS or ODS, columns as COINr's iMeta"
        )
        parser.add_argument("--out", type=Path, required=True, help="folder for the results")
        parser.add_argument("--draws", type=natural, default=0, help="fill low and high from so many draws")
        add_method(parser)
        add_reading(parser, judgements=True)

    def work(self, **options: Any) -> dict[str, Any]:
        """Read, weigh, write."""
        judgements, framework = options["judgements"], options["framework"]
        main, others = readings(options)
        rows = read_framework(*read_file(framework), others)
        tree = tree_of(rows)
        panel = read_judgements(*read_file(judgements), tree, options["scale"], main, words=words_of(rows))
        try:
            consensus = weigh_with_spread(panel, method_of(options, draws=options["draws"]))
        except NumericsError as error:
            raise refused_judgements(error, judgements.name, options["cr_max"]) from error
        files = consensus_files(consensus, tree)
        summary: dict[str, Any] = json.loads(files["summary.json"]) | {"notes": notes_of(main)}
        write_out(options["out"], files, summary=summary, inputs=(judgements, framework))
        return summary | {"out": str(options["out"]), "files": sorted(files)}

    def sentence(self, summary: dict[str, Any]) -> str:
        """Say who was weighed and how much they agree."""
        why = UNDEFINED.get(why_no_s_star(summary["s_star"], summary["homogeneity"]))
        agreement = f"not defined, {why}" if why else f"{summary['s_star']:.3f}"
        lone = (
            ""
            if summary["panel_spread"] is not False
            else (
                "One expert: the spread over experts is unknown; low and high hold the noise of her judgements alone. "
            )
        )
        said = (
            f"Experts: {summary['experts']}. Nodes: {summary['nodes']}. Agreement S*: {agreement}. "
            f"Matrices left out: {len(summary['excluded'])}. {lone}Results are in {summary['out']}."
        )
        return with_notes(said, summary["notes"])
