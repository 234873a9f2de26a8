"""Is a downloaded release whole, and does it follow from its own inputs? Files alone, no database."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from exchange.problems import FileProblem, FileProblemsError
from scoring.errors import BundleError
from scoring.files.bundle import FORMATS, MANIFEST, own_fingerprint, read_manifest, unpack
from scoring.files.copies import SINCE, copy_problems
from scoring.files.digits import sha256
from scoring.files.earlier import FOLDER as PREVIOUS
from scoring.files.earlier import read_earlier
from scoring.files.languages import NAME as LANGUAGES
from scoring.files.languages import read_languages
from scoring.files.methods import read_method
from scoring.files.older_formats import OLDER
from scoring.files.recipes import read_recipe_file
from scoring.files.results import consensus_files
from scoring.files.sources import read_sources
from scoring.files.tables import read_data
from scoring.files.uncertainty_writer import scored_files
from scoring.files.units import read_units
from scoring.numerics.errors import NumericsError
from scoring.numerics.robustness.draws import weigh_with_spread
from scoring.numerics.robustness.study import Question
from surveys.files.framework import other_columns, read_framework
from surveys.files.judgements import read_judgements
from surveys.values.framework import tree_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

INPUTS = ("framework.csv", "judgements.csv", "method.json", "recipe.toml", "data.csv", "sources.csv", "units.csv")
LAST_DIGITS = 1e-11
"""Two machines may differ in the last of twelve digits; fingerprints hold every digit all the same."""


@dataclass(frozen=True)
class Verified:
    """What was checked: the manifest, and how many numbers were computed again."""

    manifest: Mapping[str, Any]
    files: int
    numbers: int


def verify(name: str, content: bytes) -> Verified:
    """Check a bundle: every file's fingerprint and the manifest's own, then weights, scores and steps computed anew.

    Raises
    ------
    FileProblemsError
        Everything found: no zip, a damaged, missing, unknown or altered file, a number that does not come out again.
    """
    try:
        files = unpack(content)
        manifest = read_manifest(_file(files, MANIFEST))
    except BundleError as error:
        raise FileProblemsError([FileProblem(str(error.facts["where"]) or name, str(error))]) from error
    problems = [*_manifest_problems(manifest), *_fingerprint_problems(files, manifest)]
    numbers = 0
    lost = [name for name in INPUTS if name not in files]
    if not lost:
        try:
            computed = recompute(files)
        except FileProblemsError as error:
            raise FileProblemsError([*problems, *error.problems]) from error
        except NumericsError as error:
            raise FileProblemsError([*problems, FileProblem(name, f"cannot be computed again: {error}")]) from error
        computed = OLDER.get(manifest.get("format"), dict)(computed)
        for result, text in computed.items():
            count, differences = _compare(result, files.get(result, b"").decode(errors="replace"), text)
            numbers += count
            problems += differences
    if not problems and manifest["format"] >= SINCE:
        problems += copy_problems(files)
    if problems:
        raise FileProblemsError(problems)
    return Verified(manifest, len(files), numbers)


def _file(files: Mapping[str, bytes], name: str) -> bytes:
    if name not in files:
        raise BundleError("is missing; this is no release", where=name)
    return files[name]


def _manifest_problems(manifest: Mapping[str, Any]) -> Iterator[FileProblem]:
    if manifest.get("format") not in FORMATS:
        allowed = " or ".join(map(str, FORMATS))
        yield FileProblem(MANIFEST, "unknown format", None, "format", allowed, str(manifest.get("format")))
    own = own_fingerprint(manifest)
    if manifest.get("compared") and f"{PREVIOUS}data.csv" not in manifest["files"]:
        what = "the release is compared with another, and the bundle has nothing of that one"
        yield FileProblem(MANIFEST, what, None, "compared", f"files under {PREVIOUS}", "none")
    if own != manifest["fingerprint"]:
        what = "the manifest was altered: its fingerprint is not its own"
        yield FileProblem(MANIFEST, what, None, "fingerprint", own, str(manifest["fingerprint"]))


def _fingerprint_problems(files: Mapping[str, bytes], manifest: Mapping[str, Any]) -> Iterator[FileProblem]:
    """Find files that are missing, unknown or altered."""
    listed = manifest["files"]
    for name in sorted({*listed, *files} - {MANIFEST}):
        if name not in files:
            yield FileProblem(name, "the manifest names this file, and the bundle has none")
        elif name not in listed:
            yield FileProblem(name, "the manifest names no such file")
        elif sha256(files[name]) != listed[name]:
            what = "the file was altered: its fingerprint is not the manifest's"
            yield FileProblem(name, what, None, None, str(listed[name]), sha256(files[name]))


def recompute(files: Mapping[str, bytes]) -> dict[str, str]:
    """Compute a release's results from its inputs.

    Raises
    ------
    FileProblemsError
        An input cannot be read.
    NumericsError
        An input cannot be computed with.
    """
    rows = read_framework("framework.csv", files["framework.csv"])
    tree, method = tree_of(rows), read_method("method.json", files["method.json"])
    panel = read_judgements("judgements.csv", files["judgements.csv"], tree, method.scale)
    recipe = read_recipe_file("recipe.toml", files["recipe.toml"])
    table = read_data("data.csv", files["data.csv"], tree, others=other_columns(rows))
    languages = read_languages(LANGUAGES, files[LANGUAGES], tree) if LANGUAGES in files else {}
    earlier = read_earlier(files)
    read_sources("sources.csv", files["sources.csv"])
    read_units("units.csv", files["units.csv"])
    consensus = weigh_with_spread(panel, method)
    weighed = consensus_files(consensus, tree)
    question = Question(table, tree, consensus.local, recipe, panel, method, languages, earlier, consensus.weights)
    return {**weighed, "consensus.json": weighed["summary.json"], **scored_files(question)}


def _compare(name: str, found: str, computed: str) -> tuple[int, list[FileProblem]]:
    """Compare a file with what was computed; returns the numbers compared and what differs."""
    if name.endswith(".json"):
        return _compare_json(name, found, computed)
    return _compare_csv(name, found, computed)


def _compare_csv(name: str, found: str, computed: str) -> tuple[int, list[FileProblem]]:
    ours, theirs = list(csv.reader(io.StringIO(computed))), list(csv.reader(io.StringIO(found)))
    if not theirs or theirs[0] != ours[0] or len(theirs) != len(ours):
        got = f"{len(theirs)} rows of {','.join(theirs[0]) if theirs else 'nothing'}"
        return 0, [FileProblem(name, "is another table", 1, None, f"{len(ours)} rows of {','.join(ours[0])}", got)]
    header = ours[0]
    largest = [
        max((abs(_number(row[column]) or 0.0) for row in ours[1:]), default=0.0) for column in range(len(header))
    ]
    numbers, problems = 0, []
    for number, (own, row) in enumerate(zip(ours[1:], theirs[1:], strict=True), start=2):
        if len(row) != len(own):
            problems.append(FileProblem(name, "the row has another number of cells", number))
            continue
        for column, (mine, other) in enumerate(zip(own, row, strict=True)):
            numbers += _number(mine) is not None
            if not _same(mine, other, largest[column]):
                what = "does not come out again"
                problems.append(FileProblem(name, what, number, header[column], mine or "empty", other or "empty"))
    return numbers, problems


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _same(ours: str, theirs: str, largest: float) -> bool:
    """Say whether two cells agree, numbers to the last of twelve digits of the column's largest."""
    if ours == theirs:
        return True
    mine, other = _number(ours), _number(theirs)
    return mine is not None and other is not None and abs(mine - other) <= LAST_DIGITS * largest


