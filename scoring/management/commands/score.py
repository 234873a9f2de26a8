"""``manage.py score``: indicator data, weights and a recipe in, ranks with every step out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scoring.files.recipes import read_recipe_file, refuse_weights_factor
from scoring.files.results import score_files
from scoring.files.tables import read_data, read_weights
from scoring.management.base import FileCommand, from_numerics, write_out
from scoring.numerics.errors import NumericsError
from scoring.numerics.robustness.intervals import score_with_intervals
from surveys.files.framework import other_columns, read_framework, tree_of

if TYPE_CHECKING:
    from argparse import ArgumentParser


class Command(FileCommand):
    """Score a table of indicator data."""

    help = "Apply a recipe and weights to indicator data; writes scores.csv, steps/ and summary.json."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Read the files."""
        super().add_arguments(parser)
        parser.add_argument("data", type=Path, help="CSV or XLSX, columns as COINr's iData")
        parser.add_argument("--framework", type=Path, required=True, help="CSV or XLSX, columns as COINr's iMeta")
        parser.add_argument("--weights", type=Path, help="as `weigh` writes them; else the framework's Weight column")
        parser.add_argument("--recipe", type=Path, required=True, help="TOML")
        parser.add_argument("--out", type=Path, required=True, help="folder for the results")

    def work(self, **options: Any) -> dict[str, Any]:
        """Read, score, write."""
        data, framework, weights = options["data"], options["framework"], options["weights"]
        rows = read_framework(framework)
        tree = tree_of(rows)
        recipe = read_recipe_file(options["recipe"])
        refuse_weights_factor(options["recipe"], recipe)
        local = None if weights is None else read_weights(weights, tree)
        table = read_data(data, tree, others=other_columns(rows))
        try:
            files = score_files(score_with_intervals(table, tree, local, recipe))
        except NumericsError as error:
            raise from_numerics(error, data=data, method=options["recipe"]) from error
        summary: dict[str, Any] = json.loads(files["summary.json"])
        inputs = (data, framework, options["recipe"], *(() if weights is None else (weights,)))
        write_out(options["out"], files, summary=summary, inputs=inputs)
        return summary | {"out": str(options["out"]), "files": sorted(files)}

    def sentence(self, summary: dict[str, Any]) -> str:
        """Say how many were ranked."""
        dropped = len(summary["dropped"])
        return (
            f"{summary['ranked']} of {summary['units']} units ranked on {summary['indicators']} indicators, "
            f"{dropped} left out by the screen. Results are in {summary['out']}."
        )
