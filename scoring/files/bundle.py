"""A release as one file: the same files, the same bytes, whoever packs them."""

from __future__ import annotations

import io
import json
import zipfile
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from accounts.units import UnitKind
from scoring.errors import BundleError
from scoring.files.dictionary import unit_level
from scoring.files.digits import fingerprint, json_text, plain, sha256
from scoring.files.gathering import gathered
from scoring.files.licences import licences_to_plain
from scoring.files.withheld import JUDGEMENTS, KEY, VALUES, WORDS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from scoring.files.licences import SourceLicence

MANIFEST = "manifest.json"
README = "README.txt"
FORMAT = 6
FORMATS = (1, 2, 3, 4, 5, FORMAT)  # CHANGELOG.md says what each added
NEEDED = ("format", "series", "edition", "release", "code_version", "files", "fingerprint")
EPOCH = (1980, 1, 1, 0, 0, 0)
UNPACKED = 1 << 30  # a bundle that unpacks to more is refused

TEXT = """{title}
{line}

{note}This is release {release} of the edition, of {date}. It holds everything needed to follow, and to compute again, every
number in it: the experts' judgements without their names, the indicator data with their sources, every choice of method,
and the result of every step. Tables are CSV in UTF-8; dictionary.csv says in its first row how texts stand in them.

From judgements to weights
  framework.csv     the indicator system: codes, names, directions, units
  judgements.csv    who (by a random code, some by one per node) held what to matter how many times more than what;
                    manifest.json says how many people they are
  receipts.csv      fingerprints of the submissions; an expert finds her own here
  method.json       how judgements become weights, with the seed of the draws
  weights.csv       the panel's weights; low and high: 5th and 95th percentile over the draws that method.json names
  weights_without_language.csv   what all others weigh, by language
  consistency.csv   how consistent each expert's answers are
  consensus.csv     how far the experts agree
  consensus.json    the same with groups of experts who weigh alike

From data to ranks
  data.csv          the indicator values as they came in; empty = missing
  sources.csv       of each value: year, source, {level}, measured or estimated (given = 0) by its provider;
                    an empty cell is unknown
  licences.csv      of each source: its licence, the day it was fetched, and whether its values may be passed on
                    (redistribution = 1); an empty cell is unknown
  units.csv         what is ranked: names, country, population, coordinates
  frozen_units.csv  who was listed in which groups, fixed with the method; manifest.json has the rule (unit_list)
  frozen_sources.csv   where the values of each indicator were to come from, and of which years
  departures.csv    values that came from elsewhere, or are of another year, than was fixed with the method
  recipe.toml       how data become ranks, with the seed of the draws
  steps/            the table after each step
  scores.csv        scores, ranks, tiers, rank intervals (5th to 95th percentile)
  importance.csv    what moves each score: the importance of its parts beside their weights
  one_person.csv    the most that one expert could do, and the places it would move
  summary.json      what was left out, filled in or treated
  country_shares.json   how much of the scores' variance, and of the weight, belongs to countries
  robustness/       how sure the ranks are: see dictionary.csv
  previous/         what the release it is compared with was computed from: the change starts there
  dictionary.csv    what every column of every table means

To check it, with Steelyard installed and without a network:
  python manage.py verify_release THIS-FILE.zip          or the folder that it unpacks to

The fingerprint of this release stands in manifest.json and on its page; the two must agree.

Licences
{licences}
{limits}"""


@dataclass(frozen=True)
class ManifestHeading:
    """What a release says of itself.

    ``unit_kind`` is what the series ranks, ``licence`` that of its own work, empty where nobody said; ``kept_back`` are sources
    whose values are left out; ``withheld`` is what else is left out on purpose, as the manifest says it; ``carried`` says whose
    weights were taken over, and how old they were.
    """

    series: str
    title: str
    edition: str
    release: str
    released_at: datetime
    supersedes: str = ""
    reason: str = ""
    limits: str = ""
    is_demonstration: bool = False
    is_simulated: bool = False
    unit_kind: str = UnitKind.CITY
    licence: str = ""
    licences: tuple[SourceLicence, ...] = ()
    kept_back: tuple[str, ...] = ()
    withheld: tuple[Mapping[str, str], ...] = ()
    carried: str = ""


