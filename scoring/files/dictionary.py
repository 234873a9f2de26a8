"""The data dictionary of a release: what every column of every table means."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from accounts.units import UnitKind
from exchange.tables import csv_text

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

NAME: Final = "dictionary.csv"
HEADER: Final = ("file", "column", "type", "unit", "meaning")
EVERY_TABLE: Final = "*.csv"
TEXTS: Final = (
    "a text, or a fraction, that begins with =, +, -, @, ', a tab or a carriage return has one ' before it here, so that no spreadsheet computes "
    "it: read it without that ' (the first of the cell, before one of these). A plain number stands as it is, a negative one too. "
    "JSON files and the workbook have texts as they are"
)
UNIT, NAMED, TIME = (
    ("uCode", "text", "", "code of the unit (city or country)"),
    ("uName", "text", "", "name of the unit in English"),
    ("Time", "text", "", "time the row speaks of"),
)
INDICATOR: Final = ("<iCode>", "number", "the indicator's unit", "one column an indicator; empty = missing")
STEP: Final = (UNIT, NAMED, TIME, ("<iCode>", "number", "", "value of the indicator after the step; empty = missing"))
CAUSES: Final = {
    "own_data": "the unit's own data",
    "other_data": "other units' data",
    "units": "units that came in or went out",
    "indicators": "indicators that came in or went out",
    "weights": "weights",
    "recipe": "the recipe",
    "corrections": "corrections of published data",
}
LOW, HIGH = "5th percentile over the draws (R type 7)", "95th percentile over the draws (R type 7)"
# what stands in several files has one meaning, word for word: there it is the same number, character for character
RANK: Final = "rank in this release: 1 = best; ties share the smallest; empty = not ranked"
RANK_LOW, RANK_HIGH = f"rank, {LOW}, rounded down", f"rank, {HIGH}, rounded up"
JOINT: Final = "rank of the unit's joint set: all units are inside theirs at once in 90 % of fresh draws; empty where the draws do not tell"
JOINT_LOW, JOINT_HIGH = f"smallest {JOINT}", f"largest {JOINT}"
WITHOUT: Final = "rank of the unit without the part"
SCORE: Final = "score of the root"
LOCAL, GLOBAL = "weight among its siblings", "weight in the whole index"
OWN_DRAWS: Final = "over the draws of the consensus (R type 7); empty without"
GLOBAL_LOW, GLOBAL_HIGH = f"global weight, 5th percentile {OWN_DRAWS}", f"global weight, 95th percentile {OWN_DRAWS}"


def ends_known(end: str, percentile: str) -> tuple[tuple[str, str, str, str], ...]:
    """Describe the columns that say between which ranks an interval's end lies."""
    known = f"the {percentile} percentile of the rank, were there draws without end, lies from here"
    return (
        (f"rank_{end}_from", "integer", "places", f"{known} (with 95 % probability) …"),
        (
            f"rank_{end}_to",
            "integer",
            "places",
            f"… to here, for the {percentile} percentile: one place further at most where it is known",
        ),
    )


