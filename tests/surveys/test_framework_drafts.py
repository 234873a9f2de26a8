"""A series builds its indicator system: one criterion at a time, pasted as a whole, undone, and frozen in the end."""

import threading

import pytest
from django.db import connection, transaction

from surveys import handover
from surveys.errors import BadFrameworkError, CriterionError, RoundStateError, StaleDraftError
from surveys.files.framework import read_framework, write_framework
from surveys.models import Framework, FrameworkChange, FrameworkVersion
from surveys.queries.frameworks import revision_of, rows_of
from surveys.usecases.framework_drafts import (
    add_criterion,
    begin_framework,
    delete_criterion,
    group_criteria,
    move_criterion,
    redraft_framework,
    replace_criteria,
    shift_criterion,
    translate_criterion,
    undo_change_of_framework,
    word_criterion,
)
from surveys.usecases.frameworks import freeze_framework
from surveys.values.framework import FrameworkRow
from surveys.values.framework_changes import changes_between
from surveys.values.framework_edits import MOST_CRITERIA, settled, suggested_code
from surveys.values.framework_page import framework_tree, spoken_languages, with_texts
from tests.surveys.conftest import small_framework

pytestmark = pytest.mark.django_db


@pytest.fixture
def by(now):
    return {"by": "mo", "at": now}


@pytest.fixture
def draft(series, by):
    return begin_framework(series, names={"en": "City"}, rows=small_framework(), **by)


def codes(version):
    return [(row.code, row.parent) for row in rows_of(version)]


SMALL = [("Root", None), ("A", "Root"), ("A1", "A"), ("A2", "A"), ("A3", "A"), ("B", "Root"), ("B1", "B")]
SMALL += [("C", "Root"), ("C1", "C")]


def test_framework_begins_with_a_top_of_its_name(series, by):
    made = begin_framework(series, names={"en": " Smart city of tomorrow and after ", "fr": " "}, **by)

    assert (made.framework.series, made.number, made.state) == (series, 1, "draft")
    assert made.framework.names == {"en": "Smart city of tomorrow and after"}
    (top,) = rows_of(made)
    assert (top.code, top.kind, top.names) == ("SmartCityOf", "Aggregate", made.framework.names)


def test_framework_without_a_name_is_not_begun(series, by):
    with pytest.raises(CriterionError) as refused:
        begin_framework(series, names={"en": "  "}, **by)

    assert (refused.value.facts["field"], refused.value.facts["why"]) == ("name", "no_name")
    assert not Framework.objects.exists()


def test_frameworks_of_one_name_stand_side_by_side(series, by):
    slugs = [begin_framework(series, names={"ar": "مدينة"}, **by).framework.slug for _ in range(3)]

    assert slugs == ["las-framework", "las-framework-2", "las-framework-3"]


def test_rows_are_kept_depth_first_with_their_levels(draft):
    assert codes(draft) == SMALL
    assert [row.level for row in rows_of(draft)] == [3, 2, 1, 1, 1, 2, 1, 2, 1]


def test_criterion_is_added_with_a_code_made_of_its_name(draft, by):
    said = {"names": {"en": "Air quality index"}, "kind": "Indicator"}
    add_criterion(draft, parent="B", said=said, seen=0, **by)
    add_criterion(draft, parent="B", said=said, seen=1, **by)
    add_criterion(draft, parent="B", said={"names": {"ar": "هواء"}, "kind": "Indicator"}, seen=2, **by)

    added = [row.code for row in rows_of(draft) if row.parent == "B"]
    assert added == ["B1", "AirQualityIndex", "AirQualityIndex2", "C2"]  # C1 stands already
    assert revision_of(draft) == 3


