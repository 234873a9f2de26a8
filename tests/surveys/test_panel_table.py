"""People from pasted cells: columns in any order and any of the six languages, each row with what is wrong with it."""

import pytest

from surveys.files.panel_table import COLUMNS, NAMES, PeopleTable, read_people_table
from surveys.values.panel_people import NewPerson

RITA = NewPerson("rita@example.org", "Rita", "Maghreb", "fr", "Africa/Tunis", "energy", 1.5)


def faults(text, **more):
    table = read_people_table(text, **more)
    assert table.problem == ""
    return [[(fault.field, fault.code, fault.near) for fault in row.faults] for row in table.rows]


@pytest.mark.parametrize(
    "text",
    [
        (
            "email\tname\tregion\tlanguage\ttime zone\tfield\tweight\n"
            "rita@example.org\tRita\tMaghreb\tfr\tAfrica/Tunis\tenergy\t1.5"
        ),
        (
            "Poids;Langue;Nom;Courriel;Fuseau horaire;Domaine;Groupe\n"
            "1,5;Français;Rita;rita@example.org;Africa/Tunis;energy;Maghreb"
        ),
        (
            "peso,língua,nome,e-mail,fuso horário,área,região\n"
            '"1,5",francês,Rita,rita@example.org,africa/tunis,energy,Maghreb'
        ),
        (
            "Вес|Язык|Имя|Электронная почта|Часовой пояс|Область|Регион\n"
            "1.5|французский|Rita|rita@example.org|Africa/Tunis|energy|Maghreb"
        ),
        "权重\t语言\t姓名\t邮箱\t时区\t领域\t地区\n1.5\t法语\tRita\trita@example.org\tAfrica/Tunis\tenergy\tMaghreb",
        (
            "الوزن\tاللغة\tالاسم\tالبريد الإلكتروني\tالمنطقة الزمنية\tالمجال\tالمنطقة\n"
            "1.5\tالفرنسية\tRita\trita@example.org\tAfrica/Tunis\tenergy\tMaghreb"
        ),
        (
            "sep=;\nemail;name;region;language;time zone;field;weight\n"
            "rita@example.org;Rita;Maghreb;FR;Africa/Tunis;energy;1.5"
        ),
        (
            "\n\n EMAIL \tname\tGROUP\tlanguage\ttime_zone\tfield\tweight\n\n"
            " rita@example.org\t Rita\tMaghreb\tfr-CA\tAfrica/Tunis\tenergy\t1.5\n\n"
        ),
    ],
)
def test_columns_are_known_in_six_languages_and_any_order(text):
    table = read_people_table(text)

    assert [row.person for row in table.rows] == [RITA]
    assert (table.bad, table.rest, table.passed_over) == ((), "", ())


def test_names_of_columns_mean_one_thing_each():
    words = [name for names in COLUMNS.values() for name in names.split(", ")]

    assert len(words) == len(set(words))
    assert NAMES.shared == set()


def test_cells_end_early_hold_line_breaks_and_guarded_texts():
    table = read_people_table(
        'email\tname\tlanguage\n"rita@example.org"\t"Rita\nZ."\tfr\nomar@example.org', language="ar"
    )

    assert [(row.number, row.person.name, row.person.language) for row in table.rows] == [
        (2, "Rita Z.", "fr"),
        (4, "", "ar"),
    ]
    assert read_people_table("email\tname\tlanguage\nr@example.org\t'=Rita\tfr").rows[0].person.name == "=Rita"


@pytest.mark.parametrize(
    ("text", "problem", "facts"),
    [
        ("", "empty", ""),
        (" \n\t\n", "empty", ""),
        ("email\tname", "empty", ""),
        ("name\tgroup\nRita\tMaghreb", "no_address", ""),
        ("rita@example.org\tRita", "no_address", ""),
        ("email\tmail\nr@example.org\tr@example.org", "column_twice", "email, mail"),
        ("email\n" + "r@example.org\n" * 501, "too_many", "500"),
    ],
)
def test_table_without_rows_to_read_says_why(text, problem, facts):
    assert read_people_table(text) == PeopleTable(problem=problem, facts=facts)


def test_broken_quotes_are_told_in_the_words_of_files():
    table = read_people_table('email\tname\nr@example.org\t"Rita')

    assert (table.problem, bool(table.facts)) == ("unreadable", True)


def test_five_hundred_people_are_not_too_many():
    rows = "".join(f"p{number}@example.org\n" for number in range(500))

    assert len(read_people_table(f"email\n{rows}", language="en").good) == 500


@pytest.mark.parametrize(
    ("row", "found"),
    [
        ("rita@\tfr\t\t1", [("email", "invalid", "")]),
        ("\tfr\t\t1", [("email", "required", "")]),
        ("r@example.org\tChinesse\t\t1", [("language", "unknown", "Chinese")]),
        ("r@example.org\tKlingon\t\t1", [("language", "unknown", "")]),
        ("r@example.org\tzh-Hant\t\t1", [("language", "unknown", "")]),
        ("r@example.org\t\t\t1", [("language", "required", "")]),
        ("r@example.org\tfr\tAfrica/Cassablanca\t1", [("time_zone", "unknown", "Africa/Casablanca")]),
        ("r@example.org\tfr\t\tmuch", [("weight", "invalid", "")]),
        ("r@example.org\tfr\t\t-1", [("weight", "invalid", "")]),
        ("r@example.org\tfr\t\t1,500", [("weight", "invalid", "")]),  # or a thousand and more
        ("r@example.org\tfr\t\t\tmore", [("", "cells", "")]),
        (
            "r@\tKlingon\tx\tx",
            [
                ("email", "invalid", ""),
                ("language", "unknown", ""),
                ("time_zone", "unknown", ""),
                ("weight", "invalid", ""),
            ],
        ),
        ("r@example.org\tfr\t\t0", []),
        ("r@example.org\tfr\t\t٢", []),
    ],
)
def test_row_says_all_that_is_wrong_with_it(row, found):
    assert faults(f"email\tlanguage\ttime zone\tweight\n{row}") == [found]


def test_address_twice_is_the_later_row_s_fault():
    text = "email\nR@example.org\nr@example.org\nknown@example.org\nKNOWN@example.org"

    assert faults(text, language="fr", known={"known@example.org"}) == [
        [],
        [("email", "twice", "2")],
        [("email", "taken", "")],
        [("email", "taken", "")],
    ]


def test_rows_to_be_mended_are_left_as_they_were_pasted():
    text = "Name,E-mail,Extra,Language\n=R,rita@,x,fr\nOmar,omar@example.org,y,fr"

    table = read_people_table(text)

    assert table.rest == "Name\tE-mail\tExtra\tLanguage\n'=R\trita@\tx\tfr\n"
    assert (table.passed_over, len(table.good)) == (("Extra",), 1)
    assert [row.cells for row in read_people_table(table.rest).rows] == [table.bad[0].cells]
