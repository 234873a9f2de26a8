"""What a bundle leaves out on purpose, and which of its results nobody can therefore compute again."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from scoring.files.comparing import Difference
from scoring.files.movers import IMPORTANCE, ONE_PERSON
from scoring.files.results import INTERVALS
from scoring.rules import SMALLEST_GROUP

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from scoring.numerics.types import Tree

KEY: Final = "withheld"
"""The manifest's list of what is left out: ``[{"what": "judgements", "why": "fewer_than_five"}]``."""
JUDGEMENTS, CODES, VALUES = "judgements", "codes", "values"
EVERY: Final[frozenset[str]] = frozenset()
STUDY: Final[Mapping[str, frozenset[str]]] = {
    "scores.csv": frozenset(INTERVALS),
    "robustness/": EVERY,
}
RESULTS: Final[Mapping[str, Mapping[str, frozenset[str]]]] = {
    JUDGEMENTS: {
        "weights.csv": EVERY,
        "consistency.csv": EVERY,
        "consensus.csv": EVERY,
        "consensus.json": EVERY,
        ONE_PERSON: EVERY,
        **STUDY,
    },
    CODES: {
        "weights.csv": frozenset({"low", "high"}),
        "consensus.csv": frozenset({"experts"}),
        "consensus.json": frozenset({"experts", "clusters", "panel_spread"}),
        ONE_PERSON: EVERY,
        **STUDY,
    },
    VALUES: {
        "steps/": EVERY,
        "scores.csv": EVERY,
        "summary.json": EVERY,
        IMPORTANCE: EVERY,
        ONE_PERSON: EVERY,
        "robustness/": EVERY,
    },
}
"""By what is left out: the results that hang on it, files or folders, with their columns or keys where not all of them do."""
WORDS: Final[Mapping[str, str]] = {
    JUDGEMENTS: "the judgements are left out",
    CODES: "an expert has another code at every node",
    VALUES: "values are left out",
    "fewer_than_five": "fewer than five experts",
    "licence": "their licence",
}


@dataclass(frozen=True, slots=True)
class Withheld:
    """One thing left out: ``what`` is a key of RESULTS, ``why`` a word of the manifest's."""

    what: str
    why: str

    def __str__(self) -> str:
        """Name the results, and what is left out and why."""
        results = ", ".join(
            f"{name} ({', '.join(sorted(parts))})" if parts else name for name, parts in RESULTS[self.what].items()
        )
        why = f": {WORDS.get(self.why, self.why)}" if self.why else ""
        return f"{results} – {WORDS[self.what]}{why}"


def read_withheld(manifest: Mapping[str, Any], files: Mapping[str, bytes]) -> tuple[list[Withheld], list[Difference]]:
    """Return what a bundle leaves out, by its manifest or, judgements of fewer than five experts, as can be seen.

    What the manifest says and cannot be understood is a difference.
    """
    declared = manifest.get(KEY) or []
    found: dict[str, Withheld] = {}
    differences = []
    for entry in declared if isinstance(declared, list) else [declared]:
        what, why = (entry.get("what"), entry.get("why")) if isinstance(entry, dict) else (entry, None)
        if isinstance(what, str) and what in RESULTS:
            found[what] = Withheld(what, " ".join(why.split()) if isinstance(why, str) else "")
        else:
            say = "names something left out that this version does not know"
            differences.append(Difference("manifest.json", say, None, KEY, " or ".join(RESULTS), json.dumps(what)))
    if JUDGEMENTS not in found and _has_judgements(files) is False and 0 < _experts(files) < SMALLEST_GROUP:
        found[JUDGEMENTS] = Withheld(JUDGEMENTS, "fewer_than_five")
    return list(found.values()), differences


def untrue(withheld: Iterable[Withheld], files: Mapping[str, bytes], tree: Tree) -> Iterator[Difference]:
    """Find what is said to be left out, and is there."""
    for one in withheld:
        say = f"is whole, and the manifest says: {WORDS[one.what]}"
        if one.what == JUDGEMENTS and _has_judgements(files):
            yield Difference("judgements.csv", say)
        if one.what == VALUES and not any(
            row.get(code) == "" for row in _rows(files.get("data.csv", b"")) for code in tree.indicators
        ):
            yield Difference("data.csv", say)
        if one.what == CODES:
            pairs = {(row.get("expert"), row.get("node")) for row in _rows(files.get("judgements.csv", b""))}
            codes = [expert for expert, _node in pairs]
            if len(set(codes)) < len(codes):
                yield Difference("judgements.csv", say)


def is_withheld(withheld: Iterable[Withheld], name: str, part: str | None = None) -> bool:
    """Say whether a file, or a column or key of it, hangs on what is left out."""
    return any(
        (name == result or (result.endswith("/") and name.startswith(result))) and (parts == EVERY or part in parts)
        for one in withheld
        for result, parts in RESULTS[one.what].items()
    )


def _has_judgements(files: Mapping[str, bytes]) -> bool | None:
    """Say whether there is a judgement; None where there is no such file."""
    content = files.get("judgements.csv")
    return None if content is None else any(True for _row in _rows(content))


def _experts(files: Mapping[str, bytes]) -> int:
    """Return how many experts the consensus says it has."""
    try:
        told = json.loads(files.get("consensus.json", b""))["experts"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return 0
    return told if isinstance(told, int) else 0


def _rows(content: bytes) -> csv.DictReader[str]:
    return csv.DictReader(io.StringIO(content.decode(errors="replace")))
