"""A file that could be read in two ways, on the desk and by API: refused, then sent again with the answer and read right."""

import io
import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from openpyxl import Workbook

from accounts.models import Role, Series, User
from accounts.usecases.roles import give_role
from scoring.files.tables import write_data
from scoring.files.units import write_units
from scoring.models import Dataset, Observation, UnitList, Upload
from tests.scoring.test_unit_lists import PLANNED
from tests.scoring.uploading import by_api, by_page, state_of

pytestmark = pytest.mark.django_db
API = "/api/v1/series/las/editions/2026/"
HEAD = "uCode,Region,A1,A2,A3,B1,C1"
CELLS = ("1.001", "2.002", "3.003", "4.004", "5.005")  # each a number with a point, another with a comma


@pytest.fixture
def enter(series, by):
    """Sign in a moderator of the series, a colleague of hers, or somebody of another series."""

    def entered(name):
        other = Series.objects.get_or_create(slug="other", names={"en": "Other"}, defaults={"created_at": by["at"]})[0]
        user, client = User.objects.create_user(name), Client()
        give_role(user, series=other if name == "stranger" else series, kind=Role.Kind.MODERATOR, **by)
        client.force_login(user)
        return client

    return entered


@pytest.fixture
def owner(enter):
    return enter("owner")


def desk(step="edition"):
    return reverse(f"scoring:desk_{step}", args=["las", "2026"])


def file(name, content):
    return SimpleUploadedFile(name, content if isinstance(content, bytes) else content.encode())


def rows(make_table, cells=CELLS):
    """The eight units with their regions, and these cells."""
    lines = write_data(make_table()).splitlines()
    names = lines[0].split(",")
    told = [dict(zip(names, line.split(","), strict=True)) for line in lines[1:]]
    return [[one["uCode"], one["Region"], *cells] for one in told]


@pytest.fixture
def table(make_table):
    def made(cells=CELLS):
        return {"table": file("cities.csv", "\n".join([HEAD, *(",".join(row) for row in rows(make_table, cells))]))}

    return made


@pytest.fixture
def two_sheets(make_table):
    """A workbook in which two sheets could be meant: last year's with 1 everywhere, and this year's with 2."""
    workbook = Workbook()
    workbook.remove(workbook.active)
    for title, cell in (("2025", 1), ("2026", 2)):
        sheet = workbook.create_sheet(title)
        for row in (HEAD.split(","), *rows(make_table, [cell] * 5)):
            sheet.append(row)
    content = io.BytesIO()
    workbook.save(content)
    return lambda: {"table": file("cities.xlsx", content.getvalue())}


@pytest.fixture
def listed(make_list):
    """The list of units, in whatever encoding the units are."""

    def made(encoding="utf-8"):
        units = make_list()
        text = write_units(units.units, units.groups).replace("City U1", "Cité U1")
        return {"units": file("units.csv", text.encode(encoding)), "sources": file("sources.csv", PLANNED)}

    return made


def stored():
    return set(Observation.objects.filter(indicator="A1").values_list("value", flat=True))


def words(response):
    return " ".join(response.content.decode().split())


# --- the desk -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["owner", "colleague"])
@pytest.mark.parametrize(("sign", "value"), [(".", 1.001), (",", 1001.0)])
def test_desk_asks_for_the_decimal_sign_and_reads_by_it(frozen, enter, table, who, sign, value):
    client = enter(who)
    refused = by_page(client, desk("data"), table())
    page = words(refused)
    assert (Upload.objects.get().problems_total, Dataset.objects.count()) == (1, 0)
    assert '<a href="#id_data_decimal">Decimal sign</a>' in page
    assert '<details class="settings" open>' in page
    assert "--" not in page.split('id="problems-')[1].split("</section>")[0]

    done = by_page(client, desk("data"), table() | {"decimal": sign})
    assert stored() == {value}
    assert "How the files were read" in words(done)
    assert f"<bdi>cities.csv</bdi>: Read with the decimal sign {sign}, as said." in words(done)


def test_desk_lets_no_stranger_say_anything(frozen, enter, table):
    assert enter("stranger").post(desk("data"), table() | {"decimal": ","}).status_code == 404
    assert Client().post(desk("data"), table() | {"decimal": ","}).url.startswith("/sign-in/")
    assert Dataset.objects.count() == 0


def test_desk_takes_the_sheet_that_is_said(frozen, owner, two_sheets):
    refused = by_page(owner, desk("data"), two_sheets())
    assert '<a href="#id_data_sheet">Sheet of the workbook</a>' in words(refused)
    wrong = by_page(owner, desk("data"), two_sheets() | {"sheet": "2024"})
    assert "there is no such visible sheet" in words(wrong)
    assert 'value="2024"' in words(wrong)
    assert Dataset.objects.count() == 0

    by_page(owner, desk("data"), two_sheets() | {"sheet": "2026"})
    assert stored() == {2.0}


def test_desk_takes_texts_that_mean_missing(frozen, owner, table):
    cells = ("n/a", "2", "3", "4", "5")
    refused = by_page(owner, desk("data"), table(cells))
    assert '<a href="#id_data_missing">Texts that mean missing</a>' in words(refused)

    done = by_page(owner, desk("data"), table(cells) | {"missing": "n/a"})
    assert (stored(), "n/a was read as missing, as said (cells: 8)." in words(done)) == (set(), True)


def test_desk_shows_how_files_were_read_before_anything_is_stored(frozen, owner, table):
    by_page(owner, desk("data"), table() | {"decimal": "."})
    preview = {"decimal": ",", "preview": "on"}
    page = words(by_page(owner, desk("data"), table() | preview))

    assert "Nothing was taken in." in page
    assert "Read with the decimal sign ,, as said." in page
    assert stored() == {1.001}


