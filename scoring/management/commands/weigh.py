"""``manage.py weigh``: judgements in, weights with consistency, agreement and spread out."""

from __future__ import annotations

import json
import math
from argparse import ArgumentTypeError
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from scoring.files.results import consensus_files
from scoring.management.base import FileCommand, from_numerics, write_out
from scoring.numerics.errors import NumericsError
from scoring.numerics.robustness.draws import weigh_with_spread
from scoring.numerics.types import ConsensusMethod, Group, Incomplete, Priorities, RandomIndex, Scale
from surveys.files.framework import read_framework, tree_of
from surveys.files.judgements import read_judgements

if TYPE_CHECKING:
    from argparse import ArgumentParser

DEFAULT = ConsensusMethod()


def natural(text: str) -> int:
    """Read a whole number from 0."""
    if not (text.isascii() and text.isdigit()):
        raise ArgumentTypeError(f"a whole number from 0 is allowed, got {text}")
    return int(text)


def limit(text: str) -> float:
    """Read a number from 0."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 <= value < math.inf:
        raise ArgumentTypeError(f"a number from 0 is allowed, got {text}")
    return value


class Command(FileCommand):
    """Weigh a panel's judgements."""

    help = "Turn judgements into consensus weights; writes weights.csv, consistency.csv, consensus.csv, summary.json."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Read files and method."""
        super().add_arguments(parser)
        parser.add_argument("judgements", type=Path, help="CSV, XLSX or AHP-OS JSON")
        parser.add_argument("--framework", type=Path, required=True, help="CSV or XLSX, columns as COINr's iMeta")
        parser.add_argument("--out", type=Path, required=True, help="folder for the results")
        parser.add_argument("--scale", choices=get_args(Scale), default=DEFAULT.scale)
        parser.add_argument("--priorities", choices=get_args(Priorities), default=DEFAULT.priorities)
        parser.add_argument("--incomplete", choices=get_args(Incomplete), default=DEFAULT.incomplete)
        parser.add_argument("--group", choices=get_args(Group), default=DEFAULT.group)
        parser.add_argument("--random-index", choices=get_args(RandomIndex), default=DEFAULT.random_index)
        parser.add_argument("--cr-max", type=limit, help="leave out matrices above this consistency ratio")
        parser.add_argument("--draws", type=natural, default=DEFAULT.draws, help="fill low and high from so many draws")
        parser.add_argument("--seed", type=natural, default=DEFAULT.seed)

    def work(self, **options: Any) -> dict[str, Any]:
        """Read, weigh, write."""
        judgements, framework = options["judgements"], options["framework"]
        tree = tree_of(read_framework(framework))
        panel = read_judgements(judgements, tree, options["scale"])
        names = ("scale", "priorities", "incomplete", "group", "random_index", "cr_max", "draws", "seed")
        try:
            consensus = weigh_with_spread(panel, ConsensusMethod(**{name: options[name] for name in names}))
        except NumericsError as error:
            raise from_numerics(error, data=judgements) from error
        files = consensus_files(consensus, tree)
        summary: dict[str, Any] = json.loads(files["summary.json"])
        write_out(options["out"], files, summary=summary, inputs=(judgements, framework))
        return summary | {"out": str(options["out"]), "files": sorted(files)}

    def sentence(self, summary: dict[str, Any]) -> str:
        """Say who was weighed and how much they agree."""
        agreement = "not defined" if summary["s_star"] is None else f"{summary['s_star']:.3f}"
        return (
            f"Experts: {summary['experts']}. Nodes: {summary['nodes']}. Agreement S*: {agreement}. "
            f"Matrices left out: {len(summary['excluded'])}. Results are in {summary['out']}."
        )
