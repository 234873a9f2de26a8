"""Published results against the commands: convert the tables into exchange files, call the commands, count what agrees.

``make validation`` runs this file and writes ``docs/validation.md``; the tests beside it run the same functions.
The tables are the repository's own (``tests/numerics/cases``, with their sources and licences). One survey may not be copied
into it: the panel of 141 people is read from STEELYARD_SHARED (or ``../shared``), and left out where it does not lie there.
"""

from __future__ import annotations

import csv
import json
import math
import os
import platform
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

ROOT = Path(__file__).resolve().parents[2]
CASES = ROOT / "tests" / "numerics" / "cases"
SURVEY = Path(os.environ.get("STEELYARD_SHARED", ROOT.parent / "shared")) / "data" / "edible_cities"
MARK = "<!-- simulation -->"  # from here on the page is simulation.py's
FRAMEWORK = ("iCode", "Parent", "Level", "Direction", "Weight", "Type", "iName")


@dataclass(frozen=True)
class Check:
    """One published result: where it is from, what was asked, how many of how many agree, and the largest difference."""

    title: str
    source: str
    command: str
    what: str
    agree: int
    of: int
    largest: float | None = None


def rows(path: Path) -> list[dict[str, str]]:
    """Read a CSV table."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def write(path: Path, header: Iterable[str], lines: Iterable[Iterable[object]]) -> Path:
    """Write a CSV table."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(lines)
    return path


def command(*words: object) -> str:
    """Run ``manage.py`` as a person would, from another folder; return the command line."""
    line = [str(word) for word in words]
    done = subprocess.run(  # the words are this file's own
        [sys.executable, str(ROOT / "manage.py"), *line],
        cwd=tempfile.gettempdir(),
        check=False,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(line)}\n{done.stderr}")
    return " ".join(["manage.py", *(word.rsplit("/", 1)[-1] for word in line)])


def edible_cities(folder: Path) -> list[Check]:
    """141 people of a German survey on urban agriculture: four matrices in two levels."""
    expected = rows(SURVEY / "edible_cities_expected_group.csv")
    answers = rows(SURVEY / "edible_cities_judgements_long.csv")
    node = {"crit": "Goal", "env": "Envi", "soc": "Soci", "eco": "Econ"}
    indicators = [(row["attribute"], node[row["matrix"]], 1, 1, 1, "Indicator", row["label"]) for row in expected[3:]]
    pillars = [(row["attribute"], "Goal", 2, 1, 1, "Aggregate", row["label"]) for row in expected[:3]]
    framework = write(
        folder / "framework.csv",
        FRAMEWORK,
        [("Goal", "", 3, 1, 1, "Aggregate", "Edible city"), *pillars, *indicators],
    )
    judgements = write(
        folder / "judgements.csv",
        ("expert", "node", "a", "b", "value", "group"),
        [
            (
                row["respondent"],
                node[row["matrix"]],
                row["left"],
                row["right"],
                row["ratio_left_over_right"],
                row["group"],
            )
            for row in answers
        ],
    )
    options = ["--group", "aip-geometric", "--random-index", "saaty", "--cr-max", "0.1"]
    line = command("weigh", judgements, "--framework", framework, "--out", folder / "out", *options)
    weights = {row["iCode"]: row for row in rows(folder / "out" / "weights.csv")}
    checks = []
    for which in ("local", "global"):
        pairs = [
            (float(row[f"{which}_weight_published"]), float(weights[row["attribute"]][f"{which}_weight"]))
            for row in expected
            if row[f"{which}_weight_published"]
        ]
        apart = [abs(published - computed) for published, computed in pairs]
        checks.append(
            Check(
                "Edible cities: consensus of 141 people",
                "Kasper & John 2023, doi 10.5281/zenodo.7774935",
                line,
                f"{which} weights within 1e-6",
                sum(difference <= 1e-6 for difference in apart),
                len(pairs),
                max(apart),
            )
        )
    return checks