def test_desk_says_nothing_where_nothing_is_to_be_said(frozen, owner, table):
    page = by_page(owner, desk("data"), table(("1", "2", "3", "4", "5")))

    assert stored() == {1.0}
    assert "How the files were read" not in words(page)


def test_desk_keeps_the_fields_closed_until_one_of_them_is_needed(frozen, owner, table):
    for page in (owner.get(desk()), by_page(owner, desk("data"), table(("high", "2", "3", "4", "5")))):
        assert "If a file can be read in two ways" in words(page)
        assert '<details class="settings">' in words(page)


def test_desk_refuses_a_sign_that_is_none(frozen, owner, table):
    page = by_page(owner, desk("data"), table() | {"decimal": ";"})

    assert (page.status_code, '<details class="settings" open>' in words(page)) == (422, True)
    assert Dataset.objects.count() == 0


def test_desk_reads_a_list_of_units_in_the_encoding_that_is_said(edition, owner, listed):
    sent = {"rule_en": "Large ones."}
    refused = by_page(owner, desk("units"), listed("windows-1256") | sent)
    assert '<a href="#id_units_encoding">Encoding of the text</a>' in words(refused)
    assert UnitList.objects.count() == 1

    done = by_page(owner, desk("units"), listed("windows-1256") | sent | {"encoding": "windows-1256"})
    edition.refresh_from_db()
    assert edition.unit_list.content["units"][0]["names"]["en"] == "Cité U1"
    assert "<bdi>units.csv</bdi>: Read as windows-1256, as said." in words(done)


def test_what_is_stored_knows_nothing_of_how_it_was_read(edition, owner, listed):
    for sent in (listed("windows-1256"), listed()):
        by_page(owner, desk("units"), sent | {"rule_en": "Large ones.", "encoding": "windows-1256"})

    assert UnitList.objects.count() == 2  # beside the one of the edition: both files are one list
    assert "windows-1256" not in json.dumps(UnitList.objects.latest("pk").content)


# --- the API ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["owner", "colleague"])
@pytest.mark.parametrize(("sign", "value"), [(".", 1.001), (",", 1001.0)])
def test_api_asks_for_the_decimal_sign_and_reads_by_it(frozen, enter, table, who, sign, value):
    client = enter(who)
    refused = by_api(client, API + "data/", table())
    (error,) = refused.json()["problems"]
    assert (state_of(refused), error["code"], error["option"]) == (("refused", 1), "decimal", "decimal")
    assert "--" not in refused.content.decode()

    answer = by_api(client, API + "data/", table() | {"decimal": sign})
    assert (state_of(answer), stored()) == (("kept", 0), {value})
    assert answer.json()["notes"][0] == {
        "file": "cities.csv",
        "code": "decimal_said",
        "facts": {"sign": sign},
        "what": f"Read with the decimal sign {sign}, as said.",
    }


def test_api_lets_no_stranger_say_anything(frozen, enter, table):
    assert enter("stranger").post(API + "data/", table() | {"decimal": ","}).status_code == 404
    assert Client().post(API + "data/", table() | {"decimal": ","}).status_code == 403
    assert Dataset.objects.count() == 0


def test_api_takes_the_sheet_that_is_said(frozen, owner, two_sheets):
    refused = by_api(owner, API + "data/", two_sheets())
    assert [(error["code"], error["option"]) for error in refused.json()["problems"]] == [("sheets", "sheet")]

    answer = by_api(owner, API + "data/", two_sheets() | {"sheet": "2026"})
    assert (state_of(answer), stored()) == (("kept", 0), {2.0})
    assert [note["code"] for note in answer.json()["notes"]] == ["sheet"]


def test_api_says_how_files_would_be_read(frozen, owner, table):
    by_api(owner, API + "data/", table() | {"decimal": "."})
    answer = by_api(owner, API + "data/", table() | {"decimal": ",", "preview": "true"})

    assert [note["code"] for note in answer.json()["notes"]] == ["decimal_said", "thousands"]
    assert stored() == {1.001}


def test_api_reads_a_list_of_units_by_what_is_said(edition, owner, listed):
    rule = {"rule": json.dumps({"en": "Large ones."})}
    refused = by_api(owner, API + "units/", listed("windows-1256") | rule)
    assert [error["option"] for error in refused.json()["problems"]] == ["encoding"]

    said = {"encoding": "windows-1256", "thousands": "", "decimal": ""}
    answer = by_api(owner, API + "units/", listed("windows-1256") | rule | said)
    assert (state_of(answer), answer.json()["notes"][0]["facts"]) == (("kept", 0), {"encoding": "windows-1256"})


def test_api_refuses_a_sign_that_is_none(frozen, owner, table):
    answer = by_api(owner, API + "data/", table() | {"thousands": ";"})

    assert (answer.status_code, [error["field"] for error in answer.json()["errors"]]) == (400, ["thousands"])


def test_problem_that_nothing_answers_has_no_option(frozen, owner, table):
    (error, *_) = by_api(owner, API + "data/", table(("high", "2", "3", "4", "5"))).json()["problems"]

    assert (error["code"], error["option"]) == ("not_number", "")


# --- in her language ----------------------------------------------------------------------------------------------------


def test_desk_asks_in_her_language(frozen, owner, table):
    owner.cookies["django_language"] = "fr"
    page = words(by_page(owner, desk("data"), table()))

    assert '<a href="#id_data_decimal">Signe des décimales</a>' in page
    assert "Si un fichier peut être lu de deux façons" in page
