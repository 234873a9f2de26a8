"""A correction is a patch: what it does not say stays, with its source, year, level and mark."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exchange.layouts import Layout
from exchange.options import FileReading, ReadingOptions
from exchange.problems import FileProblemsError
from exchange.sheets import read_sheet
from scoring.files.data_changes import changes_between
from scoring.files.patches import (
    DataPatch,
    Removal,
    cell_of,
    merge,
    no_content,
    removal_problems,
    settle_times,
)
from scoring.files.sources import Source
from scoring.files.tables import table_of, write_data
from scoring.files.units import UnitRow
from scoring.numerics.types import Table, Tree, TreeCriterion

CODES, UNITS, TIMES = ("A", "B", "C"), ("cairo", "rabat", "tunis"), ("2024", "2025")
TREE = Tree((TreeCriterion("index", None), *(TreeCriterion(code, "index", is_indicator=True) for code in CODES)))
NUMBERS = st.sampled_from([0.0, 1.0, 2.5, -3.0, 1e6])
YEARS, LEVELS, TEXTS = (
    st.sampled_from([None, 0, 2023]),
    st.sampled_from(["", "city", "country"]),
    st.sampled_from(["", "X"]),
)
ALL = st.just(CODES)
GIVEN = st.sampled_from([None, True, False])


@st.composite
def tables(draw, columns=ALL):
    """Some units at some times, some values of them, and a group."""
    rows = draw(st.lists(st.sampled_from([(unit, time) for unit in UNITS for time in TIMES]), unique=True, min_size=1))
    codes = draw(columns)
    values = [[draw(st.one_of(st.just(float("nan")), NUMBERS)) for _ in codes] for _ in rows]
    return Table(
        units=tuple(unit for unit, _ in rows),
        names=("",) * len(rows),
        times=tuple(time for _, time in rows),
        columns=tuple(codes),
        values=np.array(values, dtype=np.float64).reshape(len(rows), len(codes)),
        groups={"Region": tuple(draw(st.sampled_from(["", "N", "S"])) for _ in rows)},
    )


def values_of(table):
    return {
        (unit, time, code): value
        for unit, time, row in zip(table.units, table.times, table.values.tolist(), strict=True)
        for code, value in zip(table.columns, row, strict=True)
        if not np.isnan(value)
    }


def sources_for(draw, table):
    cells = sorted(values_of(table))
    return tuple(
        Source(unit, code, time, draw(YEARS), draw(LEVELS), draw(TEXTS), draw(GIVEN))
        for unit, time, code in (draw(st.lists(st.sampled_from(cells), unique=True)) if cells else [])
    )


@st.composite
def contents(draw):
    """What stands: values, most with something known of where they come from."""
    table = draw(tables())
    units = tuple(
        UnitRow(code, {"en": code.title()}, ("Old",), "EGY", {"en": "Egypt"}, 5, 30.0, 31.0) for code in UNITS
    )
    return merge(no_content(CODES), DataPatch(table, sources_for(draw, table), units))


@st.composite
def patches(draw, *, with_sources=True):
    """A table with some of the columns, perhaps sources of its values."""
    table = draw(tables(st.lists(st.sampled_from(CODES), unique=True)))
    return DataPatch(table, sources_for(draw, table) if with_sources else ())


def known(content):
    """Return each value with all that is known of it."""
    values = values_of(content.table)
    return {cell_of(one): (values[cell_of(one)], one) for one in content.sources}


def same(one, other):
    assert known(one) == known(other)
    assert (one.units, one.table.groups, one.table.names) == (other.units, other.table.groups, other.table.names)
    assert write_data(one.table) == write_data(other.table)


@given(contents(), patches())
@settings(max_examples=200)
def test_what_is_not_sent_or_empty_keeps_all_four(stands, sent):
    before, after, said = known(stands), known(merge(stands, sent)), values_of(sent.table)
    assert {cell: after[cell] for cell in before if cell not in said} == {
        cell: one for cell, one in before.items() if cell not in said
    }
    assert {cell: after[cell][0] for cell in said} == said
    assert after.keys() == before.keys() | said.keys()


@given(contents(), patches(with_sources=False))
@settings(max_examples=200)
def test_table_alone_changes_no_origin_of_a_value_that_stays_and_claims_none_of_another(stands, sent):
    before, after = known(stands), known(merge(stands, sent))
    for cell, (value, source) in after.items():
        if cell in before and before[cell][0] == value:
            assert source == before[cell][1]
        else:
            unit, time, code = cell
            assert source == Source(unit, code, time)


@given(contents(), patches())
def test_sent_origin_is_laid_over_what_is_known_of_the_value(stands, sent):
    before, after = known(stands), known(merge(stands, sent))
    for said in sent.sources:
        value, source = after[cell_of(said)]
        stood = before.get(cell_of(said), (None, None))
        kept = stood[1] if stood[0] == value else Source(said.unit, said.indicator, said.time)
        for name in ("year", "resolution", "source", "given"):
            told = getattr(said, name)
            assert getattr(source, name) == (getattr(kept, name) if told in (None, "") else told)


@given(contents(), st.data())
def test_remove_takes_a_value_and_its_source_away_and_nothing_else(stands, data):
    before = known(stands)
    taken = set(data.draw(st.lists(st.sampled_from(sorted(before)), unique=True))) if before else set()
    removed = frozenset(Removal("data", unit, time, "", code) for unit, time, code in taken)
    after = merge(stands, DataPatch(removed=removed))
    assert known(after) == {cell: one for cell, one in before.items() if cell not in taken}
    assert changes_between(stands, after).removed == tuple(sorted(taken))
    same(after, merge(after, DataPatch(removed=removed)))


@given(contents())
def test_merged_with_itself_nothing_changes(stands):
    again = merge(stands, DataPatch(stands.table, stands.sources, stands.units))
    same(stands, again)
    same(stands, merge(stands, DataPatch()))
    assert not changes_between(stands, again)


@given(contents(), patches(), st.randoms(use_true_random=False))
def test_order_of_rows_and_columns_plays_no_part(stands, sent, random):
    rows, columns = list(range(len(sent.table.units))), list(sent.table.columns)
    sources, units = list(sent.sources), list(stands.units)
    for one in (rows, columns, sources, units):
        random.shuffle(one)
    table = sent.table.take_rows(np.array(rows)).take_columns(tuple(columns))
    shuffled = DataPatch(table, tuple(sources), tuple(units))
    same(merge(stands, replace(sent, units=stands.units)), merge(stands, shuffled))


@given(contents(), patches())
def test_what_is_told_of_a_correction_is_what_it_does(stands, sent):
    after = merge(stands, sent)
    old, new, told = known(stands), known(after), changes_between(stands, after)
    assert set(told.changed) == {cell for cell in old if new[cell][0] != old[cell][0]}
    assert (set(told.added), told.removed) == (new.keys() - old.keys(), ())
    assert set(told.sources) == {cell for cell in old if new[cell][1] != old[cell][1]}
    assert set(told.forgotten) <= set(told.changed)


# --- units and labels ---------------------------------------------------------------------------------------------------

CAIRO = UnitRow("cairo", {"en": "Cairo", "ar": "القاهرة"}, ("Masr",), "EGY", {"en": "Egypt"}, 9, 30.0, 31.0)


@pytest.fixture
def stands():
    table = Table(
        ("cairo", "rabat"), ("", ""), ("2025", "2025"), CODES, np.array([[1.0, 2.0, np.nan], [4.0, 5.0, 6.0]]),
        {"Region": ("N", "W")}, {"Pop": np.array([10.0, 20.0])},
    )  # fmt: skip
    sources = (Source("cairo", "A", "2025", 2020, "country", "Atlas", given=False),)
    return merge(no_content(CODES), DataPatch(table, sources, (CAIRO, UnitRow("rabat", {"en": "Rabat"}))))


def unit(content, code="cairo"):
    return next(one for one in content.units if one.code == code)


def test_what_is_left_out_of_a_unit_stays(stands):
    sent = UnitRow("cairo", {"fr": "Le Caire"}, population=10)
    after = merge(stands, DataPatch(units=(sent,)))
    assert unit(after) == replace(CAIRO, names=dict(CAIRO.names) | {"fr": "Le Caire"}, population=10)
    assert unit(after, "rabat") == unit(stands, "rabat")
    assert changes_between(stands, after).counts == changes_between(stands, stands).counts | {"units_changed": 1}
    assert known(after) == known(stands)


def test_unit_in_another_country_takes_that_one_s_name(stands):
    sent = DataPatch(units=(UnitRow("cairo", {}, country="MAR"),))
    after = merge(stands, sent, countries={"MAR": {"en": "Morocco"}})
    assert (unit(after).country, unit(after).country_names) == ("MAR", {"en": "Morocco"})


@pytest.mark.parametrize(
    ("column", "field", "left"),
    [
        ("aliases", "aliases", ()),
        ("population", "population", None),
        ("country", "country", ""),
        ("uName_ar", "names", {"en": "Cairo"}),
        ("uName", "names", {"ar": "القاهرة"}),
        ("cName", "country_names", {}),
    ],
)
def test_remove_takes_what_is_said_of_a_unit(stands, column, field, left):
    after = merge(stands, DataPatch(removed=frozenset({Removal("units", "cairo", "", "", column)})))
    assert getattr(unit(after), field) == left


def test_remove_takes_a_year_or_a_group_or_a_denominator(stands):
    removed = frozenset(
        {
            Removal("sources", "cairo", "2025", "A", "year"),
            Removal("sources", "cairo", "2025", "A", "given"),
            Removal("data", "cairo", "2025", "", "Region"),
            Removal("data", "rabat", "2025", "", "Pop"),
        }
    )
    after = merge(stands, DataPatch(removed=removed))
    assert after.sources[0] == Source("cairo", "A", "2025", None, "country", "Atlas", None)
    assert after.table.groups == {"Region": ("", "W")}
    assert np.array_equal(after.table.denominators["Pop"], [10.0, np.nan], equal_nan=True)


def test_groups_and_denominators_left_out_stay_and_new_ones_come_in(stands):
    table = Table(("rabat",), ("",), ("2025",), ("A",), np.array([[np.nan]]), {"Region": ("",), "Size": ("big",)})
    after = merge(stands, DataPatch(table))
    assert after.table.groups == {"Region": ("N", "W"), "Size": ("", "big")}
    assert after.table.denominators["Pop"].tolist() == [10.0, 20.0]


# --- times --------------------------------------------------------------------------------------------------------------


def row(unit, time, value=7.0):
    return Table((unit,), ("",), (time,), ("A",), np.array([[value]]))


def test_time_left_out_is_the_only_one_it_can_be(stands):
    sent = DataPatch(
        Table(("cairo", "tunis"), ("", ""), ("", ""), ("A",), np.array([[7.0], [8.0]])),
        (Source("cairo", "B", year=2021),),
        removed=frozenset({Removal("data", "rabat", "", "", "A"), Removal("units", "rabat", "", "", "aliases")}),
    )
    settled, problems = settle_times(stands, sent)
    assert problems == []
    assert settled.table.times == ("2025", "2025")
    assert settled.sources[0].time == "2025"
    assert {one.time for one in settled.removed} == {"2025", ""}


def test_time_that_could_be_several_is_asked(stands):
    both = merge(stands, DataPatch(row("cairo", "2024")))
    _, problems = settle_times(both, DataPatch(row("cairo", "")))
    assert [str(one) for one in problems] == ["data::Time: cairo stands at several times, allowed 2024, 2025"]
    _, problems = settle_times(both, DataPatch(sources=(Source("cairo", "A"),)))
    assert [(one.file, one.column) for one in problems] == [("sources", "Time")]


def test_unit_that_stands_twice_once_its_time_is_settled_is_refused(stands):
    table = Table(("cairo", "cairo"), ("", ""), ("", "2025"), ("A",), np.array([[7.0], [8.0]]))
    _, problems = settle_times(stands, DataPatch(table))
    assert [one.what for one in problems] == ["cairo stands twice at 2025"]


def test_taking_away_where_nothing_stands_is_refused(stands):
    removed = [Removal("data", "cairo", "2024", "", "A"), Removal("data", "cairo", "2025", "", "uName")]
    found = list(removal_problems(stands, DataPatch(removed=frozenset(removed))))
    assert [(one.column, one.what) for one in found] == [
        ("A", "nothing stands of cairo at 2024 that could be taken away"),
        ("uName", "nothing stands of cairo at 2025 that could be taken away"),
    ]


SENT = FileReading(ReadingOptions())

# --- columns of a patch -------------------------------------------------------------------------------------------------


def sheet(text):
    return read_sheet("data.csv", text.encode(), Layout(("uCode",)), SENT)


def test_patch_needs_only_the_columns_it_changes():
    table = table_of(sheet("uCode,B\ncairo,3\n"), TREE, is_patch=True, reading=SENT)
    assert (table.columns, table.values.tolist()) == (("B",), [[3.0]])
    table = table_of(sheet("uCode,Region\ncairo,N\n"), TREE, others=("Region",), is_patch=True, reading=SENT)
    assert (table.columns, table.values.shape, table.groups) == ((), (1, 0), {"Region": ("N",)})


@pytest.mark.parametrize(
    ("header", "column"), [("uCode,Size", "Size"), ("uCode,B,Size", "Size"), ("uCode,internet,B", "internet")]
)
def test_column_of_a_patch_that_nobody_knows_does_not_vanish(header, column):
    tree = Tree((*TREE.criteria, TreeCriterion("Internet", "index", is_indicator=True)))
    cells = ",".join("1" for _ in header.split(",")[1:])
    with pytest.raises(FileProblemsError) as refused:
        table_of(sheet(f"{header}\ncairo,{cells}\n"), tree, is_patch=True, reading=SENT)
    assert [one.column for one in refused.value.problems] == [column]
