"""Arrays, and the names of the methods."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray

FloatArray: TypeAlias = NDArray[np.float64]
IntArray: TypeAlias = NDArray[np.int64]
Counts: TypeAlias = NDArray[np.unsignedinteger[Any]]  # how often
Places: TypeAlias = NDArray[np.integer[Any]]  # ranks and tiers of many runs, in as few bytes as they need
BoolArray: TypeAlias = NDArray[np.bool_]

RECIPROCITY = 1e-9  # how far ln a_ij + ln a_ji may be from 0: ratios written with ten digits pass
LARGEST = 1e100  # of a value in a table, so that no square of a difference overflows

Scale: TypeAlias = Literal[
    "linear",
    "log",
    "root-square",
    "inverse-linear",
    "balanced",
    "balanced-n",
    "power",
    "geometric",
    "adaptive",
    "adaptive-balanced",
]
Priorities: TypeAlias = Literal["eigenvector", "geometric"]
Incomplete: TypeAlias = Literal["llsm", "lambda-optimal", "harker"]
Group: TypeAlias = Literal["aij", "aip-geometric", "aip-arithmetic"]
RandomIndex: TypeAlias = Literal[
    "alonso-lamata", "saaty", "saaty-2005", "donegan-dodd", "tummala-ling", "alonso-lamata-linear",
]  # fmt: skip
BeyondTable: TypeAlias = Literal["refuse", "linear"]
IncompleteIndex: TypeAlias = Literal["adjusted", "complete"]
METHOD_NAMES: Mapping[str, tuple[str, ...]] = {
    "scale": get_args(Scale),
    "priorities": get_args(Priorities),
    "incomplete": get_args(Incomplete),
    "group": get_args(Group),
    "random_index": get_args(RandomIndex),
    "beyond_table": get_args(BeyondTable),
    "incomplete_index": get_args(IncompleteIndex),
}
ImputeMethod: TypeAlias = Literal[
    "none", "mean", "median", "group_mean", "group_median", "row_mean", "linear", "latest",
]  # fmt: skip
OutlierMethod: TypeAlias = Literal[
    "none", "winsorise_then_log", "winsorise", "trim", "log", "log_reflected", "log_shifted",
]  # fmt: skip
NormaliseMethod: TypeAlias = Literal[
    "minmax", "zscore", "rank", "borda", "percentile_rank", "distance_to_max", "distance_to_reference",
    "distance_to_target", "fraction_of_max", "goalposts", "scaled",
]  # fmt: skip
AggregateMethod: TypeAlias = Literal[
    "arithmetic", "geometric", "harmonic", "power", "copeland", "borda", "minimum", "kemeny",
]  # fmt: skip
Lever: TypeAlias = Literal["city", "country", "nobody", ""]  # who could change an indicator; nothing where nobody said
Factor: TypeAlias = Literal["weights", "normalise", "aggregate", "outliers", "impute", "leave_one_indicator"]
