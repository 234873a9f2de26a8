"""A frozen method as files: what is fixed before data are opened, and all that a computation from it needs."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

from exchange.tables import csv_text
from scoring.files import languages
from scoring.files.digits import EXACT, plain
from scoring.files.disclosing import of_nobody
from scoring.files.methods import method_from_dict, method_to_dict, write_method
from scoring.files.recipes import with_rounding_of
from scoring.files.results import panel_weights, with_s_star_bounded
from scoring.files.unit_lists import KEY, ListedUnits
from scoring.files.withheld import FEWER_THAN_FIVE, JUDGEMENTS
from scoring.numerics.robustness.study import Question
from scoring.recipe import recipe_from_dict, recipe_to_dict, write_recipe
from surveys.files.framework import write_framework
from surveys.files.judgements import read_judgements
from surveys.values.framework import FrameworkRow, tree_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scoring.numerics.robustness.study import EarlierRelease
    from scoring.numerics.types import CompositeRecipe, ConsensusMethod, PanelJudgements, Table, Tree


@dataclass(frozen=True)
class FrozenMethod:
    """Indicator system, consensus method, recipe, list of units, local weights and the consensus' own files (judgements, too).

    ``languages`` holds the local weights that all others give, by language. Without ``by_person`` nothing is published
    person by person; ``why_of_nobody`` is the manifest's word for why. ``listed`` is None in freezes of before lists of units
    were kept.
    """

    rows: tuple[FrameworkRow, ...]
    method: ConsensusMethod
    recipe: CompositeRecipe
    weights: Mapping[str, float]
    receipts: tuple[str, ...]
    files: Mapping[str, str]
    languages: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    by_person: bool = True
    listed: ListedUnits | None = None
    why_of_nobody: str = ""

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
                "languages": self.languages,
                "by_person": self.by_person,
                **({KEY: self.listed.to_plain()} if self.listed else {}),
                "why_of_nobody": self.why_of_nobody,
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
            languages=content.get("languages", {}),
            by_person=content.get("by_person", True),
            listed=ListedUnits.from_plain(content[KEY]) if KEY in content else None,
            why_of_nobody=content.get("why_of_nobody", ""),
        )

    def with_rules_of(self, form: object) -> FrozenMethod:
        """Return the method of an edition whose first release has this format: how it rounds was fixed with it."""
        return replace(self, recipe=with_rounding_of(self.recipe, form))

    def release_files(self) -> dict[str, str]:
        """Return the method's part of a release, file by file; S* as today's format defines it."""
        told = {languages.NAME: languages.write_languages(self.languages)} if self.languages else {}
        of_people = {
            "judgements.csv": self.files["judgements.csv"],
            "consistency.csv": self.files["consistency.csv"],
            **with_s_star_bounded(self.files["consensus.csv"], self.files["summary.json"]),
        }
        units = self.listed.release_files() if self.listed else {}
        return (
            told
            | units
            | {
                "framework.csv": write_framework(self.rows),
                "method.json": write_method(self.method),
                "recipe.toml": write_recipe(self.recipe),
                "receipts.csv": csv_text(["receipt"], ([receipt] for receipt in self.receipts)),
                "weights.csv": self.files["weights.csv"],
                **(of_people if self.by_person else of_nobody(of_people)),
            }
        )

    @property
    def withheld(self) -> list[dict[str, str]]:
        """What the release leaves out on purpose, as its manifest says it."""
        return [] if self.by_person else [{"what": JUDGEMENTS, "why": self.why_of_nobody or FEWER_THAN_FIVE}]

    def panel(self) -> PanelJudgements:
        """Return the frozen judgements."""
        content = self.files["judgements.csv"].encode()
        return read_judgements("judgements.csv", content, self.tree, self.method.scale)

    def question(self, table: Table, earlier: EarlierRelease | None = None) -> Question:
        """Return all that scores a table by this method, says how sure the ranks are, and why they moved."""
        consensus = panel_weights(self.files["weights.csv"], self.method.draws)
        return Question(
            table,
            self.tree,
            self.weights,
            self.recipe,
            self.panel(),
            self.method,
            self.languages,
            earlier,
            consensus,
            by_person=self.by_person,
        )