COLUMNS: Final[dict[str, tuple[tuple[str, str, str, str], ...]]] = {
    "framework.csv": (
        ("iCode", "text", "", "code of the criterion"),
        ("Parent", "text", "", "code of the criterion above; empty at the root"),
        ("Level", "integer", "", "1 = indicator, one more with every level up"),
        ("Direction", "integer", "", "1 = more is better, -1 = less is better"),
        ("Weight", "number", "", "weight among siblings where no panel was asked"),
        ("Type", "text", "", "Indicator, Aggregate, Group, Denominator or Other"),
        ("iName", "text", "", "name in English"),
        ("Unit", "text", "", "unit of measure"),
        ("Target", "number", "the indicator's unit", "target value, where the method measures the distance to one"),
        ("Denominator", "text", "", "column that the values are divided by"),
        ("Lever", "text", "", "who could change the indicator: city, country or nobody; empty = not known"),
        ("<other>", "text", "", "names, definitions and sources, by language where the name ends in one"),
    ),
    "judgements.csv": (
        ("expert", "text", "", "code of the expert, never a name"),
        ("node", "text", "", "criterion whose children are compared"),
        ("a", "text", "", "one child"),
        ("b", "text", "", "another child"),
        ("value", "ratio", "times", "how many times a matters more than b; empty = not answered"),
        ("expert_weight", "number", "", "weight of the expert, on any scale"),
        ("group", "text", "", "group of the expert; empty where fewer than five share it"),
    ),
    "receipts.csv": (("receipt", "text", "", "fingerprint of one expert's submission"),),
    "weights.csv": (
        ("iCode", "text", "", "code of the criterion"),
        ("Parent", "text", "", "code of the criterion above"),
        ("local_weight", "number", "share", LOCAL),
        ("global_weight", "number", "share", GLOBAL),
        ("low", "number", "share", GLOBAL_LOW),
        ("high", "number", "share", GLOBAL_HIGH),
    ),
    "weights_without_language.csv": (
        ("language", "text", "", "language left out; those of fewer than five experts are not told"),
        ("iCode", "text", "", "code of the criterion"),
        ("local_weight", "number", "share", "weight among its siblings that all other experts give"),
    ),
    "consistency.csv": (
        ("expert", "text", "", "code of the expert"),
        ("node", "text", "", "criterion whose children were compared"),
        ("n", "integer", "items", "children compared"),
        ("answered", "integer", "pairs", "pairs answered"),
        ("lambda_max", "number", "", "principal eigenvalue of the matrix"),
        ("ci", "number", "", "consistency index"),
        ("cr", "number", "", "consistency ratio; empty where it is not defined"),
        ("random_index", "text", "", "table that the consistency ratio divides by"),
        ("gci", "number", "", "geometric consistency index"),
    ),
    "consensus.csv": (
        ("node", "text", "", "criterion whose children were compared"),
        ("experts", "integer", "experts", "experts counted"),
        ("s_star", "number", "", "agreement S*, 0 to 1; not defined and empty for fewer than two experts or criteria, and where homogeneity is told: for experts further apart than S* can tell, as by answers beyond the scale"),
        ("homogeneity", "number", "", "relative homogeneity S; empty for fewer than two experts or criteria"),
        ("kendall_w", "number", "", "Kendall's W of the rank orders, corrected for ties"),
    ),
    "data.csv": (
        UNIT, NAMED, TIME,
        ("<group>", "text", "", "grouping column: country, region, size"),
        ("<denominator>", "number", "", "column that indicators are divided by"),
        INDICATOR,
    ),
    "sources.csv": (
        UNIT,
        ("iCode", "text", "", "code of the indicator"),
        TIME,
        ("year", "integer", "year", "year of the value; empty = unknown"),
        ("resolution", "text", "", "city or country: what the value was measured for; empty = unknown"),
        ("source", "text", "", "where the value comes from; empty = unknown"),
        ("given", "integer", "", "1 = measured by its provider, 0 = estimated; empty = unknown"),
    ),
    "licences.csv": (
        ("source", "text", "", "the source as sources.csv names it; empty = the values that name none"),
        ("licence", "text", "", "its licence; empty = unknown"),
        ("retrieved", "date", "", "the day its values were fetched; empty = unknown"),
        ("redistribution", "integer", "", "1 = its values may be published again, 0 = they are left out here; empty = unknown"),
    ),
    "units.csv": (
        UNIT,
        ("<name>", "text", "", "names, by language where the column ends in one"),
        ("<other>", "text", "", "aliases, country, population, latitude and longitude (degrees)"),
    ),
    "frozen_units.csv": (
        UNIT,
        ("<name>", "text", "", "names, by language where the column ends in one, as they were fixed with the method"),
        ("<other>", "text", "", "aliases, country, population, latitude and longitude (degrees), and groups"),
    ),
    "frozen_sources.csv": (
        ("iCode", "text", "", "code of the indicator"),
        ("source", "text", "", "where its values were to come from, fixed with the method"),
        ("vintage", "text", "", "year of the values, or the first and the last, fixed with the source"),
    ),
    "departures.csv": (
        UNIT, TIME,
        ("iCode", "text", "", "code of the indicator"),
        ("what", "text", "", "source or year: what of the value is not as it was fixed"),
        ("frozen", "text", "", "what was fixed"),
        ("got", "text", "", "what it is; empty = unknown"),
    ),
    "scores.csv": (
        UNIT, NAMED,
        ("rank", "integer", "places", RANK),
        ("tier", "integer", "", "1 = best"),
        ("rank_low", "integer", "places", RANK_LOW),
        ("rank_high", "integer", "places", RANK_HIGH),
        ("rank_joint_low", "integer", "places", JOINT_LOW),
        ("rank_joint_high", "integer", "places", JOINT_HIGH),
        ("score", "number", "", SCORE),
        ("<iCode>", "number", "", "score of one criterion above the indicators"),
    ),
    "steps/1_denominated.csv": STEP,
    "steps/2_screened.csv": STEP,
    "steps/3_imputed.csv": STEP,
    "steps/4_treated.csv": STEP,
    "steps/5_normalised.csv": STEP,
    "robustness/ranks.csv": (
        UNIT,
        ("rank", "integer", "places", RANK),
        ("draws", "integer", "", "draws that rank the unit: its other columns are of these"),
        ("rank_median", "number", "places", "median rank over the draws"),
        ("rank_low", "integer", "places", RANK_LOW),
        ("rank_high", "integer", "places", RANK_HIGH),
        ("rank_joint_low", "integer", "places", JOINT_LOW),
        ("rank_joint_high", "integer", "places", JOINT_HIGH),
        ("rank_low_exact", "number", "places", f"rank, {LOW}"),
        ("rank_high_exact", "number", "places", f"rank, {HIGH}"),
        ("rank_low_half", "number", "places", "the 5th percentile over the first half of the draws: close to that of all where there are draws enough"),
        ("rank_high_half", "number", "places", "the 95th percentile over the first half of the draws"),
        *ends_known("low", "5th"),
        *ends_known("high", "95th"),
        ("rank_q1", "number", "places", "rank, 25th percentile over the draws (R type 7): half of them lie from here …"),
        ("rank_q3", "number", "places", "… to here: rank, 75th percentile over the draws (R type 7)"),
        ("modal_tier", "integer", "", "tier drawn most often; of equally many the released one, else the best; 1 = best"),
        ("tier_<n>", "number", "share", "share of the draws that put the unit in tier n"),
    ),
    "robustness/pairs.csv": (
        UNIT,
        ("<uCode>", "number", "share", "share of the draws in which the row's unit stands above the column's; ties count half"),
    ),
    "robustness/alike.csv": (
        ("group", "integer", "", "number of the group; groups may overlap"),
        ("first_rank", "integer", "places", "highest rank in the group"),
        ("last_rank", "integer", "places", "lowest rank in the group"),
        ("uCode", "text", "", "a unit of the group: no two of it can be told apart in 95 % of the draws"),
    ),
    "robustness/sensitivity.csv": (
        ("uCode", "text", "", "unit whose rank is explained; empty = the mean shift of all ranks"),
        ("factor", "text", "", "what varies"),
        ("choices", "integer", "", "how many choices it has; 1 = it cannot vary"),
        ("first", "number", "share of variance", "Sobol' index of first order; empty where nothing varies, or a run gives no rank"),
        ("first_low", "number", "share of variance", "index of first order, 5th percentile over bootstrap resamples"),
        ("first_high", "number", "share of variance", "index of first order, 95th percentile over bootstrap resamples"),
        ("total", "number", "share of variance", "Sobol' index of total order"),
        ("total_low", "number", "share of variance", "index of total order, 5th percentile over bootstrap resamples"),
        ("total_high", "number", "share of variance", "index of total order, 95th percentile over bootstrap resamples"),
    ),
    "importance.csv": (
        ("iCode", "text", "", "code of the criterion"),
        ("Parent", "text", "", "code of the criterion above, whose score is moved"),
        ("weight", "number", "share", "weight among the siblings that have data"),
        ("importance", "number", "share of variance", "part of the variance of the score above that goes with the criterion, over all orders in which the siblings may come (linear Shapley effects); empty where not defined"),
        ("importance_error", "number", "share of variance", "standard error, where orders were drawn: more than 15 siblings"),
        ("correlation", "number", "", "Pearson correlation of the criterion with the score above; importance is blind to its sign"),
        ("first_order", "number", "share of variance", "its square: what the criterion goes with alone; does not add up over siblings"),
        ("not_explained", "number", "share of variance", "part of the variance of the score above that no linear function of all siblings explains"),
        ("units", "integer", "units", "units that have the score and all siblings"),
        ("undefined", "text", "", "why importance is not defined: few_units, fewer than two a sibling; constant_score; empty where it is"),
    ),
    "one_person.csv": (
        ("node", "text", "", "criterion whose children are compared"),
        ("experts", "integer", "experts", "experts counted; one of them answers everything there anew, within the scale"),
        ("iCode", "text", "", "child whose weight can be moved furthest"),
        ("weight", "number", "share", LOCAL),
        ("weight_then", "number", "share", "the same by other answers of one person"),
        ("reach", "text", "", "exact: nobody could move one further; at_least: the furthest found"),
        ("moved", "integer", "units", "units whose rank would change"),
        ("uCode", "text", "", "unit whose rank would change most; empty where none does"),
        ("rank", "integer", "places", RANK),
        ("rank_then", "integer", "places", "rank of the unit with these weights"),
    ),
    "robustness/leave_one_out.csv": (
        ("kind", "text", "", "panelist, group, language, indicator or pillar"),
        ("left_out", "text", "", "code or name of what is left out"),
        ("mean_shift", "number", "places", "mean over the units of how far a rank moves"),
        ("moved", "integer", "units", "units whose rank changes"),
        ("uCode", "text", "", "unit that moves most; empty where none moves"),
        ("rank", "integer", "places", RANK),
        ("rank_without", "integer", "places", WITHOUT),
        ("change", "integer", "places", "places gained, negative for lost"),
    ),
    "robustness/leave_one_out_ranks.csv": (
        ("kind", "text", "", "panelist, group, language, indicator or pillar"),
        ("left_out", "text", "", "code or name of what is left out"),
        ("<uCode>", "integer", "places", WITHOUT),
    ),
    "robustness/weights.csv": (
        ("iCode", "text", "", "code of the criterion"),
        ("Parent", "text", "", "code of the criterion above"),
        ("local_weight", "number", "share", LOCAL),
        ("local_low", "number", "share", f"local weight, 5th percentile {OWN_DRAWS}"),
        ("local_high", "number", "share", f"local weight, 95th percentile {OWN_DRAWS}"),
        ("global_weight", "number", "share", GLOBAL),
        ("global_low", "number", "share", GLOBAL_LOW),
        ("global_high", "number", "share", GLOBAL_HIGH),
    ),
    "robustness/change.csv": (
        UNIT,
        ("status", "text", "", "split, or why the move is not split: new, gone, unranked_before, unranked_after, no_common_indicators, undefined_between"),
        ("rank_before", "integer", "places", "rank in the release compared with"),
        ("rank_after", "integer", "places", RANK),
        ("rank_move", "integer", "places", "places gained, negative for lost"),
        *((f"rank_{cause}", "fraction", "places", f"part of the move in rank that comes of {what}") for cause, what in CAUSES.items()),
        ("score_before", "number", "", "score in the release compared with"),
        ("score_after", "number", "", SCORE),
        ("score_move", "number", "", "difference of the two scores as printed"),
        *((f"score_{cause}", "number", "", f"part of the move in score that comes of {what}") for cause, what in CAUSES.items()),
        ("rank_new_method", "integer", "places", "rank in the data and units of the release compared with, under this release's indicators, weights and recipe"),
        ("score_new_method", "number", "", "score in the data and units of the release compared with, under this release's indicators, weights and recipe"),
    ),
    "robustness/weight_draws.csv": (
        ("draw", "integer", "", "number of the draw, from 0; where the recipe asks for accuracy, the first 1,000 of all"),
        ("<iCode>", "number", "share", "drawn weight of the criterion among its siblings"),
    ),
}  # fmt: skip


