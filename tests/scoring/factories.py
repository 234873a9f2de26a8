"""Small published editions for tests of what reads them: five cities, two pillars, four indicators."""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np

from accounts.models import Series
from scoring.files.changes import change_files
from scoring.files.uncertainty_writer import study_files
from scoring.models import (
    Consensus,
    ConsensusNode,
    ConsensusWeight,
    Edition,
    ExpertConsistency,
    Freeze,
    Recipe,
    Release,
    ReleaseFile,
    ReleaseUnit,
)
from scoring.numerics.robustness.between import Basis
from scoring.numerics.robustness.change import split_change
from scoring.numerics.robustness.draws import weigh_with_spread
from scoring.numerics.robustness.study import Question, study
from scoring.numerics.types import CompositeRecipe as RecipeValue
from scoring.numerics.types import (
    ConsensusMethod,
    NodeJudgements,
    PanelJudgements,
    RobustnessChoices,
    Screen,
    Table,
    Tree,
    TreeCriterion,
)
from scoring.queries.published.reading import files_of
from scoring.recipe import recipe_to_dict
from scoring.usecases.readings import keep_reading
from surveys.models import Framework, FrameworkVersion, Panel, Round
from surveys.values.rounds import RoundFacts

if TYPE_CHECKING:
    from collections.abc import Mapping

AT = datetime(2024, 10, 1, 9, 30, tzinfo=UTC)


def criterion(code: str, parent: str, kind: str, name: str, **others: object) -> dict[str, object]:
    """Return a framework row as a freeze keeps it."""
    row = {
        "code": code,
        "parent": parent or None,
        "level": None,
        "kind": kind,
        "direction": 1,
        "weight": 1.0,
        "unit": "",
        "target": None,
        "denominator": "",
        "names": {"en": name, "ar": f"{name} بالعربية"},
        "definitions": {"en": f"What {name} means."},
        "source": "",
        "extra": {},
    }
    return row | others


FRAMEWORK = [
    criterion("City", "", "Aggregate", "City"),
    criterion("Net", "City", "Aggregate", "Network"),
    criterion("Air", "City", "Aggregate", "Air and water"),
    criterion("Users", "Net", "Indicator", "Internet users", unit="% of people", source="Telecom union"),
    criterion("Speed", "Net", "Indicator", "Speed", unit="Mbit/s"),
    criterion("Dust", "Air", "Indicator", "Fine dust", unit="µg/m³", direction=-1),
    criterion("Water", "Air", "Indicator", "Safe water", unit="% of people"),
]
ASKED = {"invited": 8, "submitted": 6, "comparisons": 3}
INDICATORS = ("Users", "Speed", "Dust", "Water")
CITIES = (
    # code, names, aliases, country, rank, low, high, score
    ("dubai", {"en": "Dubai", "ar": "دبي"}, ["Dubay"], "ARE", 1, 1.0, 1.0, 90.0),
    ("doha", {"en": "Doha", "ar": "الدوحة"}, [], "QAT", 2, 2.0, 3.4, 80.0),
    ("cairo", {"en": "Cairo", "ar": "القاهرة", "fr": "Le Caire"}, ["Kairo"], "EGY", 3, 2.0, 5.0, 70.0),
    ("giza", {"en": "Giza", "ar": "الجيزة"}, [], "EGY", 4, 3.0, 5.0, 60.0),
    ("sanaa", {"en": "Ṣan‘ā’", "ar": "صنعاء"}, ["Sanaa"], "YEM", 5, 3.0, 5.0, 50.0),
)
COUNTRIES = {
    "ARE": {"en": "United Arab Emirates", "ar": "الإمارات"},
    "QAT": {"en": "Qatar", "ar": "قطر"},
    "EGY": {"en": "Egypt", "ar": "مصر"},
    "YEM": {"en": "Yemen", "ar": "اليمن"},
}


def make_series(slug: str = "las", **others: object) -> Series:
    """Make a series."""
    fields = {"names": {"en": "LAS ranking", "ar": "ترتيب الجامعة"}, "created_at": AT, "contact": "desk@example.org"}
    return Series.objects.create(slug=slug, **(fields | others))


def make_round(series: Series, *, state: str = "closed", **others: object) -> Round:
    """Make a panel and its only round."""
    slug = f"panel-{Panel.objects.count()}"
    panel = Panel.objects.create(series=series, slug=slug, names={"en": "Panel"}, created_at=AT)
    framework = Framework.objects.create(slug=slug, names={"en": "Framework"})
    version = FrameworkVersion.objects.create(framework=framework, number=1, created_at=AT)
    if state == "closed":
        others |= {"closed_at": AT, "at_closing": asdict(RoundFacts(8, 6, 6, 3))}
    return Round.objects.create(panel=panel, version=version, state=state, **others)