@pytest.mark.parametrize(
    ("parent", "said", "why"),
    [
        ("A1", {"names": {"en": "x"}}, "no_group"),
        ("Nowhere", {"names": {"en": "x"}}, "no_group"),
        ("A", {"names": {"en": " "}}, "no_name"),
        ("A", {"names": {"en": "x"}, "code": "B1"}, "code_twice"),
        ("A", {"names": {"en": "x"}, "code": "a b"}, "bad_code"),
        ("A", {"names": {"en": "x"}, "code": "x" * 65}, "bad_code"),
    ],
)
def test_criterion_that_cannot_stand_there_is_refused(draft, by, parent, said, why):
    with pytest.raises(CriterionError) as refused:
        add_criterion(draft, parent=parent, said=said, seen=0, **by)

    assert refused.value.facts["why"] == why
    assert codes(draft) == SMALL
    assert not FrameworkChange.objects.exists()


def test_more_criteria_than_a_page_can_show_are_refused():
    rows = [FrameworkRow("R", kind="Aggregate"), *(FrameworkRow(f"I{n}", "R") for n in range(MOST_CRITERIA))]

    with pytest.raises(CriterionError, match=str(MOST_CRITERIA)):
        settled(rows)
    assert len(settled(rows[:-1])) == MOST_CRITERIA


def test_new_code_is_followed_by_what_stands_under_it(draft, by):
    word_criterion(draft, code="A", said={"code": "Air", "names": {"en": "Air"}, "unit": ""}, seen=0, **by)

    assert [code for code, parent in codes(draft) if parent == "Air"] == ["A1", "A2", "A3"]


@pytest.mark.parametrize(
    ("code", "said", "why"),
    [
        ("A", {"kind": "Indicator"}, "has_children"),
        ("A", {"names": {}}, "no_name"),
        ("A", {"code": "B"}, "code_twice"),
        ("Gone", {"unit": "km"}, "gone"),
    ],
)
def test_words_that_break_the_tree_are_refused(draft, by, code, said, why):
    with pytest.raises(CriterionError) as refused:
        word_criterion(draft, code=code, said=said, seen=0, **by)

    assert refused.value.facts["why"] == why
    assert codes(draft) == SMALL


def test_indicator_may_become_a_group_and_back(draft, by):
    word_criterion(draft, code="B1", said={"kind": "Aggregate"}, seen=0, **by)
    assert [row.level for row in rows_of(draft) if row.code in {"B", "B1"}] == [3, 2]
    word_criterion(draft, code="B1", said={"kind": "Indicator"}, seen=1, **by)
    assert [row.level for row in rows_of(draft) if row.code in {"B", "B1"}] == [2, 1]


def test_translation_changes_texts_alone(draft, by):
    before = next(row for row in rows_of(draft) if row.code == "B1")
    translate_criterion(draft, code="B1", names={"en": "B", "fr": "Bé"}, definitions={"fr": "Oui"}, seen=0, **by)
    after = next(row for row in rows_of(draft) if row.code == "B1")

    assert (after.names, after.definitions) == ({"en": "B", "fr": "Bé"}, {"fr": "Oui"})
    assert (after.direction, after.parent, after.code) == (before.direction, before.parent, before.code)


def test_criterion_moves_with_all_below_it(draft, by):
    move_criterion(draft, code="A", parent="B", seen=0, **by)

    assert codes(draft) == [
        ("Root", None), ("B", "Root"), ("B1", "B"), ("A", "B"), ("A1", "A"), ("A2", "A"), ("A3", "A"), ("C", "Root"), ("C1", "C"),
    ]  # fmt: skip
    assert rows_of(draft)[0].level == 4


@pytest.mark.parametrize(
    ("code", "parent", "why"),
    [("A", "A", "cycle"), ("Root", "A", "cycle"), ("A", "B1", "no_group"), ("A", "X", "gone"), ("X", "A", "gone")],
)
def test_criterion_does_not_move_where_it_cannot_stand(draft, by, code, parent, why):
    with pytest.raises(CriterionError) as refused:
        move_criterion(draft, code=code, parent=parent, seen=0, **by)

    assert refused.value.facts["why"] == why
    assert codes(draft) == SMALL


