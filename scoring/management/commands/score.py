"""``manage.py score``: indicator data, weights and a recipe in, ranks with every step out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import numpy as np

from scoring.files.languages import read_languages
from scoring.files.recipes import read_recipe_file, refuse_weights_factor
from scoring.files.results import weights_csv
from scoring.files.tables import read_data, read_weights
from scoring.files.uncertainty_writer import FOLDER, scored_files
from scoring.management.base import FileCommand, read_file, write_out
from scoring.management.methods import add_method, method_of, natural
from scoring.management.placing import refused_data, refused_judgements
from scoring.management.reading import Gathered, add_reading, notes_of, readings, with_notes
from scoring.numerics.errors import NumericsError
from scoring.numerics.robustness.draws import weigh_with_spread
from scoring.numerics.robustness.study import Question
from scoring.numerics.types import CompositeRecipe, Table
from surveys.files.framework import other_columns, read_framework
from surveys.files.judgements import read_judgements
from surveys.values.framework import tree_of, words_of

if TYPE_CHECKING:
    from argparse import ArgumentParser
    from collections.abc import Callable, Mapping, Sequence

    from exchange.options import FileReading
    from scoring.numerics.types import PanelJudgements, Tree
    from surveys.values.framework import FrameworkRow

T = TypeVar("T")
DEFAULT: Final = CompositeRecipe()
NO_TABLE: Final = Table((), (), (), (), np.empty((0, 0)))
STUDY = f"{FOLDER}summary.json"


class Command(FileCommand):
    """Score a table of indicator data."""

    help = "Apply a recipe and weights to indicator data; writes scores.csv, steps/, summary.json, with draws robustness/, from judgements weights.csv."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Read the files."""
        super().add_arguments(parser)
        parser.add_argument("data", type=Path, help="CSV, XLSX, XLS or ODS, columns as COINr's iData")
        parser.add_argument(
            "--framework", type=Path, required=True, help="CSV, XLSX, XLS or ODS, columns as COINr's iMeta"
        )
        source = parser.add_mutually_exclusive_group()
        source.add_argument("--weights", type=Path, help="as `weigh` writes them; else the framework's Weight column")
        source.add_argument(
            "--judgements", type=Path, help="of the panel: weighed here, and drawn where the recipe asks for it"
        )
        parser.add_argument("--recipe", type=Path, required=True, help="TOML")
        parser.add_argument("--out", type=Path, required=True, help="folder for the results")
        parser.add_argument("--languages", type=Path, help="weights without each language, as a release holds them")
        parser.add_argument(
            "--draws",
            type=natural,
            help="of the panel's weights for their intervals, as in `weigh`; else as the recipe draws",
        )
        add_method(parser)
        add_reading(parser, judgements=True)

    def work(self, **options: Any) -> dict[str, Any]:
        """Read, score, write."""
        data, framework = options["data"], options["framework"]
        weights, judgements = options["weights"], options["judgements"]
        main, reading = readings(options)
        rows = read_framework(*read_file(framework), reading)
        tree = tree_of(rows)
        recipe_file = read_file(options["recipe"])
        gathered = Gathered()
        recipe = gathered.read(lambda: read_recipe_file(*recipe_file), DEFAULT)
        if judgements is None:
            gathered.read(lambda: refuse_weights_factor(*recipe_file, recipe), None)
        table = gathered.read(
            lambda: read_data(*read_file(data), tree, others=other_columns(rows), reading=main), NO_TABLE
        )
        panel, languages, local = _beside(options, rows, tree, reading, gathered)
        gathered.check()
        try:
            method = None if panel is None else method_of(options, draws=_draws(options["draws"], recipe))
            consensus = None if panel is None or method is None else weigh_with_spread(panel, method)
            local = local if consensus is None else consensus.local
        except NumericsError as error:
            raise refused_judgements(error, judgements.name, options["cr_max"]) from error
        try:
            told = None if consensus is None else consensus.weights
            files = scored_files(Question(table, tree, local, recipe, panel, method, languages, consensus=told))
            files |= {} if consensus is None else {"weights.csv": weights_csv(consensus, tree)}
        except NumericsError as error:
            raise refused_data(error, data.name, recipe_file[0], table, main) from error
        summary: dict[str, Any] = json.loads(files["summary.json"])
        note_scoring(main, data.name, summary)
        summary |= {"notes": notes_of(main)}
        further = (weights, judgements, options["languages"])
        inputs = (data, framework, options["recipe"], *(one for one in further if one is not None))
        write_out(options["out"], files, summary=summary, inputs=inputs)
        study = json.loads(files.get(STUDY, "null"))
        return summary | {"out": str(options["out"]), "files": sorted(files), "robustness": study}

    def sentence(self, summary: dict[str, Any]) -> str:
        """Say how many were ranked."""
        dropped = len(summary["dropped"])
        said = (
            f"{summary['ranked']} of {summary['units']} units ranked on {summary['indicators']} indicators, "
            f"{dropped} left out by the screen. {spread(summary['robustness'])}Results are in {summary['out']}."
        )
        return with_notes(said, summary["notes"])