def make_consensus(
    series: Series,
    rows: list[dict[str, object]] = FRAMEWORK,
    *,
    clusters: object = (),
    s_star: float | None = 0.71,
    homogeneity: float | None = 0.6,
) -> Consensus:
    """Make a finished consensus of six experts with equal weights."""
    consensus = Consensus.objects.create(
        series=series,
        round_uid=uuid.uuid4(),
        method={
            "scale": "linear",
            "priorities": "eigenvector",
            "group": "aij",
            "random_index": "alonso-lamata",
            "cr_max": None,
        },
        method_fingerprint="m" * 64,
        state="done",
        requested_at=AT,
        experts=6,
        s_star=s_star,
        homogeneity=homogeneity,
        round_stamp="s" * 64,
        input_fingerprint="i" * 64,
        clusters=clusters,
    )
    children = {row["code"]: sum(other["parent"] == row["code"] for other in rows) for row in rows}
    whole = {}
    for position, row in enumerate(rows):
        local = 1.0 if row["parent"] is None else 1 / children[row["parent"]]
        whole[row["code"]] = local * whole.get(row["parent"], 1.0)
        ConsensusWeight.objects.create(
            consensus=consensus,
            position=position,
            code=row["code"],
            parent=row["parent"] or "",
            local_weight=local,
            global_weight=whole[row["code"]],
            low=whole[row["code"]] * 0.8,
            high=min(1.0, whole[row["code"]] * 1.2),
        )
        if children[row["code"]]:
            ConsensusNode.objects.create(
                consensus=consensus,
                position=position,
                node=row["code"],
                experts=6,
                s_star=s_star,
                homogeneity=homogeneity,
                kendall_w=0.5,
            )
            for expert in range(6):
                ExpertConsistency.objects.create(
                    consensus=consensus,
                    expert=f"E{expert}",
                    node=row["code"],
                    items=2,
                    answered=1,
                    included=expert > 0,
                    cr=0.01 * expert,
                )
    return consensus


def make_edition(
    series: Series,
    slug: str = "2024",
    *,
    frozen: bool = True,
    is_simulated: bool = False,
    clusters: object = (),
    agreement: Mapping[str, float | None] | None = None,
    **others: object,
) -> Edition:
    """Make an edition; a frozen one has consensus, recipe and freeze."""
    edition = Edition.objects.create(series=series, slug=slug, created_at=AT, **others)
    if frozen:
        consensus = make_consensus(series, clusters=clusters, **(agreement or {}))
        number = Recipe.objects.filter(series=series).count() + 1
        recipe = Recipe.objects.create(
            series=series,
            number=number,
            text="version = 1",
            content=recipe_to_dict(RecipeValue()),
            fingerprint=f"{number:064d}",
            created_at=AT,
        )
        Freeze.objects.create(
            edition=edition,
            number=1,
            consensus=consensus,
            recipe=recipe,
            content={"framework": FRAMEWORK, "round": ASKED | {"is_simulated": is_simulated}},
            fingerprint="f" * 64,
            frozen_at=AT,
            frozen_by="moderator",
        )
        Edition.objects.filter(pk=edition.pk).update(state="frozen", consensus=consensus, recipe=recipe)
        edition.refresh_from_db()
    return edition


def make_release(
    edition: Edition,
    *,
    minor: int = 0,
    supersedes: Release | None = None,
    changed: Mapping[str, tuple[int, Mapping[str, float | None]] | None] | None = None,
    drawn: Mapping[str, Mapping[str, object]] | None = None,
    **others: object,
) -> Release:
    """Release the five cities, and a sixth that is left out.

    ``changed`` holds another rank and other values of some cities, None for one that is not there; ``drawn`` what else is
    known of some, by code.
    """
    fields = {"manifest": {}, "fingerprint": f"{minor:064d}", "code_version": "1.0.0", "released_at": AT}
    release = Release.objects.create(
        edition=edition,
        freeze=edition.freezes.get(),
        major=1,
        minor=minor,
        supersedes=supersedes,
        released_by="moderator",
        **(fields | others),
    )
    Edition.objects.filter(pk=edition.pk).update(state="released")
    for position, (code, names, aliases, country, own_rank, low, high, score) in enumerate(CITIES):
        new = (changed or {}).get(code, (own_rank, {}))
        if new is None:
            continue
        rank, other = new
        values = [value(indicator, 100.0 - 10 * position - column) for column, indicator in enumerate(INDICATORS)]
        ReleaseUnit.objects.create(
            release=release,
            code=code,
            names=names,
            aliases=aliases,
            country_code=country,
            country_names=COUNTRIES[country],
            rank=rank,
            rank_low=low,
            rank_high=high,
            tier=(1, 2, 3, 4, 4)[position],
            score=score,
            aggregates={"City": score, "Net": score - 5, "Air": score + 5},
            values=[{**one, "value": other.get(str(one["indicator"]), one["value"])} for one in values],
            **(drawn or {}).get(code, {}),
        )
    ReleaseUnit.objects.create(
        release=release,
        code="aden",
        names={"en": "Aden"},
        country_code="YEM",
        country_names=COUNTRIES["YEM"],
        values=[value("Users", None)],
        left_out={"share": 0.25, "needed": 0.65},
    )
    content = b"uCode,uName,rank\ndubai,Dubai,1\n"
    ReleaseFile.objects.create(
        release=release, name="scores.csv", content=content, sha256=hashlib.sha256(content).hexdigest()
    )
    return release


