"""Is a downloaded release whole, and does it follow from its own inputs? Files alone, no database."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from exchange.problems import FileProblem, FileProblemsError
from scoring.errors import BundleError
from scoring.files import departures
from scoring.files.bundle import FORMAT, FORMATS, MANIFEST, README, own_fingerprint, read_manifest, unpack
from scoring.files.comparing import Difference, compare
from scoring.files.copies import SINCE, copy_problems
from scoring.files.country_shares import country_files
from scoring.files.dictionary import NAME as DICTIONARY
from scoring.files.digits import sha256
from scoring.files.earlier import FOLDER as PREVIOUS
from scoring.files.earlier import read_earlier
from scoring.files.gathering import gathered
from scoring.files.guarding import SINCE as GUARDED_SINCE
from scoring.files.guarding import as_today, formulas
from scoring.files.languages import NAME as LANGUAGES
from scoring.files.languages import read_languages
from scoring.files.licences import NAME as LICENCES
from scoring.files.licences import read_licences
from scoring.files.methods import read_method
from scoring.files.older_formats import OLDER, S_STAR_UNBOUNDED, with_s_star_unbounded
from scoring.files.patches import DatasetContent
from scoring.files.recipes import read_recipe_file, with_rounding_of
from scoring.files.results import consensus_files, score_files
from scoring.files.sources import read_sources
from scoring.files.tables import read_data, read_weights
from scoring.files.uncertainty_writer import scored_files
from scoring.files.unit_lists import KEY as UNIT_LIST
from scoring.files.unit_lists import SOURCES as FROZEN_SOURCES
from scoring.files.unit_lists import UNITS as FROZEN_UNITS
from scoring.files.unit_lists import read_listed
from scoring.files.units import read_units
from scoring.files.withheld import (
    CODES,
    JUDGEMENTS,
    VALUES,
    Withheld,
    is_withheld,
    kept_back_by,
    not_kept_back,
    read_withheld,
    untrue,
)
from scoring.numerics.errors import NumericsError
from scoring.numerics.pipeline import score, weigh
from scoring.numerics.robustness.draws import weigh_with_spread
from scoring.numerics.robustness.study import Question
from surveys.files.framework import other_columns, read_framework
from surveys.files.judgements import read_judgements
from surveys.values.framework import tree_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

INPUTS: Final = (
    "framework.csv", "judgements.csv", "method.json", "recipe.toml", "data.csv", "sources.csv", "units.csv",
)  # fmt: skip
TOLD: Final = frozenset(
    {*INPUTS, README, DICTIONARY, LANGUAGES, LICENCES, FROZEN_UNITS, FROZEN_SOURCES, "receipts.csv"}
)
"""What is no result; so is all of ``previous/``."""


@dataclass(frozen=True)
class Verdict:
    """What came of checking a release: nothing is wrong without ``differences``, which are sorted by place.

    ``numbers`` were computed again and agree, or are among the differences; what is ``withheld``, with all that hangs on it,
    and what is ``unknown`` (files that nothing computes) is not among them.
    """

    manifest: Mapping[str, Any]
    files: int
    numbers: int
    differences: tuple[Difference, ...]
    withheld: tuple[Withheld, ...] = ()
    unknown: tuple[str, ...] = ()

    @property
    def not_recomputable(self) -> tuple[str, ...]:
        """What nobody can compute again from this bundle, each with the reason."""
        lone = tuple(f"{name} – nothing here computes such a file" for name in self.unknown)
        return (*map(str, self.withheld), *lone)

    @property
    def sentence(self) -> str:
        """The verdict in one line."""
        heading = (str(self.manifest[key]) for key in ("series", "edition", "release"))
        name = " ".join("{} {}, release {}".format(*heading).split())
        beyond = f"; not recomputable: {'; '.join(self.not_recomputable)}" if self.not_recomputable else ""
        if self.differences:
            many = len(self.differences)
            places = len({one.file for one in self.differences})
            return f"NOT verified: {name}: {many} difference{'s' * (many != 1)} in {places} file{'s' * (places != 1)}{beyond}"
        held = f"{self.files} files are whole, {self.numbers} numbers come out again"
        how = "verified as far as it can be recomputed" if beyond else "verified"
        return f"{how}: {name}: {held}{beyond}"


def verify(name: str, content: bytes) -> Verdict:
    """Check a release's zip, as it was downloaded or zipped again elsewhere: see `verify_files`.

    Raises
    ------
    FileProblemsError
        It is no zip of one release.
    """
    try:
        return _verdict(name, unpack(content))
    except BundleError as error:
        raise _no_release(name, error) from error


def verify_files(name: str, entries: Sequence[tuple[str, bytes]]) -> Verdict:
    """Check a release's files: every fingerprint and the manifest's own, then weights, scores and steps computed anew.

    Raises
    ------
    FileProblemsError
        They are not those of one release.
    """
    try:
        return _verdict(name, gathered(entries, marker=MANIFEST))
    except BundleError as error:
        raise _no_release(name, error) from error


def _no_release(name: str, error: BundleError) -> FileProblemsError:
    where = str(error.facts["where"]) or name
    return FileProblemsError([FileProblem(where, "told", facts={"why": str(error)})])


def _verdict(name: str, published: Mapping[str, bytes]) -> Verdict:
    if MANIFEST not in published:
        raise BundleError("is missing; this is no release", where=MANIFEST)
    manifest = read_manifest(published[MANIFEST])
    files = as_today(published, form=manifest["format"])
    withheld, unclear = read_withheld(manifest, files)
    found = [*unclear, *_manifest_differences(manifest), *_fingerprint_differences(published, manifest)]
    whole = {JUDGEMENTS: "judgements.csv"}
    left_out = {whole.get(one.what) for one in withheld}
    lost = [one for one in INPUTS if one not in files and one not in left_out]
    say = "is missing; without it nothing is computed again"
    found += [Difference(one, say) for one in lost if one not in manifest["files"]]
    numbers = 0
    unknown: tuple[str, ...] = ()
    if not lost:
        numbers, differences, unknown = _results(name, files, manifest, withheld)
        found += differences
    if not found and manifest["format"] >= SINCE:
        found += copy_problems(files)
    if not found and manifest["format"] >= GUARDED_SINCE:
        found += formulas(files)
    ordered = tuple(sorted(found, key=lambda one: one.place))
    return Verdict(manifest, len(files), numbers, ordered, tuple(withheld), unknown)


def _results(
    name: str, files: Mapping[str, bytes], manifest: Mapping[str, Any], withheld: Sequence[Withheld]
) -> tuple[int, list[Difference], tuple[str, ...]]:
    """Compare every result with what comes of the inputs; return the numbers compared, what differs, what nothing computes."""
    try:
        computed, found = recompute(files, withheld, form=manifest["format"])
        departed, strange = _beside_the_list(files, manifest)
    except FileProblemsError as error:
        unread = [Difference(one.file, one.what, one.row, one.column, one.allowed, one.got) for one in error.problems]
        return 0, unread, ()
    except NumericsError as error:
        return 0, [Difference(name, f"cannot be computed again: {error}")], ()
    if manifest["format"] in tuple(OLDER):
        computed = OLDER[manifest["format"]](computed)
    computed, found = {**computed, **departed}, [*found, *strange]
    numbers = 0
    for result, text in computed.items():
        if is_withheld(withheld, result):
            continue
        if result not in files:
            found += [Difference(result, "is missing; it comes of the inputs")] * (result not in manifest["files"])
            continue
        told = files[result].decode(errors="replace")
        count, differences = compare(result, told, text, skipped=partial(is_withheld, withheld, result))
        numbers += count
        found += differences
    unknown = [
        one
        for one in sorted({*files} & {*manifest["files"]} - TOLD - {*computed})
        if not one.startswith(PREVIOUS) and not is_withheld(withheld, one)
    ]
    return numbers, found, tuple(unknown)


def _beside_the_list(
    files: Mapping[str, bytes], manifest: Mapping[str, Any]
) -> tuple[dict[str, str], list[Difference]]:
    """Compare the data with the list of units that was frozen before them; nothing where none was.

    A correction may have mended what describes a unit.
    """
    if UNIT_LIST not in manifest:
        return {}, []
    lost = sorted({FROZEN_UNITS, FROZEN_SOURCES} - {*files})
    if lost:
        return {}, [Difference(one, "is missing, and the manifest has a list of units") for one in lost]
    told = manifest[UNIT_LIST]
    listed = read_listed(told["rule"], told["two_cities"], files)
    rows = read_framework("framework.csv", files["framework.csv"])
    table = read_data("data.csv", files["data.csv"], tree_of(rows), others=other_columns(rows))
    content = DatasetContent(table, (), read_units("units.csv", files["units.csv"]))
    strange = departures.strangers(listed, content, may_mend=True)
    found = [Difference(FROZEN_UNITS, one.what, None, one.column, one.allowed, one.got) for one in strange]
    sources = read_sources("sources.csv", files["sources.csv"])
    many = len(departures.departures(listed.sources, sources))
    if told.get("departures") != many:
        what = "the number of departures does not come out again"
        found.append(Difference(MANIFEST, what, None, UNIT_LIST, str(many), str(told.get("departures"))))
    return {departures.NAME: departures.write_departures(listed.sources, sources)}, found


def _manifest_differences(manifest: Mapping[str, Any]) -> Iterator[Difference]:
    if manifest.get("format") not in FORMATS:
        allowed = " or ".join(map(str, FORMATS))
        yield Difference(MANIFEST, "unknown format", None, "format", allowed, str(manifest.get("format")))
    own = own_fingerprint(manifest)
    if manifest.get("compared") and f"{PREVIOUS}data.csv" not in manifest["files"]:
        what = "the release is compared with another, and the bundle has nothing of that one"
        yield Difference(MANIFEST, what, None, "compared", f"files under {PREVIOUS}", "none")
    if own != manifest["fingerprint"]:
        what = "the manifest was altered: its fingerprint is not its own"
        yield Difference(MANIFEST, what, None, "fingerprint", own, str(manifest["fingerprint"]))


def _fingerprint_differences(files: Mapping[str, bytes], manifest: Mapping[str, Any]) -> Iterator[Difference]:
    """Find files that are missing, unknown or altered."""
    listed = manifest["files"]
    for name in sorted({*listed, *files} - {MANIFEST}):
        if name not in files:
            yield Difference(name, "the manifest names this file, and the bundle has none")
        elif name not in listed:
            yield Difference(name, "the manifest names no such file")
        elif sha256(files[name]) != listed[name]:
            what = "the file was altered: its fingerprint is not the manifest's"
            yield Difference(name, what, None, None, str(listed[name]), sha256(files[name]))


def recompute(
    files: Mapping[str, bytes], withheld: Sequence[Withheld] = (), *, form: object = FORMAT
) -> tuple[dict[str, str], list[Difference]]:
    """Compute a release's results from its inputs, as far as they are there; with them, what is wrongly said to be withheld.

    ``files`` are as today's readers take them (`as_today`). ``form`` is the release's format, for what can only be computed by
    its rule; `OLDER` makes the rest of today's files.

    Raises
    ------
    FileProblemsError
        An input cannot be read.
    NumericsError
        An input cannot be computed with.
    """
    rows = read_framework("framework.csv", files["framework.csv"])
    tree, method = tree_of(rows), read_method("method.json", files["method.json"])
    recipe = with_rounding_of(read_recipe_file("recipe.toml", files["recipe.toml"]), form)
    table = read_data("data.csv", files["data.csv"], tree, others=other_columns(rows))
    languages = read_languages(LANGUAGES, files[LANGUAGES], tree) if LANGUAGES in files else {}
    earlier = read_earlier(files, form=form)
    sources = read_sources("sources.csv", files["sources.csv"])
    units = read_units("units.csv", files["units.csv"])
    licences = read_licences(LICENCES, files[LICENCES]) if LICENCES in files else ()
    kept_back = kept_back_by(sources, licences)
    found = [*untrue(withheld, files, kept_back), *not_kept_back(files, kept_back)]
    left_out = {one.what for one in withheld}
    if JUDGEMENTS in left_out:
        local = read_weights("weights.csv", files.get("weights.csv", b""), tree)
        if VALUES in left_out:
            return {}, found
        scored = score(table, tree, local, recipe)
        return score_files(scored, tree) | country_files(scored, tree, sources, units), found
    panel = read_judgements("judgements.csv", files["judgements.csv"], tree, method.scale)
    consensus = weigh(panel, method) if CODES in left_out else weigh_with_spread(panel, method)
    if isinstance(form, int) and form <= S_STAR_UNBOUNDED:
        consensus = with_s_star_unbounded(consensus)
    weighed = consensus_files(consensus, tree)
    weighed["consensus.json"] = weighed.pop("summary.json")
    if VALUES in left_out:
        return weighed, found
    question = Question(table, tree, consensus.local, recipe, panel, method, languages, earlier, consensus.weights)
    nominal = question.nominal()
    weighed |= country_files(nominal, tree, sources, units)
    return weighed | (score_files(nominal, tree) if CODES in left_out else scored_files(question, nominal)), found
