"""Golden tables of published indices, read once and shared; sources and licences: cases/README.md."""

import csv

import numpy as np
import pytest

from scoring.numerics.types import Table, Tree, TreeCriterion


def number(text):
    return float(text) if text not in ("", "NA") else np.nan


def read(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="session")
def golden(cases):
    """The folder of the golden tables."""
    return cases / "composite"


def flat_tree(*codes, direction=1, **more):
    return Tree(
        (TreeCriterion("index", None), *(TreeCriterion(c, "index", "", True, direction, **more) for c in codes))
    )


def flat_table(values, columns=None, units=None):
    values = np.array(values, dtype=float)
    rows, wide = values.shape
    units = units or tuple(f"u{row + 1}" for row in range(rows))
    return Table(units, units, ("2024",) * rows, columns or tuple(f"x{number + 1}" for number in range(wide)), values)


@pytest.fixture(scope="session")
def make():
    """Build small trees and tables by name."""

    class Make:
        tree = staticmethod(flat_tree)
        table = staticmethod(flat_table)
        read = staticmethod(read)
        number = staticmethod(number)

    return Make


@pytest.fixture(scope="session")
def asem(golden):
    """COINr's ASEM example: (tree, table)."""
    meta = read(golden / "asem" / "00_iMeta.csv")
    tree = Tree(
        tuple(
            TreeCriterion(
                row["iCode"],
                row["Parent"] or None,
                row["iName"],
                row["Type"] == "Indicator",
                int(row["Direction"]),
                float(row["Weight"]),
                row["Unit"],
                None if row["Target"] == "" else float(row["Target"]),
                row["Denominator"] or None,
            )
            for row in meta
            if row["Type"] in ("Indicator", "Aggregate")
        )
    )
    data = read(golden / "asem" / "00_iData.csv")
    table = Table(
        units=tuple(row["uCode"] for row in data),
        names=tuple(row["uName"] for row in data),
        times=tuple(row["Time"] for row in data),
        columns=tree.indicators,
        values=np.array([[number(row[code]) for code in tree.indicators] for row in data]),
        groups={m["iCode"]: tuple(row[m["iCode"]] for row in data) for m in meta if m["Type"] == "Group"},
        denominators={
            m["iCode"]: np.array([number(row[m["iCode"]]) for row in data]) for m in meta if m["Type"] == "Denominator"
        },
    )
    return tree, table


@pytest.fixture(scope="session")
def asem_expected(golden):
    """Read one of ASEM's expected tables, aligned: expected(name, units, columns) → array."""

    def expected(name, units, columns):
        rows = {row["uCode"]: row for row in read(golden / "asem" / f"{name}.csv")}
        return np.array([[number(rows[unit][column]) for column in columns] for unit in units])

    return expected