def add_cities(release: Release, normalised: np.ndarray) -> list[str]:
    """Rank further cities behind the others, with these normalised values (city, indicator); return their codes."""
    first = release.units.filter(rank__isnull=False).count() + 1
    codes = [f"more{number:02d}" for number in range(len(normalised))]
    for place, (code, row) in enumerate(zip(codes, normalised.tolist(), strict=True)):
        ReleaseUnit.objects.create(
            release=release,
            code=code,
            names={"en": code.title()},
            country_code="EGY",
            country_names=COUNTRIES["EGY"],
            rank=first + place,
            tier=4,
            score=40.0 - place,
            aggregates={"City": 40.0 - place, "Net": 40.0, "Air": 40.0},
            values=[value(indicator, one) for indicator, one in zip(INDICATORS, row, strict=True)],
        )
    return codes


def value(indicator: str, normalised: float | None, **others: object) -> dict[str, object]:
    """Return one indicator of a unit as a release keeps it."""
    entry = {
        "indicator": indicator,
        "value": normalised,
        "normalised": normalised,
        "year": 2023,
        "resolution": "city",
        "source": "Telecom union",
        "given": True,
        "imputed": False,
    }
    return entry | others


# --- how sure, and why moved --------------------------------------------------------------------------------------------

TREE = Tree(
    tuple(TreeCriterion(row["code"], row["parent"], is_indicator=row["kind"] == "Indicator") for row in FRAMEWORK)
)
VALUES = np.array([[95.0, 90, 92, 99], [80, 85, 70, 75], [78, 60, 75, 71], [60, 75, 50, 65], [55, 40, 66, 50]])
WEIGHTS = {row["code"]: 0.5 for row in FRAMEWORK} | {"City": 1.0}


def make_table(values: np.ndarray = VALUES, units: tuple[str, ...] | None = None) -> Table:
    """Return the cities' data, such that they rank as the release says."""
    codes = tuple(city[0] for city in CITIES) if units is None else units
    return Table(units=codes, names=codes, times=("",) * len(codes), columns=INDICATORS, values=values)


def make_panel(experts: int = 6) -> PanelJudgements:
    """Return experts who do not agree: each has her own view of every pair, all together none."""
    ratios = [(3.0, 1 / 3, 2.0, 1 / 2, 5.0, 1 / 5)[number % 6] for number in range(experts)]
    matrices = np.array([[[1.0, ratio], [1 / ratio, 1.0]] for ratio in ratios])
    return PanelJudgements(
        tree=TREE,
        experts=tuple(f"E{number}" for number in range(experts)),
        expert_weights=np.ones(experts),
        groups=("",) * experts,
        nodes=tuple(NodeJudgements(node, TREE.children[node], matrices) for node in TREE.nodes),
    )


def make_study(*, experts: int = 6, own_draws: int = 40, **robustness: object) -> dict[str, str]:
    """Return the files under ``robustness/`` of a study of the five cities; weights are drawn ``own_draws`` times before it."""
    asked = {"draws": 40, "seed": 3, "factors": ("weights", "normalise", "leave_one_indicator"), "sensitivity": 16}
    recipe = RecipeValue(screen=Screen(0, 0), robustness=RobustnessChoices(**(asked | robustness)))
    panel, method = make_panel(experts), ConsensusMethod(seed=5, draws=own_draws)
    told = weigh_with_spread(panel, method).weights
    question = Question(make_table(), TREE, WEIGHTS, recipe, panel, method, consensus=told)
    files = study_files(study(question), TREE)
    return {name: text for name, text in files.items() if name.startswith("robustness/")}


def make_change() -> dict[str, str]:
    """Return why the cities moved: other data and weights than now; Doha stood first, Sanaa was not there."""
    before = VALUES[:4] + np.array([[-30.0, 0, 0, 0], [5, 5, 40, 0], [0, 0, 0, -20], [0, 25, 0, 0]])
    recipe = RecipeValue(screen=Screen(0, 0))
    earlier = Basis(TREE, WEIGHTS | {"Users": 0.7, "Speed": 0.3}, recipe, make_table(before, make_table().units[:4]))
    return change_files(split_change(earlier, Basis(TREE, WEIGHTS, recipe, make_table())))


def add_files(release: Release, files: dict[str, str]) -> Release:
    """Add files to a release, and store what pages read of all its files."""
    for name, text in files.items():
        content = text.encode()
        digest = hashlib.sha256(content).hexdigest()
        ReleaseFile.objects.create(release=release, name=name, content=content, sha256=digest)
    keep_reading(release, files_of(release.pk))
    return release