def column_type(file: str, column: str) -> str:
    """Return the type of a table's column; one that bears a code or a number in its name is told of as ``<…>``."""
    types = {name: kind for name, kind, _unit, _meaning in COLUMNS.get(file, ())}
    open_ended = [kind for name, kind in types.items() if "<" in name]
    return types.get(column) or (open_ended[-1] if open_ended else "number")


def dictionary(files: Collection[str], *, unit_kind: str = UnitKind.CITY) -> str:
    """Return the dictionary of the tables among these files: how texts stand in all of them, then column by column."""
    return csv_text(HEADER, _rows(files, unit_kind))


def unit_level(unit_kind: str) -> str:
    """Name the levels that values are measured for, where this kind of unit is ranked."""
    return "country or a part of it" if unit_kind == UnitKind.COUNTRY else f"{unit_kind} or country"


def _rows(files: Collection[str], unit_kind: str) -> Iterator[tuple[str, ...]]:
    yield EVERY_TABLE, "<text>", "text", "", TEXTS
    for file, columns in COLUMNS.items():
        if file in files:
            for name, kind, unit, meaning in columns:
                yield file, name, kind, unit, _said_of(meaning, unit_kind)


def _said_of(meaning: str, unit_kind: str) -> str:
    """Say what a column means where another kind of unit is ranked; ``city`` stays what the cells of its level hold."""
    if unit_kind == UnitKind.CITY:
        return meaning
    level = "city (a part of the country)" if unit_kind == UnitKind.COUNTRY else f"city (here: the {unit_kind} itself)"
    return (
        meaning.replace("(city or country)", f"({unit_kind})")
        .replace("city, country or nobody", f"{level}, country or nobody")
        .replace("city or country:", f"{level} or country:")
    )
