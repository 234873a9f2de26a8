"""What pages and API read of a release, derived once from its files, so that no request parses a table or a file.

Everything here comes from the files' own content and from nothing else: what a page shows is what the file says.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

from django.utils.translation import override

from exchange.problems import FileProblemsError
from exchange.tables import csv_records, csv_table
from scoring.files.bundle import MANIFEST
from scoring.files.changes import NAME as CHANGE
from scoring.files.changes import ChangeRow, read_change
from scoring.files.country_shares import NAME as SHARES
from scoring.files.country_shares import read_country_shares
from scoring.files.digits import plain
from scoring.files.movers import (
    IMPORTANCE,
    ONE_PERSON,
    ImportanceRow,
    OnePersonRow,
    read_importance,
    read_one_person,
)
from scoring.files.packed import pack_value, shape_of, unpack_value
from scoring.files.release_model import DRAWS, INPUTS, ORIGINS, read_release_model
from scoring.files.results import LABELS
from scoring.files.uncertainty_reader import (
    ALIKE,
    READ,
    SUMMARY,
    AlikeRow,
    CriterionWeight,
    FactorShare,
    Interval,
    LeaveOneOutRow,
    StudyTables,
    Summary,
    ToldAccuracy,
    UnitRanks,
    VariedFactor,
    read_alike,
    read_study,
    read_summary,
)
from scoring.numerics import errors, types
from scoring.numerics.robustness.release_model import ReleaseModel
from scoring.numerics.robustness.scope import Scope
from scoring.numerics.types import recipes, results

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping


@dataclass(frozen=True, slots=True)
class ReleaseTables:
    """What a release's result tables tell: ``studied`` is None without a study, ``changes`` empty without an earlier release.

    ``importance`` is empty before format 5, ``one_person`` also without a panel.
    """

    studied: StudyTables | None
    changes: tuple[ChangeRow, ...]
    importance: tuple[ImportanceRow, ...]
    one_person: tuple[OnePersonRow, ...]


DATA: Final = "data.csv"
JUDGEMENTS: Final = "judgements.csv"
STUDY_FILES: Final = (*READ, CHANGE, IMPORTANCE, ONE_PERSON)
MODEL_FILES: Final = (*INPUTS, *ORIGINS, MANIFEST, DRAWS)
FILES: Final = tuple(dict.fromkeys((*STUDY_FILES, *MODEL_FILES, DATA, JUDGEMENTS, SHARES)))
STUDY_KINDS: Final = (
    *(StudyTables, Summary, VariedFactor, UnitRanks, Interval, AlikeRow, FactorShare, LeaveOneOutRow, CriterionWeight),
    *(ToldAccuracy, Scope, ChangeRow, ImportanceRow, OnePersonRow, ReleaseTables),
)
MODEL_KINDS: Final = (
    *(ReleaseModel, types.Tree, types.TreeCriterion, types.WeightDraws, types.Table),
    *(types.Scored, types.Yardstick, results.Dropped, results.Treatment, types.CompositeRecipe),
    *(recipes.Denominate, recipes.Screen, recipes.Impute, recipes.Outliers, recipes.Normalise, recipes.NormaliseRule),
    *(recipes.Aggregate, recipes.Rank, recipes.Tiers, recipes.RobustnessChoices),
)
VERSION: Final = 2  # of what is derived; another one where the same fields mean something else
FORM: Final = f"{VERSION}-{shape_of((*STUDY_KINDS, *MODEL_KINDS))}"
"""Names what this code stores and reads back: what other code stored is left alone, and derived anew."""


def read_release(files: Mapping[str, bytes], *, named: Collection[str]) -> dict[str, Any]:
    """Return all that is stored of a release's reading, by the name of its column.

    Parameters
    ----------
    files : Mapping[str, bytes]
        Those of ``FILES`` that the release has.
    named : Collection[str]
        The codes and denominators that its framework names.
    """
    return {
        "study": pack_study(study_of(files)),
        **pack_model(files),
        "separability": separability_of(files),
        "groupings": groupings_of(files, named=named),
        "panel_groups": panel_groups_of(files),
        "facts": facts_of(files),
    }


def study_of(files: Mapping[str, bytes]) -> ReleaseTables:
    """Return how sure the release is, why its units moved, and what moves its scores and weights."""
    texts = {name: files[name].decode() for name in (*READ, CHANGE) if name in files}
    changes = read_change(texts.pop(CHANGE)) if CHANGE in texts else []
    return ReleaseTables(read_study(texts), tuple(changes), read_importance(files), read_one_person(files))


def pack_study(study: ReleaseTables) -> bytes:
    """Return a study as it is stored."""
    return pack_value(study, STUDY_KINDS)


def unpack_study(content: bytes) -> ReleaseTables:
    """Read a study back."""
    found: ReleaseTables = unpack_value(content, STUDY_KINDS)
    return found


def pack_model(files: Mapping[str, bytes]) -> dict[str, Any]:
    """Return the release model as it is stored, or why there is none."""
    try:
        model = read_release_model(files)
    except FileProblemsError as error:
        with override("en"):  # stored, so not in the language of whoever asks
            message = str(error)
        return {"model": None, "refusal": {"code": errors.NumericsError.code, "message": message, "facts": {}}}
    except errors.NumericsError as error:
        return {"model": None, "refusal": {"code": error.code, "message": str(error), "facts": plain(error.facts)}}
    return {"model": pack_value(model, MODEL_KINDS), "refusal": None}


def unpack_model(model: bytes | None, refusal: Mapping[str, Any] | None) -> ReleaseModel:
    """Read the release model back.

    Raises
    ------
    NumericsError
        There is none; by the class and with the facts that refused it.
    """
    if model is not None:
        found: ReleaseModel = unpack_value(model, MODEL_KINDS)
        return found
    told = refusal or {"code": "", "message": "", "facts": {}}
    kinds = {kind.code: kind for kind in errors.NumericsError.__subclasses__()}
    raise kinds.get(told["code"], errors.NumericsError)(told["message"], **told["facts"])


def separability_of(files: Mapping[str, bytes]) -> dict[str, Any] | None:
    """Return who can be told apart; None where pairs were not counted.

    ``groups`` are the first and last ranks of neighbours that cannot, ``clear`` is that of the summary.
    """
    clear = read_summary(files[SUMMARY].decode()).clear if SUMMARY in files else None
    if clear is None:
        return None
    alike = read_alike(files.get(ALIKE, b"").decode())
    return {"groups": [[one.first, one.last] for one in alike], "clear": list(clear)}


def groupings_of(files: Mapping[str, bytes], *, named: Collection[str]) -> dict[str, dict[str, str]]:
    """Return the grouping columns of the data by unit, of each unit the latest row.

    Every column that is neither label nor named by the framework groups the units.
    """
    header, lines = csv_table(files.get(DATA, b"").decode())
    names = [name for name in header if name not in {*LABELS, *named}]
    found: dict[str, dict[str, str]] = {name: {} for name in names}
    latest: dict[str, str] = {}
    for line in lines:
        unit, time = line["uCode"], line.get("Time") or ""
        if time >= latest.get(unit, ""):
            latest[unit] = time
            for name in names:
                found[name][unit] = line[name]
    return found


def panel_groups_of(files: Mapping[str, bytes]) -> dict[str, int]:
    """Return how many experts of each group gave judgements; those of no group are not counted."""
    rows = csv_records(files.get(JUDGEMENTS, b"").decode())
    groups = {row["expert"]: row.get("group") or "" for row in rows}
    return dict(Counter(group for group in groups.values() if group))


def facts_of(files: Mapping[str, bytes]) -> dict[str, Any]:
    """Return what stands beside a release's numbers, each None where its files do not tell it.

    ``countries`` are the fields of its `CountryShares`, ``scope`` those of what its intervals vary and do not.
    """
    shares = read_country_shares(files[SHARES].decode()) if SHARES in files else None
    scope = read_summary(files[SUMMARY].decode()).scope if SUMMARY in files else None
    return {
        "countries": None if shares is None else asdict(shares),
        "scope": None if scope is None else asdict(scope),
    }
