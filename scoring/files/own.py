"""An expert's own file beside a release: whether her receipts are listed, and her answers counted as she gave them."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from exchange.problems import FileProblem, FileProblemsError
from exchange.tables import csv_records
from scoring.errors import BundleError
from scoring.files.bundle import MANIFEST, own_fingerprint, read_manifest, unpack
from scoring.files.digits import sha256
from scoring.files.guarding import as_today
from surveys.files.mine import FORMAT
from surveys.files.receipts import receipt_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

JUDGEMENTS = "judgements.csv"
RECEIPTS = "receipts.csv"
FORMATS = ("steelyard-mine-1", FORMAT)
LAST_DIGITS = 1e-11


@dataclass(frozen=True)
class Checked:
    """The receipts found in the release's list, and how many answers it counts as they were given."""

    release: str
    receipts: tuple[str, ...]
    answers: int


def check_own(name: str, mine: bytes, bundle_name: str, bundle: bytes) -> Checked:
    """Check an expert's file against a release; where that tells nothing person by person, her receipts alone.

    Of rounds that follow each other the last answer to a pair counts; a round she did not hand in has no receipt, and what
    of it counts is not looked for.

    Raises
    ------
    FileProblemsError
        A file is not what it should be; a receipt does not come out again, or is not in the list; an answer differs.
    """
    try:
        held: Any = json.loads(mine)
    except ValueError as error:
        raise FileProblemsError([FileProblem(name, "no_json", facts={"why": str(error)})]) from error
    try:
        rounds = [
            (str(one["receipt"]), one["receipt_inputs"])
            for one in held["rounds"]
            if one["receipt_inputs"] and one["receipt"]
        ]
        _last([inputs for _, inputs in rounds])
        form, codes = str(held["format"]), _codes(held)
    except (KeyError, TypeError, ValueError) as error:
        raise FileProblemsError([FileProblem(name, "no_own_file")]) from error
    if form not in FORMATS or not rounds:
        raise FileProblemsError([FileProblem(name, "no_receipt", None, "rounds", form, {"format": FORMAT})])
    files, release = _lists(bundle_name, bundle)
    problems = [
        FileProblem(name, "other_receipt", None, "receipt", receipt, {"receipt": receipt_of(inputs)})
        for receipt, inputs in rounds
        if receipt_of(inputs) != receipt
    ]
    listed = set(files[RECEIPTS].split())
    found = tuple(receipt for receipt, _ in rounds if receipt in listed)
    if not found:
        problems.append(FileProblem(RECEIPTS, "unlisted_receipts", None, "receipt", rounds[-1][0]))
    answers = _last([inputs for receipt, inputs in rounds if receipt in listed])
    told = files.get(JUDGEMENTS)
    problems += _differences(answers, codes, told) if told is not None else ()
    if problems:
        raise FileProblemsError(problems)
    return Checked(release, found, len(answers) if told is not None else 0)


def _codes(held: Mapping[str, Any]) -> frozenset[str]:
    """Return every code under which her answers may stand; files of the first format know one alone."""
    if held["format"] != FORMAT:
        return frozenset({str(held["code"])})
    return frozenset(str(one["code"]) for one in held["publication_codes"])


def _last(inputs: list[Any]) -> dict[tuple[str, frozenset[str]], tuple[str, str, float]]:
    """Return the last answer to every pair, round by round as they were asked."""
    return {
        (node, frozenset((a, b))): (a, b, float(value))
        for _round, _secret, answers in inputs
        for node, a, b, value in answers
    }


def _lists(name: str, bundle: bytes) -> tuple[Mapping[str, str], str]:
    """Return the lists of a release whose fingerprints hold, and its number."""
    try:
        files = unpack(bundle)
        manifest = read_manifest(files.get(MANIFEST, b""))
    except BundleError as error:
        where = str(error.facts["where"]) or name
        raise FileProblemsError([FileProblem(where, "told", facts={"why": str(error)})]) from error
    listed = [one for one in (RECEIPTS, JUDGEMENTS) if one == RECEIPTS or one in manifest["files"]]
    broken = [one for one in listed if one not in files or sha256(files[one]) != manifest["files"].get(one)]
    if own_fingerprint(manifest) != manifest["fingerprint"]:
        broken.append(MANIFEST)
    if broken:
        raise FileProblemsError([FileProblem(one, "altered") for one in broken])
    told = as_today({one: files[one] for one in listed}, form=manifest["format"])
    return {one: content.decode() for one, content in told.items()}, str(manifest["release"])


def _differences(
    wanted: Mapping[tuple[str, frozenset[str]], tuple[str, str, float]], codes: frozenset[str], judgements: str
) -> Iterator[FileProblem]:
    """Find answers that the release does not hold under a code of hers, or holds differently."""
    rows = {
        (row["node"], frozenset((row["a"], row["b"]))): (row["a"], row["value"])
        for row in csv_records(judgements)
        if row["expert"] in codes and row["value"]
    }
    for (node, pair), (a, b, value) in wanted.items():
        first, text = rows.get((node, pair), (a, ""))
        there = float(Fraction(text)) if text else math.nan
        there = there if first == a else 1 / there
        if not math.isclose(there, value, rel_tol=LAST_DIGITS):
            facts = {"node": node, "a": a, "b": b, "value": f"{value:.12g}"}
            yield FileProblem(JUDGEMENTS, "other_answer", None, "value", text, facts)
