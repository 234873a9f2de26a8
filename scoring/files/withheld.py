"""What a bundle leaves out on purpose, and which of its results nobody can therefore compute again."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from exchange.tables import csv_records, csv_table, csv_text
from scoring.files.comparing import Difference
from scoring.files.country_shares import NAME as SHARES
from scoring.files.digits import json_text
from scoring.files.movers import IMPORTANCE, ONE_PERSON
from scoring.files.results import INTERVALS
from scoring.numerics.ahp.disclosure import SMALLEST_GROUP

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from scoring.files.licences import SourceLicence
    from scoring.files.patches import Cell
    from scoring.files.sources import Source

KEY: Final = "withheld"
"""The manifest's list of what is left out: ``[{"what": "judgements", "why": "fewer_than_five"}]``; of values it names their ``sources``."""
JUDGEMENTS, CODES, VALUES = "judgements", "codes", "values"
FEWER_THAN_FIVE, FEW_CHANGED = "fewer_than_five", "few_changed"
DATA_FILES: Final = ("data.csv", "previous/data.csv", "previous/first_data.csv")
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
        SHARES: EVERY,
        IMPORTANCE: EVERY,
        ONE_PERSON: EVERY,
        "robustness/": EVERY,
    },
}
"""By what is left out: the results that hang on it, files or folders, with their columns or keys where not all of them do."""
WORDS: Final[Mapping[str, str]] = {
    JUDGEMENTS: "the judgements are left out",
    CODES: "some experts have another code at every node",
    VALUES: "values are left out",
    FEWER_THAN_FIVE: "fewer than five experts",
    FEW_CHANGED: "beside those of an earlier release they would tell what one to four experts answered",
    "told_by_nodes": "the nodes they answered would tell who they are",
    "licence": "their licence",
}