def _compare_json(name: str, found: str, computed: str) -> tuple[int, list[FileProblem]]:
    try:
        theirs = json.loads(found)
    except ValueError as error:
        return 0, [FileProblem(name, f"is no JSON ({error})")]
    ours = dict(_leaves(json.loads(computed), ""))
    other = dict(_leaves(theirs, ""))
    problems = [
        FileProblem(name, "does not come out again", None, key, str(ours.get(key)), str(other.get(key)))
        for key in sorted({*ours, *other})
        if key not in ours or key not in other or not _alike(ours[key], other[key])
    ]
    return sum(isinstance(value, int | float) for value in ours.values()), problems


def _leaves(value: object, path: str) -> Iterator[tuple[str, object]]:
    """Give every leaf of JSON data with its path; empty lists and tables are leaves."""
    if isinstance(value, dict) and value:
        for key, item in value.items():
            yield from _leaves(item, f"{path}.{key}".lstrip("."))
    elif isinstance(value, list) and value:
        for position, item in enumerate(value):
            yield from _leaves(item, f"{path}[{position}]")
    else:
        yield path, value


def _alike(ours: object, theirs: object) -> bool:
    if isinstance(ours, int | float) and isinstance(theirs, int | float):
        return abs(ours - theirs) <= LAST_DIGITS * max(1.0, abs(ours))
    return ours == theirs