def _weighed(folder: Path, judgements: Path, items: Iterable[str], *options: str) -> tuple[str, list[float]]:
    """Weigh the items of one node; return the command line and their weights."""
    items = list(items)
    framework = write(
        folder / "framework.csv",
        FRAMEWORK,
        [("Goal", "", 2, 1, 1, "Aggregate", "Goal"), *((item, "Goal", 1, 1, 1, "Indicator", item) for item in items)],
    )
    line = command("weigh", judgements, "--framework", framework, "--out", folder / "out", *options)
    weights = {
        row["iCode"]: float(row["local_weight"]) for row in rows(folder / "out" / "weights.csv") if row["Parent"]
    }
    return line, [weights[item] for item in items]


def matrices(folder: Path) -> list[Check]:
    """Matrices with their printed weights: wealth of nations, drinks, leader, and one with an open pair."""
    checks = []
    for path in sorted((CASES / "ahp").glob("*.json")):
        case = json.loads(path.read_text(encoding="utf-8"))
        items = [f"i{number}" for number in range(1, len(case["matrix"]) + 1)]
        judgements = write(
            folder / "judgements.csv",
            ("expert", "node", "a", "b", "value"),
            [
                ("E1", "Goal", items[a], items[b], case["matrix"][a][b])
                for a, b in combinations(range(len(items)), 2)
                if case["matrix"][a][b] is not None
            ],
        )
        options = ("--incomplete", case["incomplete"]) if "incomplete" in case else ()
        line, weights = _weighed(folder, judgements, items, "--priorities", "eigenvector", *options)
        apart = [abs(own - printed) for own, printed in zip(weights, case["weights"], strict=True)]
        agree = sum(difference <= 1.01 * 10.0 ** -case["digits"] for difference in apart)
        what = f"weights within 1 of the last printed digit ({case['digits']} decimals)"  # some are cut, not rounded
        source = case["source"].partition(":")[0]
        checks.append(Check(f"{len(items)} × {len(items)} matrix", source, line, what, agree, len(apart), max(apart)))
    return checks


def city200(folder: Path) -> list[Check]:
    """200 simulated respondents of the R package ahpsurvey, read in that package's own form."""
    case = json.loads((CASES / "ahp" / "golden" / "city200.json").read_text(encoding="utf-8"))
    judgements = CASES / "ahp" / "golden" / "city200.csv"
    options = ("--priorities", "eigenvector", "--group", "aip-geometric")
    line, weights = _weighed(folder, judgements, case["attributes"], *options)
    printed = case["published_aggpref"]
    apart = [abs(own - one / sum(printed)) for own, one in zip(weights, printed, strict=True)]
    agree = sum(difference <= 1e-6 for difference in apart)
    what = "weights within 1e-6, the printed ones brought to a sum of 1"
    return [
        Check(
            "City: consensus of 200 simulated respondents",
            "R package ahpsurvey 0.4.2",
            line,
            what,
            agree,
            len(apart),
            max(apart),
        )
    ]


def asem(folder: Path) -> list[Check]:
    """COINr's ASEM example: 51 countries, 49 indicators, all default steps."""
    golden = CASES / "composite" / "asem"
    recipe = folder / "recipe.toml"
    recipe.write_text(
        "version = 1\n[denominate]\nuse = true\n[impute]\nmethod = 'group_mean'\ngroup = 'EurAsia_group'\n"
        "[outliers]\nmethod = 'winsorise_then_log'\nmax_points = 5\n[normalise]\nmethod = 'minmax'\nlower = 0\nupper = 100\n"
    )
    line = command(
        "score",
        golden / "00_iData.csv",
        "--framework",
        golden / "00_iMeta.csv",
        "--recipe",
        recipe,
        "--out",
        folder / "out",
    )
    scores = {row["uCode"]: row for row in rows(folder / "out" / "scores.csv")}
    ranks = rows(golden / "09_results_ranks.csv")
    values = rows(golden / "09_results_scores.csv")
    apart = [abs(float(row["Index"]) - float(scores[row["uCode"]]["score"])) for row in values]
    source = "COINr 1.1.14 (Becker et al. 2022), data JRC"
    return [
        Check("ASEM: 51 countries", source, line, "ranks equal", _equal(ranks, scores, "uCode", "Index"), len(ranks)),
        Check(
            "ASEM: 51 countries",
            source,
            line,
            "scores within 1e-9",
            sum(difference <= 1e-9 for difference in apart),
            len(apart),
            max(apart),
        ),
    ]