@pytest.mark.parametrize(
    ("code", "members", "names", "why"),
    [
        ("A", [], {"en": "x"}, "no_members"),
        ("A", ["A1", "B1"], {"en": "x"}, "no_members"),
        ("A1", ["A2"], {"en": "x"}, "no_members"),
        ("X", ["A1"], {"en": "x"}, "gone"),
        ("A", ["A1"], {"en": " "}, "no_name"),
    ],
)
def test_group_that_cannot_be_made_is_refused(draft, by, code, members, names, why):
    with pytest.raises(CriterionError) as refused:
        group_criteria(draft, code=code, members=members, names=names, seen=0, **by)

    assert refused.value.facts["why"] == why
    assert codes(draft) == SMALL


def test_grouping_asks_fewer_pairs(series, by):
    rows = [FrameworkRow("R", kind="Aggregate"), *(FrameworkRow(f"I{n}", "R", names={"en": "x"}) for n in range(12))]
    wide = begin_framework(series, names={"en": "Wide"}, rows=rows, **by)
    group_criteria(wide, code="R", members=[f"I{n}" for n in range(3, 9)], names={"en": "Six"}, seen=0, **by)

    found = tree(rows_of(wide), "en")
    assert {line.code: line.pairs for line in found.lines if line.is_group} == {"R": 21, "Six": 15}
    assert [line.code for line in found.lines if line.row.parent == "R"][:4] == ["I0", "I1", "I2", "Six"]


def test_criterion_goes_up_and_down_with_what_is_below_it(draft, by):
    shift_criterion(draft, code="B", step=-1, seen=0, **by)
    assert [code for code, _parent in codes(draft)] == ["Root", "B", "B1", "A", "A1", "A2", "A3", "C", "C1"]
    shift_criterion(draft, code="B", step=1, seen=1, **by)
    assert codes(draft) == SMALL


@pytest.mark.parametrize(("code", "step"), [("A", -1), ("C", 1), ("Root", 1), ("A2", 0)])
def test_at_the_end_it_stays_and_nothing_is_kept(draft, by, code, step):
    shift_criterion(draft, code=code, step=step, seen=0, **by)

    assert codes(draft) == SMALL
    assert revision_of(draft) == 0


def test_deleted_criterion_takes_all_below_with_it(draft, by):
    delete_criterion(draft, code="A", seen=0, **by)

    assert [code for code, _parent in codes(draft)] == ["Root", "B", "B1", "C", "C1"]
    with pytest.raises(CriterionError) as refused:
        delete_criterion(draft, code="Root", seen=1, **by)
    assert refused.value.facts["why"] == "root_stays"


def test_changes_are_undone_one_after_the_other(draft, by):
    before = rows_of(draft)
    delete_criterion(draft, code="A", seen=0, **by)
    word_criterion(draft, code="B1", said={"unit": "km", "target": 1.5}, seen=1, **by)
    middle = rows_of(draft)
    shift_criterion(draft, code="B", step=1, seen=2, **by)

    undo_change_of_framework(draft, seen=3, **by)
    assert rows_of(draft) == middle
    undo_change_of_framework(draft, seen=4, **by)
    undo_change_of_framework(draft, seen=5, **by)
    assert rows_of(draft) == before
    undo_change_of_framework(draft, seen=6, **by)  # there is nothing more
    assert (rows_of(draft), revision_of(draft)) == (before, 6)
    add_criterion(draft, parent="A", said={"names": {"en": "New"}}, seen=6, **by)
    undo_change_of_framework(draft, seen=7, **by)
    assert rows_of(draft) == before


CHANGES = {
    "add": lambda version, **more: add_criterion(version, parent="A", said={"names": {"en": "x"}}, **more),
    "word": lambda version, **more: word_criterion(version, code="A", said={"unit": "km"}, **more),
    "translate": lambda version, **more: translate_criterion(
        version, code="A", names={"en": "x"}, definitions={}, **more
    ),
    "move": lambda version, **more: move_criterion(version, code="A", parent="B", **more),
    "group": lambda version, **more: group_criteria(version, code="A", members=["A1"], names={"en": "G"}, **more),
    "shift": lambda version, **more: shift_criterion(version, code="A", step=1, **more),
    "delete": lambda version, **more: delete_criterion(version, code="A", **more),
    "replace": lambda version, **more: replace_criteria(version, rows=small_framework()[:2], **more),
    "undo": undo_change_of_framework,
    "freeze": freeze_framework,
}