def readme(heading: ManifestHeading) -> str:
    """Return the release's README, in plain words."""
    notes = ["Demonstration data, not a published ranking."] * heading.is_demonstration
    notes += ["The judgements are simulated."] * heading.is_simulated
    if heading.supersedes:
        is_correction = heading.supersedes.split(".")[0] == heading.release.split(".")[0]
        how = "It corrects" if is_correction else "Its method was frozen again; it replaces"
        notes.append(f"{how} release {heading.supersedes}: {heading.reason}")
    notes += [heading.carried] * bool(heading.carried)
    for one in heading.withheld:
        if one["what"] == JUDGEMENTS:
            notes.append(
                f"Nothing here is told expert by expert: {WORDS[one['why']]}. verify_release names what hangs on it."
            )
    title = f"{heading.title}, {heading.edition}"
    return TEXT.format(
        level=unit_level(heading.unit_kind),
        title=title,
        line="=" * len(title),
        note="".join(f"{note}\n" for note in notes) + "\n" * bool(notes),
        release=heading.release,
        date=heading.released_at.date().isoformat(),
        licences="\n".join(_licence_lines(heading)),
        limits=f"\nWhat not to conclude\n{heading.limits}\n" if heading.limits else "",
    )


def _licence_lines(heading: ManifestHeading) -> Iterator[str]:
    """Say the licence of the work and of each source, and what is left out for it."""
    yield f"  This work (weights, scores, ranks, texts): {heading.licence or 'not said'}"
    for one in heading.licences:
        day = f", fetched on {one.retrieved.isoformat()}" if one.retrieved else ""
        out = "; its values are left out here" if one.source in heading.kept_back else ""
        yield f"  {one.source or 'values that name no source'}: {one.licence or 'unknown'}{day}{out}"
    if heading.kept_back:
        yield "  What hangs on values that are left out cannot be computed again; verify_release names it."


def manifest(heading: ManifestHeading, files: Mapping[str, str], facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return what identifies the release: heading, seeds and code version (``facts``), fingerprints of the files and its own."""
    values = [{"what": VALUES, "why": "licence", "sources": heading.kept_back}] if heading.kept_back else []
    left_out = [*heading.withheld, *values]
    listed: dict[str, Any] = plain(
        {
            "format": FORMAT,
            "series": heading.series,
            "edition": heading.edition,
            "release": heading.release,
            "released_at": heading.released_at.isoformat(),
            "supersedes": heading.supersedes or None,
            "reason": heading.reason,
            "licence": heading.licence or None,
            "sources": licences_to_plain(heading.licences),
            **({KEY: left_out} if left_out else {}),
            **facts,
            "files": {name: sha256(files[name]) for name in sorted(files)},
        }
    )
    return {**listed, "fingerprint": fingerprint(listed)}


def manifest_text(manifest: Mapping[str, Any]) -> str:
    """Return the manifest as its file; keys in order, since databases keep none."""
    return json_text({key: manifest[key] for key in sorted(manifest)})


def own_fingerprint(manifest: Mapping[str, Any]) -> str:
    """Return the fingerprint that the rest of a manifest has."""
    return fingerprint({key: value for key, value in manifest.items() if key != "fingerprint"})


def pack(files: Mapping[str, bytes], *, compression: int = zipfile.ZIP_STORED) -> bytes:
    """Return the files as a zip whose bytes depend on nothing else: sorted, undated, and uncompressed.

    Compressed, its bytes depend on the machine's zlib too; that suits a workbook, which nobody verifies by its bytes.
    """
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as packed:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.create_system, entry.external_attr, entry.compress_type = 3, 0o644 << 16, compression
            packed.writestr(entry, files[name])
    return out.getvalue()


def unpack(content: bytes) -> dict[str, bytes]:
    """Return the files of a release's zip by name, as it was downloaded or zipped again elsewhere.

    Raises
    ------
    BundleError
        It is no zip, it is damaged or locked (facts["where"] names the file), it unpacks to more than a gigabyte, or as
        `gathered`.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            if sum(entry.file_size for entry in packed.infolist()) > UNPACKED:
                raise BundleError("the bundle unpacks to more than a gigabyte", where="")
            return gathered(_entries(packed), marker=MANIFEST)
    except (zipfile.BadZipFile, NotImplementedError, EOFError, ValueError) as error:
        raise BundleError(f"this is no zip file, or a damaged one ({error})", where="") from error


def _entries(packed: zipfile.ZipFile) -> Iterator[tuple[str, bytes]]:
    """Give the name and the bytes of every file, folders left out."""
    for entry in packed.infolist():
        if not entry.is_dir():
            yield entry.filename, _read(packed, entry)


def _read(packed: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    try:
        return packed.read(entry)
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise BundleError("is damaged", where=entry.filename) from error
    except RuntimeError as error:  # what zipfile raises for an entry with a password
        raise BundleError(f"cannot be unpacked ({error})", where=entry.filename) from error


def read_manifest(content: bytes) -> dict[str, Any]:
    """Read a manifest.

    Raises
    ------
    BundleError
        It is no JSON, or lacks what a manifest has.
    """
    try:
        read = json.loads(content)
    except ValueError as error:
        raise BundleError(f"is no JSON ({error})", where=MANIFEST) from error
    if not isinstance(read, dict) or not set(NEEDED) <= set(read) or not isinstance(read["files"], dict):
        raise BundleError("is no manifest of a release", where=MANIFEST)
    return read
