"""The earlier release inside a later one: what the change between the two is computed from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from exchange.problems import FileProblem, FileProblemsError
from scoring.files.bundle import FORMAT
from scoring.files.recipes import read_recipe_file, with_rounding_of
from scoring.files.tables import read_data, read_weights
from scoring.numerics.robustness.between import Basis
from scoring.numerics.robustness.study import EarlierRelease
from scoring.recipe import write_recipe
from surveys.files.framework import other_columns, read_framework
from surveys.values.framework import tree_of

if TYPE_CHECKING:
    from collections.abc import Mapping

FOLDER: Final = "previous/"
INPUTS: Final = ("framework.csv", "recipe.toml", "weights.csv", "data.csv")
FIRST: Final = "first_data.csv"


def earlier_files(files: Mapping[str, str], *, first: str | None, form: object = FORMAT) -> dict[str, str]:
    """Return the files of an earlier release, of format ``form``, that a later one carries under ``previous/``.

    ``first`` is the data file of the later edition's own first release, where the later one corrects it. A recipe of an older
    format says there how it rounds.
    """
    kept = {f"{FOLDER}{name}": files[name] for name in INPUTS}
    recipe = read_recipe_file("recipe.toml", files["recipe.toml"].encode())
    as_then = with_rounding_of(recipe, form)
    if as_then != recipe:
        kept[f"{FOLDER}recipe.toml"] = write_recipe(as_then)
    return kept if first is None else {**kept, f"{FOLDER}{FIRST}": first}


def read_earlier(files: Mapping[str, bytes], *, form: object = FORMAT) -> EarlierRelease | None:
    """Read them from the files of a release of format ``form``; None where there are none.

    Raises
    ------
    FileProblemsError
        As the readers of each file.
    """
    own = {name.removeprefix(FOLDER): content for name, content in files.items() if name.startswith(FOLDER)}
    if INPUTS[0] not in own:
        return None
    lost = [name for name in INPUTS if name not in own]
    if lost:
        raise FileProblemsError([FileProblem(name, "file_missing") for name in lost])
    rows = read_framework("framework.csv", own["framework.csv"])
    tree = tree_of(rows)
    basis = Basis(
        tree=tree,
        weights=read_weights("weights.csv", own["weights.csv"], tree),
        recipe=with_rounding_of(read_recipe_file("recipe.toml", own["recipe.toml"]), form),
        table=read_data("data.csv", own["data.csv"], tree, others=other_columns(rows)),
    )
    if FIRST not in own:
        return EarlierRelease(basis)
    now = read_framework("framework.csv", files["framework.csv"])
    return EarlierRelease(basis, read_data(FIRST, own[FIRST], tree_of(now), others=other_columns(now)))
