"""The values that travel through the arithmetic: trees, judgements, consensus, tables, recipes, scores.

All are frozen. Arrays come with the labels of their axes. Each value is validated once, where it is built;
the functions that receive it trust it.
"""

from scoring.numerics.types.names import (
    LARGEST,
    METHOD_NAMES,
    RECIPROCITY,
    AggregateMethod,
    BeyondTable,
    BoolArray,
    Factor,
    FloatArray,
    Group,
    ImputeMethod,
    Incomplete,
    IncompleteIndex,
    IntArray,
    NormaliseMethod,
    OutlierMethod,
    Places,
    Priorities,
    RandomIndex,
    Scale,
)
from scoring.numerics.types.panels import (
    Cluster,
    Consensus,
    ConsensusMethod,
    NodeConsensus,
    NodeJudgements,
    PanelJudgements,
    WeightDraws,
)
from scoring.numerics.types.recipes import (
    Aggregate,
    Denominate,
    Impute,
    Normalise,
    NormaliseRule,
    Outliers,
    Rank,
    Recipe,
    Robustness,
    Screen,
    Tiers,
)
from scoring.numerics.types.results import (
    Dropped,
    Scored,
    Treatment,
    Yardstick,
)
from scoring.numerics.types.tables import (
    Table,
)
from scoring.numerics.types.trees import (
    Criterion,
    Tree,
)

__all__ = [
    "LARGEST",
    "METHOD_NAMES",
    "RECIPROCITY",
    "Aggregate",
    "AggregateMethod",
    "BeyondTable",
    "BoolArray",
    "Cluster",
    "Consensus",
    "ConsensusMethod",
    "Criterion",
    "Denominate",
    "Dropped",
    "Factor",
    "FloatArray",
    "Group",
    "Impute",
    "ImputeMethod",
    "Incomplete",
    "IncompleteIndex",
    "IntArray",
    "NodeConsensus",
    "NodeJudgements",
    "Normalise",
    "NormaliseMethod",
    "NormaliseRule",
    "OutlierMethod",
    "Outliers",
    "PanelJudgements",
    "Places",
    "Priorities",
    "RandomIndex",
    "Rank",
    "Recipe",
    "Robustness",
    "Scale",
    "Scored",
    "Screen",
    "Table",
    "Tiers",
    "Treatment",
    "Tree",
    "WeightDraws",
    "Yardstick",
]
