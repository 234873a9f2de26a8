"""The recipe as a file: round trips, and refusals that say where, what is allowed and what was meant."""

import pytest

from scoring.numerics.types import (
    Aggregate,
    CompositeRecipe,
    Impute,
    Normalise,
    NormaliseRule,
    Outliers,
    RobustnessChoices,
)
from scoring.recipe import (
    RecipeError,
    RecipeProblem,
    read_recipe,
    recipe_from_dict,
    recipe_json,
    recipe_to_dict,
    write_recipe,
)

RICH = CompositeRecipe(
    impute=Impute("group_mean", group="région"),
    outliers=Outliers("winsorise_then_log", max_points="all", indicators={"a b": "none"}),
    normalise=Normalise(
        NormaliseRule("zscore", mean=10.0, sd=2.0),
        {"gnipc": NormaliseRule("goalposts", goalposts=(100.0, 75000.0), log=True)},
        pooled=True,
    ),
    aggregate=Aggregate(levels=("arithmetic", "geometric"), floor=(0.5, 0.25)),
    robustness=RobustnessChoices(1000, 7, ("weights", "normalise"), {"normalise": ("minmax",)}),
)


@pytest.mark.parametrize("recipe", [CompositeRecipe(), RICH])
def test_recipe_written_reads_back_the_same(recipe):
    assert read_recipe(write_recipe(recipe)) == recipe
    assert recipe_from_dict(recipe_to_dict(recipe)) == recipe


def test_empty_file_is_all_defaults():
    assert read_recipe("") == CompositeRecipe()


def test_byte_order_mark_is_no_key():
    assert read_recipe("\ufeffversion = 1\n") == CompositeRecipe()


def test_canonical_json_does_not_depend_on_spelling():
    spelt = read_recipe("[normalise]\nupper = 100\nlower = 0\n[screen]\nunit_availability = 0.65\n")
    assert recipe_json(spelt) == recipe_json(CompositeRecipe(normalise=Normalise(NormaliseRule(lower=0))))


@pytest.mark.parametrize(
    ("text", "key", "line", "says"),
    [
        ('[impute]\nmethd = "mean"\n', "impute.methd", 2, "allowed are method, group (did you mean method?)"),
        ("[scren]\nx = 1\n", "scren", 1, "did you mean screen?"),
        ('[normalise]\n\nmethod = "minmx"\n', "normalise.method", 3, "did you mean minmax?"),
        ("[normalise.indicators.x]\nfoo = 1\n", "normalise.indicators.x.foo", 2, "unknown key"),
        ("[screen]\nunit_availability = 2\n", "screen.unit_availability", 2, "0 to 1 is allowed, got 2"),
        ("[screen]\nunit_availability = nan\n", "screen.unit_availability", 2, "a number is allowed, got nan"),
        ("[denominate]\nuse = 1\n", "denominate.use", 2, "true or false is allowed, got 1"),
        ("[rank]\ndecimals = true\n", "rank.decimals", 2, "a whole number is allowed, got True"),
        ("[tiers]\nshares = [0.5]\n", "tiers.shares", 2, "rising from above 0 to 1.0"),
        ('[tiers]\nby = "score"\n', "tiers.scores", 1, "falling lower bounds"),
        ('[impute]\nmethod = "group_mean"\n', "impute.group", 1, "needs the name of a grouping column"),
        ('[aggregate]\nmethod = "power"\n', "aggregate.power", 1, "needs its exponent"),
        ('[normalise]\nmethod = "goalposts"\n', "normalise.goalposts", 1, "goalposts needs goalposts"),
        ("[normalise]\ngoalposts = [5, 5]\n", "normalise.goalposts", 2, "two rising numbers"),
        ('[outliers]\nmax_points = "some"\n', "outliers.max_points", 2, 'a whole number or "all"'),
        ("[robustness]\nseed = -1\n", "robustness.seed", 2, "0 to 18446744073709551615 is allowed"),
        ("[robustness]\nseed = 18446744073709551616\n", "robustness.seed", 2, "0 to 18446744073709551615 is allowed"),
        ("[robustness]\ndraws = 1000000000\n", "robustness.draws", 2, '0 to 1000000, or "auto", is allowed'),
        ('[robustness]\ndraws = "much"\n', "robustness.draws", 2, 'a whole number or "auto" is allowed'),
        (
            "[robustness]\ndraws = 9\nbudget = 4000\n",
            "robustness.budget",
            3,
            'goes with draws = "auto"; here they are 9',
        ),
        ('[robustness]\ndraws = "auto"\nbudget = 999\n', "robustness.budget", 3, "1000 to 1000000 is allowed"),
        ("[robustness]\nsensitivity = 1048576\n", "robustness.sensitivity", 2, "up to 65536"),
        ("[robustness]\ndraws = 10\nfactors = []\n", "robustness.factors", 3, "draws need a factor"),
        (
            '[robustness]\nfactors = ["normalise", "weights", "normalise"]\n',
            "robustness.factors",
            2,
            "got 'normalise' twice",
        ),
        (
            "[robustness]\ndraws = 10\nfactors = ['normalise', 'aggregate']\nalternatives.normalise = ['percentile_rank']\n",
            "robustness.alternatives.aggregate",
            1,
            "geometric has no answer at 0, where percentile_rank puts the worst unit",
        ),
        (
            '[normalise]\nmethod = "distance_to_max"\n[robustness]\ndraws = 10\nfactors = ["aggregate"]\n',
            "robustness.alternatives.aggregate",
            3,
            "distance_to_max puts the worst unit",
        ),
        (
            '[robustness.alternatives]\nnormalize = ["rank"]\n',
            "robustness.alternatives.normalize",
            2,
            "mean normalise?",
        ),
        ('[robustness.alternatives]\nimpute = ["men"]\n', "robustness.alternatives.impute", 2, "did you mean mean?"),
        ('impute = "mean"\n', "impute", 1, "a table is allowed"),
        ("version = 2\n", "version", 1, "1 is allowed, got 2"),
        ("[impute]\nmethod = mean\n", "", 2, "no TOML"),
    ],
)
def test_bad_recipe_is_refused_with_line_and_reason(text, key, line, says):
    with pytest.raises(RecipeError) as refused:
        read_recipe(text)
    (problem,) = refused.value.problems
    assert (problem.key, problem.line) == (key, line)
    assert says in problem.what


def test_all_problems_come_at_once():
    with pytest.raises(RecipeError) as refused:
        read_recipe("[screen]\nunits = 1\n[rank]\ndecimals = 0.5\n")
    assert [(one.line, one.key) for one in refused.value.problems] == [(2, "screen.units"), (4, "rank.decimals")]
    assert len(str(refused.value).splitlines()) == 2


def test_problem_without_line_is_still_a_sentence():
    assert str(RecipeError((RecipeProblem("a.b", "is wrong"),))) == "a.b: is wrong"