def _equal(published: list[dict[str, str]], scores: Mapping[str, Mapping[str, str]], unit: str, column: str) -> int:
    """Count equal ranks."""
    return sum(int(float(row[column])) == int(scores[row[unit]]["rank"]) for row in published)


HDI_POSTS = {"le": (20, 85, False), "eys": (0, 18, False), "mys": (0, 15, False), "gnipc": (100, 75000, True)}


def hdi(folder: Path) -> list[Check]:
    """UNDP's Human Development Index 2022: goalposts, arithmetic then geometric mean, ranks at three decimals."""
    table = [row for row in rows(CASES / "composite" / "hdi" / "hdi_2022.csv") if row["hdi_2022"]]
    tree = [("HDI", "", 3, "Aggregate"), *((code, "HDI", 2, "Aggregate") for code in ("health", "education", "income"))]
    tree += [("le", "health", 1, "Indicator"), ("eys", "education", 1, "Indicator")]
    tree += [("mys", "education", 1, "Indicator"), ("gnipc", "income", 1, "Indicator")]
    framework = write(
        folder / "framework.csv",
        FRAMEWORK,
        [(code, parent, level, 1, 1, kind, code) for code, parent, level, kind in tree],
    )
    data = write(
        folder / "data.csv",
        ("uCode", "uName", *HDI_POSTS),
        [(row["iso3"], row["country"], *(row[f"{code}_2022"] for code in HDI_POSTS)) for row in table],
    )
    recipe = folder / "recipe.toml"
    posts = "".join(
        f"[normalise.indicators.{code}]\nmethod = 'goalposts'\ngoalposts = [{low}, {high}]\nlog = {str(log).lower()}\nclip = true\n"
        for code, (low, high, log) in HDI_POSTS.items()
    )
    recipe.write_text(f"version = 1\n{posts}[aggregate]\nlevels = ['arithmetic', 'geometric']\n[rank]\ndecimals = 3\n")
    line = command("score", data, "--framework", framework, "--recipe", recipe, "--out", folder / "out")
    scores = {row["uCode"]: row for row in rows(folder / "out" / "scores.csv")}
    source = "UNDP, Human Development Report 2023/24"
    same = sum(
        math.floor(float(scores[row["iso3"]]["score"]) * 1000 + 0.5) == round(float(row["hdi_2022"]) * 1000)
        for row in table
    )
    return [
        Check("HDI 2022: 193 countries", source, line, "values equal at three decimals", same, len(table)),
        Check(
            "HDI 2022: 193 countries",
            source,
            line,
            "ranks equal",
            _equal(table, scores, "iso3", "hdi_rank_2022"),
            len(table),
        ),
    ]


TAI_POSTS = {
    "patents": (0, 994),
    "royalties": (0, 272.6),
    "internet": (0, 232.4),
    "exports": (0, 80.8),
    "telephones_log10": (0, math.log10(901)),
    "electricity_log10": (math.log10(22), math.log10(6969)),
    "schooling": (0.8, 12.0),
    "university": (0.1, 27.4),
}