@pytest.mark.parametrize("name", CHANGES)
def test_second_of_two_people_is_told(draft, by, name):
    delete_criterion(draft, code="C", seen=0, **by)
    before = rows_of(draft)

    with pytest.raises(StaleDraftError) as refused:
        CHANGES[name](draft, seen=0, **by)

    assert refused.value.facts == {"revision": 1}
    assert rows_of(draft) == before
    CHANGES[name](draft, seen=1, **by)


@pytest.mark.parametrize("name", CHANGES)
def test_frozen_version_never_changes(draft, by, name):
    freeze_framework(draft, seen=0, **by)
    before = rows_of(draft)

    with pytest.raises(RoundStateError):
        CHANGES[name](draft, seen=0, **by)

    assert rows_of(draft) == before


def test_frozen_version_keeps_no_change(draft, by):
    delete_criterion(draft, code="A", seen=0, **by)
    freeze_framework(draft, seen=1, **by)

    assert not FrameworkChange.objects.exists()
    assert handover.framework(draft.uid).tree.indicators == ("B1", "C1")


def test_unfinished_tree_is_not_frozen(draft, by):
    delete_criterion(draft, code="B1", seen=0, **by)

    with pytest.raises(BadFrameworkError, match="no children"):
        freeze_framework(draft, seen=1, **by)
    draft.refresh_from_db()
    assert draft.is_draft


def test_next_version_is_a_copy_and_made_once(draft, by):
    with pytest.raises(RoundStateError):
        redraft_framework(draft, **by)
    freeze_framework(draft, **by)

    second = redraft_framework(FrameworkVersion.objects.get(pk=draft.pk), **by)
    again = redraft_framework(FrameworkVersion.objects.get(pk=draft.pk), **by)

    assert second == again
    assert (second.number, second.state) == (2, "draft")
    assert rows_of(second) == rows_of(draft)


def test_pasted_criteria_take_the_place_of_all(draft, by):
    rows = settled([*small_framework()[:2], FrameworkRow("G", kind="Group", names={"en": "Group"})])
    replace_criteria(draft, rows=rows, seen=0, **by)

    assert rows_of(draft) == rows
    with pytest.raises(CriterionError) as refused:
        replace_criteria(draft, rows=[], seen=1, **by)
    assert refused.value.facts["why"] == "roots"


@pytest.mark.django_db(transaction=True)
@pytest.mark.postgresql
def test_two_at_once_change_it_one_after_the_other(draft, by, eventually, somebody_waits_for_a_lock):
    told = []

    def second():
        try:
            delete_criterion(draft, code="B", seen=0, **by)
        except StaleDraftError as error:
            told.append(error.facts)
        finally:
            connection.close()

    thread = threading.Thread(target=second)
    with transaction.atomic():
        delete_criterion(draft, code="A", seen=0, **by)
        thread.start()
        eventually(somebody_waits_for_a_lock)
    thread.join()

    assert told == [{"revision": 1}]
    assert "B" in {row.code for row in rows_of(draft)}


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        ([FrameworkRow("A", "B", kind="Aggregate"), FrameworkRow("B", "A", kind="Aggregate")], "cycle"),
        ([FrameworkRow("A", kind="Aggregate"), FrameworkRow("B", kind="Aggregate")], "roots"),
        ([FrameworkRow("A", kind="Aggregate"), FrameworkRow("A", "A")], "code_twice"),
    ],
)
def test_rows_that_are_no_tree_are_refused(series, by, rows, why):
    with pytest.raises(CriterionError) as refused:
        begin_framework(series, names={"en": "City"}, rows=rows, **by)

    assert refused.value.facts["why"] == why
    assert not Framework.objects.exists()


