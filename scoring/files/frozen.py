"""A frozen method as files: what is fixed before data are opened, and all that a computation from it needs."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from scoring.files.digits import EXACT, plain
from scoring.files.methods import method_from_dict, method_to_dict, write_method
from scoring.files.results import write_files
from scoring.numerics.robustness.draws import draw_weights
from scoring.numerics.robustness.intervals import score_with_intervals
from scoring.recipe import recipe_from_dict, recipe_to_dict, write_recipe
from surveys.files.framework import FrameworkRow, tree_of, write_framework
from surveys.files.judgements import read_judgements

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from scoring.numerics.types import ConsensusMethod, PanelJudgements, Recipe, Scored, Table, Tree, WeightDraws


@dataclass(frozen=True)
class FrozenMethod:
    """Indicator system, consensus method, recipe, local weights and the consensus' own files (judgements among them)."""

    rows: tuple[FrameworkRow, ...]
    method: ConsensusMethod
    recipe: Recipe
    weights: Mapping[str, float]
    receipts: tuple[str, ...]
    files: Mapping[str, str]

    @property
    def tree(self) -> Tree:
        """The criteria as one tree."""
        return tree_of(self.rows)

    def to_content(self) -> dict[str, Any]:
        """Return everything as plain data, with all digits."""
        content: dict[str, Any] = plain(
            {
                "framework": [asdict(row) for row in self.rows],
                "method": method_to_dict(self.method),
                "recipe": recipe_to_dict(self.recipe),
                "weights": self.weights,
                "receipts": self.receipts,
                "files": self.files,
            },
            EXACT,
        )
        return content

    @classmethod
    def from_content(cls, content: Mapping[str, Any]) -> FrozenMethod:
        """Read it back from plain data."""
        return cls(
            rows=tuple(FrameworkRow(**row) for row in content["framework"]),
            method=method_from_dict(content["method"]),
            recipe=recipe_from_dict(content["recipe"]),
            weights=content["weights"],
            receipts=tuple(content["receipts"]),
            files=content["files"],
        )

    def release_files(self) -> dict[str, str]:
        """Return the method's part of a release, file by file."""
        return {
            "framework.csv": write_framework(self.rows),
            "method.json": write_method(self.method),
            "recipe.toml": write_recipe(self.recipe),
            "receipts.csv": "\n".join(["receipt", *self.receipts]) + "\n",
            "judgements.csv": self.files["judgements.csv"],
            "weights.csv": self.files["weights.csv"],
            "consistency.csv": self.files["consistency.csv"],
            "consensus.csv": self.files["consensus.csv"],
            "consensus.json": self.files["summary.json"],
        }

    def panel(self) -> PanelJudgements:
        """Return the frozen judgements."""
        with unpacked({"judgements.csv": self.files["judgements.csv"]}) as folder:
            return read_judgements(folder / "judgements.csv", self.tree, self.method.scale)


def score_frozen(
    table: Table,
    tree: Tree,
    weights: Mapping[str, float],
    recipe: Recipe,
    *,
    panel: PanelJudgements,
    method: ConsensusMethod,
) -> Scored:
    """Score a table as the recipe says; where it draws weights, the frozen judgements are drawn as the method says."""
    return score_with_intervals(table, tree, weights, recipe, _draws(panel, method, recipe))


def _draws(panel: PanelJudgements, method: ConsensusMethod, recipe: Recipe) -> WeightDraws | None:
    """Draw the weights once for each draw of the recipe; draw d is the consensus' own draw d."""
    size = recipe.robustness.draws
    if size == 0 or "weights" not in recipe.robustness.factors:
        return None
    return draw_weights(panel, replace(method, draws=size))


@contextmanager
def unpacked(files: Mapping[str, str | bytes]) -> Iterator[Path]:
    """Put files into a folder for as long as it is read: the readers take files, whoever sent them."""
    with TemporaryDirectory(prefix="steelyard-") as name:
        folder = Path(name)
        write_files(folder, files)
        yield folder
