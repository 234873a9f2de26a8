"""Faults planted into files: as many are told as were planted, each at its place, over all pairs of kinds."""

from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exchange.options import FileReading, ReadingOptions
from exchange.problems import FileProblemsError
from scoring.files.licences import read_licences
from scoring.files.sources import read_sources
from scoring.files.tables import read_data, read_weights
from scoring.files.units import read_units
from scoring.numerics.types import Tree, TreeCriterion
from surveys.files.framework import read_framework
from surveys.files.judgements import read_judgements

TREE = Tree(
    (
        TreeCriterion("index", None),
        *(TreeCriterion(code, "index", is_indicator=True) for code in ("A", "B", "C")),
    )
)
SENT = FileReading(ReadingOptions())


def data(name, content):
    return read_data(name, content, TREE, reading=SENT)


def judgements(name, content):
    return read_judgements(name, content, TREE, reading=SENT)


def weights(name, content):
    return read_weights(name, content, TREE, SENT)


FILES = {
    "data": (
        data,
        "uCode,Region,A,B,C\nu1,N,1.5,2,3\nu2,N,2.5,3,4\nu3,S,3.5,4,5\nu4,S,4.5,5,6\n",
        {
            "a word for a number": (3, 2, "many"),
            "a date for a number": (4, 3, "2025-01-03"),
            "another decimal sign": (2, 4, '"3,5"'),
            "a marker": (5, 2, ".."),
            "no code": (2, 0, ""),
            "a code twice": (5, 0, "u3"),
            "too large": (3, 3, "1e999"),
        },
    ),
    "judgements": (
        judgements,
        "expert,node,a,b,value,expert_weight\nP1,index,A,B,3,1\nP1,index,A,C,5,1\nP2,index,A,B,2,2\nP2,index,B,C,1/3,2\n",
        {
            "another node": (2, 1, "indx"),
            "another item": (3, 2, "D"),
            "no ratio": (4, 4, "much"),
            "outside": (5, 4, "99"),
            "no expert": (3, 0, ""),
            "a negative weight": (2, 5, "-1"),
            "a date": (4, 4, "3-Jan"),
        },
    ),
    "framework": (
        lambda name, content: read_framework(name, content, SENT),
        "iCode,Parent,Level,Direction,Weight,Type,Lever\nindex,,2,1,1,Aggregate,\nA,index,1,1,1,Indicator,city\nB,index,1,1,1,Indicator,\nC,index,1,1,1,Indicator,\n",
        {
            "another type": (3, 5, "Indikator"),
            "no direction": (4, 3, "2"),
            "a negative weight": (5, 4, "-1"),
            "another parent": (4, 1, "indx"),
            "a code twice": (5, 0, "A"),
            "half a level": (3, 2, "1.5"),
            "another lever": (4, 6, "mayor"),
        },
    ),
    "units": (
        lambda name, content: read_units(name, content, SENT),
        "uCode,uName,country,population,latitude\nu1,One,MAR,1000,1.5\nu2,Two,EGY,2000,2.5\nu3,Three,LBN,3000,3.5\n",
        {
            "no country": (2, 2, "Morocco"),
            "off the earth": (3, 4, "91.5"),
            "no number": (4, 3, "many"),
            "a code twice": (4, 0, "u2"),
            "negative people": (2, 3, "-5"),
        },
    ),
    "sources": (
        lambda name, content: read_sources(name, content, SENT),
        "uCode,iCode,year,resolution,given\nu1,A,2023,city,1\nu2,A,2023,country,0\n",
        {"no year": (2, 2, "last"), "no resolution": (3, 3, "town"), "neither": (2, 4, "maybe")},
    ),
    "licences": (
        lambda name, content: read_licences(name, content, SENT),
        "source,licence,retrieved,redistribution\nBank,CC BY 4.0,2026-01-02,1\nOffice,own,2026-01-03,0\n",
        {"no day": (2, 2, "soon"), "neither": (3, 3, "perhaps"), "a source twice": (3, 0, "Bank")},
    ),
    "weights": (
        weights,
        "iCode,Parent,local_weight\nA,index,0.5\nB,index,0.25\nC,index,0.25\n",
        {"no number": (2, 2, "half"), "negative": (3, 2, "-1"), "another parent": (4, 1, "A")},
    ),
}
PAIRS = [
    (file, one, other)
    for file, (_, _, faults) in FILES.items()
    for one, other in combinations(faults, 2)
    if faults[one][:2] != faults[other][:2]
]


def planted(text, *faults):
    lines = [line.split(",") for line in text.splitlines()]
    for row, column, cell in faults:
        lines[row - 1][column] = cell
    return "".join(",".join(line) + "\n" for line in lines).encode()


def told(reader, content):
    with pytest.raises(FileProblemsError) as refused:
        reader("sent.csv", content)
    assert all(str(one) for one in refused.value.problems)
    return sorted((one.row, one.column) for one in refused.value.problems)


@pytest.mark.parametrize("file", FILES)
def test_file_without_a_fault_is_read(file):
    reader, text, _ = FILES[file]

    assert reader("sent.csv", text.encode())


@pytest.mark.parametrize(("file", "one", "other"), PAIRS)
def test_as_many_faults_are_told_as_were_planted(file, one, other):
    reader, text, faults = FILES[file]
    header = text.splitlines()[0].split(",")
    wanted = sorted((row, header[column]) for row, column, _ in (faults[one], faults[other]))

    assert told(reader, planted(text, faults[one], faults[other])) == wanted


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_any_number_of_faults_in_data_is_told(draw):
    reader, text, _ = FILES["data"]
    places = draw.draw(st.sets(st.tuples(st.integers(2, 5), st.integers(2, 4)), min_size=1, max_size=8))
    content = planted(text, *((row, column, "word") for row, column in places))

    assert told(reader, content) == sorted((row, "ABC"[column - 2]) for row, column in places)