def tai(folder: Path) -> list[Check]:
    """Technology Achievement Index: 23 countries with the weights of an AHP panel, as printed and as fitted within rounding."""
    golden = CASES / "composite" / "tai"
    table = rows(golden / "tai_raw_23x8.csv")
    printed = next(row for row in rows(golden / "tai_weights_table22.csv") if row["method"] == "AHP")
    fitted = json.loads((golden / "tai_weights_within_rounding.json").read_text())["AHP"]
    framework = write(
        folder / "framework.csv",
        FRAMEWORK,
        [("TAI", "", 2, 1, 1, "Aggregate", "TAI"), *((code, "TAI", 1, 1, 1, "Indicator", code) for code in TAI_POSTS)],
    )
    data = write(
        folder / "data.csv",
        ("uCode", "uName", *TAI_POSTS),
        [(row["country"], row["country"], *(row[code] for code in TAI_POSTS)) for row in table],
    )
    recipe = folder / "recipe.toml"
    recipe.write_text(
        "version = 1\n"
        + "".join(
            f"[normalise.indicators.{code}]\nmethod = 'goalposts'\ngoalposts = [{low!r}, {high!r}]\n"
            for code, (low, high) in TAI_POSTS.items()
        )
    )
    published = rows(golden / "tai_ranks_by_weighting_table23.csv")
    checks = []
    for label, weights in (
        ("ranks equal with the published two-decimal AHP weights", [float(printed[code]) for code in TAI_POSTS]),
        ("ranks equal with fitted AHP weights that round to the published ones", fitted),
    ):
        file = write(
            folder / "weights.csv",
            ("iCode", "Parent", "local_weight"),
            [(code, "TAI", weight) for code, weight in zip(TAI_POSTS, weights, strict=True)],
        )
        line = command(
            "score", data, "--framework", framework, "--weights", file, "--recipe", recipe, "--out", folder / "out"
        )
        scores = {row["uCode"]: row for row in rows(folder / "out" / "scores.csv")}
        source = "OECD/JRC Handbook on Constructing Composite Indicators 2008, tables 6, 22 and 23"
        checks.append(
            Check("TAI: 23 countries", source, line, label, _equal(published, scores, "country", "AHP"), len(published))
        )
    return checks


EXAMPLES = (edible_cities, city200, matrices, asem, hdi, tai)
NEEDS_SURVEY = {edible_cities}


def report(checks: Iterable[Check]) -> str:
    """Write the report in Markdown."""
    machine = f"{platform.machine()}, Python {platform.python_version()}, {datetime.now(UTC):%Y-%m-%d}"
    lines = [
        "# Validation: published results, recomputed",
        "",
        "Each row was computed by the commands `weigh` and `score` on files, as an analyst would call them. `make validation`",
        f"writes this page again. Last run: {machine}.",
        "",
        "| Result | What agrees | Agree | Of | Largest difference | Source |",
        "| --- | --- | ---: | ---: | ---: | --- |",
    ]
    checks = list(checks)
    for check in checks:
        apart = "" if check.largest is None else f"{check.largest:.1e}"
        lines.append(f"| {check.title} | {check.what} | {check.agree} | {check.of} | {apart} | {check.source} |")
    if not any(check.title.startswith("Edible cities") for check in checks):
        lines += [
            "",
            "Left out: the 141 people of the edible cities survey, whose answers (GPL-3.0) were not beside the checkout.",
        ]
    lines += [
        "",
        "The printed AHP weights of TAI are rounded to two decimals and do not sum to one; 20 of 23 ranks are what they give.",
        "The fitted ones lie within the rounding of the printed ones and were found by search, not published: they show that",
        "the published ranks are consistent with the published weights.",
        "",
        "## Commands",
        "",
        *(f"    {line}" for line in dict.fromkeys(check.command for check in checks)),
        "",
    ]
    return "\n".join(lines)


def run() -> list[Check]:
    """Run every example in a folder of its own; without the survey, all but what needs it."""
    checks = []
    for example in EXAMPLES:
        if example in NEEDS_SURVEY and not SURVEY.is_dir():
            continue
        with tempfile.TemporaryDirectory() as folder:
            checks += example(Path(folder))
    return checks


if __name__ == "__main__":
    found = run()
    page = ROOT / "docs" / "validation.md"
    _, mark, simulated = page.read_text(encoding="utf-8").partition(MARK)
    page.write_text("\n".join([report(found), mark + simulated]) if mark else report(found), encoding="utf-8")
    for check in found:
        sys.stdout.write(f"{check.agree:>4} of {check.of:<4} {check.title}: {check.what}\n")
