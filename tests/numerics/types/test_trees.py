"""A framework that is no tree is refused by name, and what stands where follows from the order given."""

import pytest

from scoring.numerics.errors import TreeError
from scoring.numerics.types import Tree, TreeCriterion


def tree(*rows):
    """Tree of (code, parent); capital letters are indicators."""
    return Tree(tuple(TreeCriterion(code, parent, is_indicator=code.isupper()) for code, parent in rows))


@pytest.mark.parametrize(
    ("rows", "says", "facts"),
    [
        ([("g", None), ("A", "g"), ("A", "g")], "A stands twice", {"criterion": "A"}),
        ([("g", None), ("h", None), ("A", "g"), ("B", "h")], "here 2 have none", {"roots": ["g", "h"]}),
        ([("g", "h"), ("h", "g"), ("A", "g")], "here 0 have none", {"roots": []}),
        ([], "here 0 have none", {"roots": []}),
        ([("g", None), ("B", "g"), ("A", "x")], "A: parent x is unknown", {"criterion": "A"}),
        ([("g", None), ("A", "g"), ("B", "A")], "indicator A has children", {"criterion": "A"}),
        ([("g", None), ("A", "g"), ("h", "g")], "h is no indicator and has no children", {"criterion": "h"}),
        (
            [("g", None), ("A", "g"), ("k", "h"), ("h", "k")],
            r"form a cycle: \['h', 'k'\]",
            {"criteria": ["h", "k"]},
        ),
    ],
)
def test_what_is_no_tree_is_refused_by_name(rows, says, facts):
    with pytest.raises(TreeError, match=says) as refused:
        tree(*rows)

    assert refused.value.facts == facts


def test_siblings_keep_the_order_given_and_levels_count_from_the_indicators():
    found = tree(("B", "h"), ("g", None), ("C", "g"), ("h", "g"), ("A", "h"))

    assert (found.root, found.nodes, found.indicators) == ("g", ("g", "h"), ("C", "B", "A"))
    assert found.children == {"g": ("C", "h"), "h": ("B", "A")}
    assert found.height == {"A": 1, "B": 1, "C": 1, "h": 2, "g": 3}
    assert found.global_weights({"C": 0.25, "h": 0.75, "B": 0.5, "A": 0.5}) == {
        "g": 1.0,
        "C": 0.25,
        "h": 0.75,
        "B": 0.375,
        "A": 0.375,
    }
