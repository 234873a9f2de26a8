"""The names of methods in words: what pages say for the codes that recipes and results carry."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.utils.functional import _StrPromise

WORDS: Mapping[str, _StrPromise] = {
    # agreement
    "very low": _("very low"),
    "low": _("low"),
    "moderate": _("moderate"),
    "high": _("high"),
    "very high": _("very high"),
    # from judgements to weights
    "eigenvector": _("principal eigenvector"),
    "geometric": _("geometric mean"),
    "aij": _("geometric mean of the judgements"),
    "aip-geometric": _("geometric mean of the experts’ priorities"),
    "aip-arithmetic": _("arithmetic mean of the experts’ priorities"),
    "alonso-lamata": _("table of Alonso and Lamata, 2006"),
    "alonso-lamata-linear": _("linear fit of Alonso and Lamata, 2006"),
    "saaty": _("table of Saaty"),
    "saaty-2005": _("table of Saaty, 2005"),
    "donegan-dodd": _("table of Donegan and Dodd, 1991"),
    "tummala-ling": _("table of Tummala and Ling, 1998"),
    "scale linear": _("1 to 9 as given"),
    "scale log": _("logarithmic"),
    "scale root-square": _("square root"),
    "scale inverse-linear": _("inverse linear"),
    "scale balanced": _("balanced"),
    "scale balanced-n": _("balanced by the number of items"),
    "scale power": _("squared"),
    "scale geometric": _("powers of two"),
    "scale adaptive": _("adaptive"),
    "scale adaptive-balanced": _("adaptive, balanced"),
    "llsm": _("logarithmic least squares"),
    "lambda-optimal": _("the completion that fits the answers best"),
    "harker": _("Harker’s method"),
    # from data to ranks
    "none": _("none"),
    "mean": _("the mean of all"),
    "median": _("the median of all"),
    "group_mean": _("the mean of the group"),
    "group_median": _("the median of the group"),
    "row_mean": _("the mean of the unit’s other indicators under the same node"),
    "linear": _("a straight line between the years"),
    "latest": _("the latest year known"),
    "winsorise": _("pulling extreme values in to the next ones"),
    "winsorise_then_log": _("pulling extreme values in to the next ones, then a logarithm where that is not enough"),
    "trim": _("cutting at percentiles"),
    "log": _("a logarithm"),
    "log_reflected": _("a reflected logarithm"),
    "log_shifted": _("a shifted logarithm"),
    "minmax": _("lowest to highest value"),
    "zscore": _("distance from the mean in standard deviations"),
    "rank": _("rank among the units"),
    "borda": _("number of units left behind"),
    "percentile_rank": _("share of units left behind"),
    "distance_to_max": _("distance to the best"),
    "distance_to_reference": _("distance to a reference unit"),
    "distance_to_target": _("distance to a target"),
    "fraction_of_max": _("share of the best"),
    "goalposts": _("between fixed goalposts"),
    "scaled": _("between fixed bounds"),
    "arithmetic": _("weighted arithmetic mean"),
    "harmonic": _("weighted harmonic mean"),
    "power": _("weighted power mean"),
    "copeland": _("pairwise comparison of the units (Copeland)"),
    "minimum": _("the weakest part"),
    "kemeny": _("the order that contradicts fewest pairwise comparisons (Kemeny)"),
    # the files of a release
    "file README.txt": _("what is in the archive and how to check it"),
    "file framework.csv": _("the indicator system: codes, names, directions, units"),
    "file judgements.csv": _("how many times more one criterion matters than another, by expert code"),
    "file receipts.csv": _("fingerprints of the experts’ submissions; each finds her own here"),
    "file method.json": _("how judgements become weights, with the seed of the draws"),
    "file weights.csv": _("the panel’s weights with their intervals"),
    "file consistency.csv": _("how consistent each expert’s answers are"),
    "file consensus.csv": _("how far the experts agree"),
    "file consensus.json": _("the same, with groups of experts who weigh alike"),
    "file data.csv": _("the indicator values as they came in; empty means missing"),
    "file sources.csv": _("year and source of each value, for city or country, measured or estimated"),
    "file units.csv": _("what is ranked: names, country, population, coordinates"),
    "file recipe.toml": _("how data become ranks, with the seed of the draws"),
    "file scores.csv": _("scores, ranks, tiers and rank intervals"),
    "file summary.json": _("what was left out, filled in or treated"),
    "file manifest.json": _("every file with its fingerprint, and the fingerprint of the release"),
    "file steps": _("the table after one step"),
    # what is varied for the intervals
    "weights": _("the panel’s weights"),
    "impute": _("how gaps are filled"),
    "outliers": _("how extreme values are treated"),
    "normalise": _("how indicators are brought to one scale"),
    "aggregate": _("how indicators are joined"),
    "leave_one_indicator": _("leaving out one indicator"),
    # who is compared with whom
    "peers Size": _("population"),
    "peers Region": _("region"),
    "peers Income": _("income"),
    "peers Country": _("country"),
    "group large metropolitan": _("large metropolitan, from 1.5 million people"),
    "group metropolitan": _("metropolitan, from 500,000 people"),
    "group medium": _("medium-sized, from 200,000 people"),
    "group small": _("small, under 200,000 people"),
    "group Australasia": _("Australasia"),
    "group Central America": _("Central America"),
    "group Central Asia": _("Central Asia"),
    "group Eastern Africa": _("Eastern Africa"),
    "group Eastern Asia": _("Eastern Asia"),
    "group Eastern Europe": _("Eastern Europe"),
    "group Northern Africa": _("Northern Africa"),
    "group Northern America": _("Northern America"),
    "group Northern Europe": _("Northern Europe"),
    "group South America": _("South America"),
    "group Southeast Asia": _("Southeast Asia"),
    "group Southern Africa": _("Southern Africa"),
    "group Southern Asia": _("Southern Asia"),
    "group Southern Europe": _("Southern Europe"),
    "group Western Africa": _("Western Africa"),
    "group Western Asia": _("Western Asia"),
    "group Western Europe": _("Western Europe"),
    # how a city could move up
    "goal next": _("next quarter of the peers"),
    "goal best": _("best of the peers"),
    "reason not_given": _("its own value is not given, so what a change would bring is not known"),
    "reason no_peer": _("no peer has a value"),
    "reason is_best": _("no peer does better"),
    "reason no_gain": _("even the best peer’s value gains no place"),
}

STAGES: Mapping[str, _StrPromise] = {
    "": _("Computing"),
    "drawing": _("Drawing the panel again and again, to see how sure the weights are"),
    "reading": _("Reading the data"),
    "scoring": _("Computing scores and ranks"),
    "writing": _("Writing the results"),
    "workbook": _("Making the workbook"),
    "zip": _("Packing the files"),
}


def stage_words(state: str, stage: str) -> str:
    """Say what a worker is at."""
    return gettext("Waiting for a worker") if state == "queued" else str(STAGES.get(stage, STAGES[""]))
