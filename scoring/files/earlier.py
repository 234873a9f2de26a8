"""The earlier release inside a later one: what the change between the two is computed from."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from scoring.files.recipes import read_recipe_file
from scoring.files.tables import read_data, read_weights
from scoring.numerics.robustness.between import Basis
from scoring.numerics.robustness.study import EarlierRelease
from surveys.files.framework import other_columns, read_framework
from surveys.values.framework import tree_of

if TYPE_CHECKING:
    from collections.abc import Mapping

FOLDER: Final = "previous/"
INPUTS: Final = ("framework.csv", "recipe.toml", "weights.csv", "data.csv")
FIRST: Final = "first_data.csv"


def earlier_files(files: Mapping[str, str], *, first: str | None) -> dict[str, str]:
    """Return the files of an earlier release that a later one carries under ``previous/``.

    ``first`` is the data file of the later edition's own first release, where the later one corrects it.
    """
    kept = {f"{FOLDER}{name}": files[name] for name in INPUTS}
    return kept if first is None else {**kept, f"{FOLDER}{FIRST}": first}


def read_earlier(folder: Path) -> EarlierRelease | None:
    """Read them from a folder that holds a release's files; None where there are none.

    Raises
    ------
    FileProblemsError
        As the readers of each file.
    """
    here = folder / Path(FOLDER)
    if not (here / INPUTS[0]).is_file():
        return None
    rows = read_framework(here / "framework.csv")
    tree = tree_of(rows)
    basis = Basis(
        tree=tree,
        weights=read_weights(here / "weights.csv", tree),
        recipe=read_recipe_file(here / "recipe.toml"),
        table=read_data(here / "data.csv", tree, others=other_columns(rows)),
    )
    if not (here / FIRST).is_file():
        return EarlierRelease(basis)
    own = read_framework(folder / "framework.csv")
    return EarlierRelease(basis, read_data(here / FIRST, tree_of(own), others=other_columns(own)))
