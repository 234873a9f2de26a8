"""155 single vectors, run with COINr 1.1.14; its defect (log_GII) is recorded and not copied."""

import json

import numpy as np
import pytest

from scoring.numerics.composite.aggregate import aggregate, plan
from scoring.numerics.composite.normalise import normalise
from scoring.numerics.composite.outliers import LOGS, fails, shape, treat
from scoring.numerics.composite.ranking import competition_ranks
from scoring.numerics.errors import ConstantIndicatorError, NumericsError
from scoring.numerics.types import Aggregate, Normalise, NormaliseRule, Outliers

CASES = 155
RULES = {
    "n_minmax": lambda p: NormaliseRule("minmax", lower=p.get("l_u", [0, 100])[0], upper=100),
    "n_zscore": lambda _: NormaliseRule("zscore"),
    "n_rank": lambda _: NormaliseRule("rank"),
    "n_borda": lambda _: NormaliseRule("borda"),
    "n_prank": lambda _: NormaliseRule("percentile_rank"),
    "n_dist2max": lambda _: NormaliseRule("distance_to_max"),
    "n_dist2ref": lambda p: NormaliseRule("distance_to_reference", reference=f"u{p['iref']}"),
    "n_dist2targ": lambda p: NormaliseRule("distance_to_target", cap=p.get("cap_max", False)),
    "n_fracmax": lambda _: NormaliseRule("fraction_of_max"),
    "n_scaled": lambda _: NormaliseRule("scaled", bounds=(0, 100), scale=100),
    "n_goalposts": lambda p: NormaliseRule(
        "goalposts", goalposts=tuple(p["gposts"][:2]), scale=p["gposts"][2], clip=p.get("trunc2posts", True)
    ),
}


def column(values):
    return np.array([np.nan if v is None else v for v in np.atleast_1d(np.array(values, dtype=object))], dtype=float)


def normalised(x, case, make):
    tree = make.tree("x1", direction=case["para"].get("direction", 1), target=10.0)
    rule = Normalise(RULES[case["fn"]](case["para"]))
    return normalise(make.table(x[:, None]), tree, rule)[0].values[:, 0]


def treated(x, rule, make):
    table, (one,), _ = treat(make.table(x[:, None]), rule)
    return table.values[:, 0], one


def winsorised(x, case, make):
    most = case["para"]["winmax"]
    values, one = treated(x, Outliers("winsorise", max_points="all" if most == "none" else most), make)
    assert np.array_equal((values != x) & ~np.isnan(x), np.array(case["out"]["treated"]) != "")
    assert one.points == case["out"]["nwin"]
    return values


def mean(x, case, make):
    tree, table = make.tree("x1", "x2", "x3"), make.table(x[None])
    weights = {f"x{position + 1}": np.float64(w) for position, w in enumerate(case["para"]["w"])}
    rule = Aggregate({"a_amean": "arithmetic", "a_hmean": "harmonic"}[case["fn"]])
    return aggregate(table, plan(tree, table.columns, rule), weights)["index"]


def treated_by_default(x, case, make):
    return treated(x, Outliers("winsorise_then_log", max_points=case["para"]["winmax"]), make)[0]


def logged(x, case, make):
    rising = "log" if shape(x[:, None])[0][0] >= 0 else "log_reflected"
    method = {"log_CT": "log", "log_CT_orig": "log_shifted", "log_CT_plus": rising}[case["fn"]]
    return treated(x, Outliers(indicators={"x1": method}), make)[0]


ANSWERS = {
    **dict.fromkeys(RULES, normalised),
    **dict.fromkeys(("log_CT", "log_CT_orig", "log_CT_plus"), logged),
    **dict.fromkeys(("a_amean", "a_hmean"), mean),
    "winsorise": winsorised,
    "Treat default": treated_by_default,
    "skew": lambda x, *_: shape(x[:, None])[0],
    "kurt": lambda x, *_: shape(x[:, None])[1],
    "rank_df (desc, min ties)": lambda x, *_: competition_ranks(x).astype(float),
}


def answer(x, case, make):
    return ANSWERS[case["fn"]](x, case, make)


def pytest_generate_tests(metafunc):
    if "number" in metafunc.fixturenames:
        metafunc.parametrize("number", range(CASES))


@pytest.fixture(scope="module")
def vectors(golden):
    found = json.loads((golden / "vectors" / "coinr.json").read_text(encoding="utf-8"))
    assert len(found["cases"]) == CASES
    return found


def refused(x, case, make):
    """COINr answers NaN or an error; ours is a refusal by name (or, for shape, NaN; for winsorising, nothing to do)."""
    if case["fn"] in ("skew", "kurt"):
        return np.isnan(answer(x, case, make)).all()
    if case["fn"] == "winsorise":
        return np.array_equal(treated(x, Outliers("winsorise"), make)[0], x, equal_nan=True)
    if case["x"] == "c":
        return np.isnan(mean(x, case, make)).all()
    with pytest.raises(NumericsError):
        answer(x, case, make)
    return True


def is_the_recorded_defect(x, out, make):
    """COINr 1.1.14's log_GII marks every point as treated and returns the column as it was; no log here does that."""
    assert np.array_equal(column(out["x"]), x)
    assert out["treated"] == ["log_GII"] * len(x)
    for method in LOGS:
        rule = Outliers(indicators={"x1": method})
        if x.min() == x.max():
            with pytest.raises(ConstantIndicatorError):
                treated(x, rule, make)
        else:
            assert not np.allclose(treated(x, rule, make)[0], x)
    return True


def test_defects_are_five_of_the_cases(vectors):
    assert sum(case["fn"] == "log_GII" for case in vectors["cases"]) == 5


def test_vector_matches_coinr(number, vectors, make):
    case = vectors["cases"][number]
    case["para"] = case["para"] or {}
    x, out = column(vectors["inputs"][case["x"]]), case["out"]
    if case["fn"] == "log_GII":
        assert is_the_recorded_defect(x, out, make)
        return
    if case["fn"] == "check_SkewKurt":
        skewness, kurtosis = shape(x[:, None])
        if out["Pass"] is None:
            assert np.isnan(skewness[0])
            return
        assert np.allclose([skewness[0], kurtosis[0]], [out["Skew"], out["Kurt"]], rtol=1e-9)
        assert bool(fails(skewness, kurtosis, Outliers())[0]) is not out["Pass"]
        return
    expected = (
        column(out["x"] if isinstance(out, dict) and "x" in out else out)
        if not (isinstance(out, dict) and "error" in out)
        else None
    )
    if expected is None or np.isnan(expected).all():
        assert refused(x, case, make)
        return
    assert np.allclose(answer(x, case, make), expected, rtol=1e-9, atol=1e-9, equal_nan=True)