def test_suggested_codes_are_free_whatever_their_case():
    assert suggested_code({"en": "Clean air"}, ["cleanair", "CleanAir2"]) == "CleanAir3"
    assert suggested_code({"fr": "Éducation & santé"}, []) == "EducationSante"
    assert suggested_code({"ar": "هواء", "ru": "воздух"}, ["C1"]) == "C2"


# --- what a page shows of it --------------------------------------------------------------------------------------------


def tree(rows, *languages):
    return framework_tree(settled(rows), spoken_languages(languages))


def test_tree_says_what_each_node_asks():
    many = [FrameworkRow(f"B{n}", "B", unit="km", source="S", names={"en": "x"}) for n in range(12)]
    found = tree([*small_framework()[:7], FrameworkRow("C1", "C"), *many], "en")

    asked = {line.code: (line.children, line.pairs, line.minutes) for line in found.lines if line.is_group}
    assert asked == {"Root": (3, 3, 1), "A": (3, 3, 1), "B": (12, 66, 17), "C": (1, 0, 0)}
    assert (found.pairs, found.minutes, found.indicators) == (72, 18, 16)
    doubts = {line.code: line.doubts for line in found.lines}
    assert (doubts["Root"], doubts["B"], doubts["C"], doubts["B1"]) == ((), ("many",), ("single",), ())
    assert doubts["C1"] == ("no_unit", "no_source")
    assert found.is_finished
    assert [line.code for line in found.below("C")] == ["C1"]


def test_seven_children_are_not_many_and_none_is_unfinished():
    rows = [FrameworkRow("R", kind="Aggregate", names={"en": "R"}), *(FrameworkRow(f"I{n}", "R") for n in range(7))]
    assert tree(rows, "en").line("R").doubts == ()
    assert tree([*rows, FrameworkRow("I8", "R")], "en").line("R").doubts == ("many",)
    unfinished = tree(rows[:1], "en")
    assert (unfinished.line("R").doubts, unfinished.is_finished) == (("childless",), False)


def test_missing_texts_are_told_by_language():
    rows = small_framework()
    found = {gap.language.code: gap for gap in tree(rows, "en", "ar").gaps}

    assert (found["en"].names, found["en"].definitions) == ((), ())
    assert found["ar"].names == ("A", "A1", "A2", "A3", "B", "B1", "C", "C1")  # the top has an Arabic name
    assert found["ar"].definitions == ("A1", "A2", "A3")
    assert tree(rows, "en", "ar").missing == 11
    assert {one.code: one.direction for one in spoken_languages(["ar", "en"])} == {"ar": "rtl", "en": "ltr"}


def test_text_in_another_spelling_of_the_language_gives_way():
    assert with_texts({"zh": "旧", "en": "old", "tr": "eski"}, {"zh-hans": "新", "en": ""}) == {
        "zh-hans": "新",
        "tr": "eski",
    }


def test_changes_are_told_criterion_by_criterion():
    before = settled(small_framework())
    rows = [row for row in small_framework() if row.code != "A3"]
    rows[4] = FrameworkRow("A1", "A", names={"en": "Renamed"}, definitions={"en": "About A1"})
    rows.append(FrameworkRow("N", "B", names={"en": "New"}))
    rows = [FrameworkRow("C1", "A", unit="km", names={"en": "C1"}) if row.code == "C1" else row for row in rows]
    found = changes_between(before, settled(rows))

    assert [(one.kind, one.code) for one in found] == [
        ("added", "N"),
        ("renamed", "A1"),
        ("moved", "C1"),
        ("changed", "C1"),
        ("gone", "A3"),
    ]
    assert changes_between(before, before) == ()


def test_what_is_downloaded_is_read_again(draft):
    assert settled(read_framework("again.csv", write_framework(rows_of(draft)).encode())) == rows_of(draft)