@dataclass(frozen=True, slots=True)
class Withheld:
    """One thing left out: ``what`` is a key of RESULTS, ``why`` a word of the manifest's, ``sources`` are those of values."""

    what: str
    why: str
    sources: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Name the results, and what is left out and why."""
        results = ", ".join(
            f"{name} ({', '.join(sorted(parts))})" if parts else name for name, parts in RESULTS[self.what].items()
        )
        why = f": {WORDS.get(self.why, self.why)}" if self.why else ""
        named = f" ({', '.join(source or 'values that name no source' for source in self.sources)})" * bool(
            self.sources
        )
        return f"{results} – {WORDS[self.what]}{why}{named}"


@dataclass(frozen=True, slots=True)
class KeptBack:
    """The values that are left out of published files, and their sources by name, in order."""

    cells: frozenset[Cell]
    sources: tuple[str, ...]


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
            sources = entry.get("sources") if isinstance(entry, dict) else None
            names = tuple(map(str, sources)) if isinstance(sources, list) else ()
            found[what] = Withheld(what, " ".join(why.split()) if isinstance(why, str) else "", names)
        else:
            say = "names something left out that this version does not know"
            differences.append(Difference("manifest.json", say, None, KEY, " or ".join(RESULTS), json.dumps(what)))
    if JUDGEMENTS not in found and _has_judgements(files) is False and 0 < _experts(files) < SMALLEST_GROUP:
        found[JUDGEMENTS] = Withheld(JUDGEMENTS, FEWER_THAN_FIVE)
    return list(found.values()), differences


def untrue(withheld: Iterable[Withheld], files: Mapping[str, bytes], kept_back: KeptBack) -> Iterator[Difference]:
    """Find what is said to be left out, and is there, or for a reason that the files do not have.

    ``kept_back`` is what the licences in the bundle keep from being published.
    """
    for one in withheld:
        say = f"is whole, and the manifest says: {WORDS[one.what]}"
        if one.what == JUDGEMENTS and _has_judgements(files):
            yield Difference("judgements.csv", say)
        many = min(_experts(files), _least_at_a_node(files)) >= SMALLEST_GROUP
        if one.what == JUDGEMENTS and one.why == FEWER_THAN_FIVE and many:
            what = "the manifest says that fewer than five experts answered some node, and more did at every one"
            yield Difference("manifest.json", what, None, KEY)
        if one.what == VALUES and (one.sources != kept_back.sources or not kept_back.cells):
            what = "the licences keep back the values of other sources than the manifest says"
            expected, got = (", ".join(names) or "none" for names in (kept_back.sources, one.sources))
            yield Difference("manifest.json", what, None, KEY, expected, got)
        if one.what == CODES:
            codes = {row.get("expert") for row in _rows(files.get("judgements.csv", b""))}
            if len(codes) <= _experts(files):
                yield Difference("judgements.csv", say)


def leaves_out_values(manifest: Mapping[str, Any]) -> bool:
    """Say whether a release leaves values of its data out."""
    return any(one["what"] == VALUES for one in manifest.get(KEY) or ())


def is_withheld(withheld: Iterable[Withheld], name: str, part: str | None = None) -> bool:
    """Say whether a file, or a column or key of it, hangs on what is left out."""
    return any(
        (name == result or (result.endswith("/") and name.startswith(result))) and (parts == EVERY or part in parts)
        for one in withheld
        for result, parts in RESULTS[one.what].items()
    )


def kept_back_by(sources: Iterable[Source], licences: Iterable[SourceLicence]) -> KeptBack:
    """Find the values that a licence keeps from being published again."""
    forbidden = {one.source for one in licences if one.redistribution is False}
    cells = {(one.unit, one.time, one.indicator): one.source for one in sources if one.source in forbidden}
    return KeptBack(frozenset(cells), tuple(sorted(set(cells.values()))))


def not_kept_back(files: Mapping[str, bytes], kept_back: KeptBack) -> Iterator[Difference]:
    """Find values in a release's data that their licence lets be in no file."""
    indicators = sorted({indicator for _unit, _time, indicator in kept_back.cells})
    for name in DATA_FILES:
        for number, row in enumerate(_rows(files.get(name, b"")), start=2):
            for code in indicators:
                if row.get(code) and (row.get("uCode", ""), row.get("Time", ""), code) in kept_back.cells:
                    yield Difference(name, "has a value that its licence lets be in no file", number, code)


def without_values(files: Mapping[str, str], kept_back: KeptBack) -> dict[str, str]:
    """Return a scoring's files as they may be published.

    The cells kept back are empty in the data, also in those that a change is counted from. Of their indicators the steps tell
    nothing, since they fill and bound others by them, and the summary lacks the yardstick: its parameters are extremes of the
    data, and would give values back from scores.
    """
    if not kept_back.cells:
        return dict(files)
    indicators = {indicator for _unit, _time, indicator in kept_back.cells}

    def of_cells(row: Mapping[str, str], column: str) -> bool:
        return (row["uCode"], row["Time"], column) in kept_back.cells

    def of_indicators(_row: Mapping[str, str], column: str) -> bool:
        return column in indicators

    public = {
        name: _emptied(text, of_cells)
        if name in DATA_FILES
        else _emptied(text, of_indicators)
        if name.startswith("steps/")
        else text
        for name, text in files.items()
    }
    summary = json.loads(files["summary.json"])
    summary.pop("yardstick", None)
    return public | {"summary.json": json_text(summary)}


def _emptied(text: str, is_kept_back: Callable[[Mapping[str, str], str], bool]) -> str:
    header, rows = csv_table(text)
    return csv_text(header, (["" if is_kept_back(row, name) else row[name] for name in header] for row in rows))


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


def _least_at_a_node(files: Mapping[str, bytes]) -> int:
    """Return how many experts the node that fewest answered has; 0 where the files do not say."""
    counts = [row.get("experts") or "" for row in _rows(files.get("consensus.csv", b""))]
    return min((int(count) for count in counts if count.isascii() and count.isdigit()), default=0)


def _rows(content: bytes) -> Iterator[dict[str, str]]:
    return csv_records(content.decode(errors="replace"))