def _beside(
    options: Mapping[str, Any], rows: Sequence[FrameworkRow], tree: Tree, reading: FileReading, gathered: Gathered
) -> tuple[PanelJudgements | None, dict[str, dict[str, float]], Mapping[str, float] | None]:
    """Read what stands beside the data: judgements, weights without each language, weights; as far as they are given."""

    def read(name: str, reader: Callable[[str, bytes], T], default: T) -> T:
        path = options[name]
        return default if path is None else gathered.read(lambda: reader(*read_file(path)), default)

    def judgements(name: str, content: bytes) -> PanelJudgements | None:
        return read_judgements(name, content, tree, options["scale"], reading, words=words_of(rows))

    def languages(name: str, content: bytes) -> dict[str, dict[str, float]]:
        return read_languages(name, content, tree)

    def weights(name: str, content: bytes) -> Mapping[str, float] | None:
        return read_weights(name, content, tree, reading)

    return read("judgements", judgements, None), read("languages", languages, {}), read("weights", weights, None)


def note_scoring(reading: FileReading, file: str, summary: Mapping[str, Any]) -> None:
    """Say what the recipe left undone: units without a row at the latest time, rules that an indicator did not need."""
    for one in summary["dropped"]:
        if one.get("time"):
            reading.note(file, "no_row_at", unit=one["code"], time=one["time"])
    asked = summary["recipe"].get("outliers", {}).get("indicators", {})
    for one in summary["treatments"]:
        method = asked.get(one["indicator"], "none")
        if method != "none" and one["method"] == "none":
            facts = {name: f"{one[name]:.3g}" for name in ("skewness", "kurtosis")}
            reading.note(file, "rule_idle", indicator=one["indicator"], method=method, **facts)


def _draws(asked: int | None, recipe: CompositeRecipe) -> int:
    """Return how many draws the intervals of weights are taken over: as asked, else those of the recipe."""
    drawn = recipe.robustness.first_draws if "weights" in recipe.robustness.factors else 0
    return drawn if asked is None else asked


def spread(study: dict[str, Any] | None) -> str:
    """Say how far ranks move, and whether the draws were enough; nothing without draws."""
    if study is None:
        return ""
    known = study["accuracy"]
    lone = "One expert: the spread over experts is unknown. " if study["panel_spread"] is False else ""
    if study["mean_shift"] is None:
        return f"None of {study['draws']} draws ranks anybody. {lone}"
    ends = (
        f"{known['open_ends']} of {known['ends']} ends of intervals are not known to one place, the least known to {known['widest']}"
        if known["open_ends"]
        else "every end of an interval is known to one place"
    )
    return f"{study['draws']} draws move a rank by {study['mean_shift']:.2f} places in the mean; {ends}. {lone}"
