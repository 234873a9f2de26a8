"""The pages of a panel: for its moderators, and nobody else; what is refused stays in its form, and nothing is kept."""

import re
from html import unescape

import pytest
from django.urls import reverse

from surveys.models import Mail, Panel, Panelist
from surveys.usecases.panel_people import take_in_people
from surveys.usecases.rounds import close_round, open_round, plan_round
from surveys.values.panel_people import NewPerson
from tests.guards import unguarded

pytestmark = pytest.mark.django_db
TABLE = "Mail address\tName\tRegion\tLanguage\n"
NEW = {"email": "rita@example.org", "group": "academia", "language": "fr", "weight": "1"}
FORMS = ["desk_panel", "plan_balance", "add_person", "people_table"]
PERSON = ["desk_panelist", "replace_panelist", "exempt_panelist", "readmit_panelist", "take_out_panelist"]


@pytest.fixture
def moderator(client, people):
    client.force_login(people["alice"])
    return client


def at(panel, name="desk_panel", person=None):
    more = {"person": person.uid} if person else {}
    return reverse(f"surveys:{name}", kwargs={"series": "las", "uid": panel.uid} | more)


def text_of(answer):
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.content.decode().partition("<main")[2])).split())


def heading(answer):
    found = re.search(r"<h1[^>]*>(.*?)</h1>", answer.content.decode(), flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", found[1])).split())


# --- who may --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "status"), [("bob", 404), ("charlie", 403)])
def test_others_read_and_change_nothing(client, opened, panel, panelists, people, name, status):
    client.force_login(people[name])
    she = panelists["P1"]
    addresses = [reverse("surveys:new_panel", args=["las"]), *(at(panel, one) for one in FORMS)]
    addresses += [at(panel, one, she) for one in (*PERSON, "withdraw_panelist")]
    addresses += [reverse("surveys:invite_owed", args=["las", opened.uid])]
    before = list(Panelist.objects.values()), list(Panel.objects.values()), Mail.objects.count()

    for one in addresses:
        answer = client.post(one, {"sure": "yes", "code": "P1"} | NEW)
        assert answer.status_code == (405 if one == at(panel) else status), one
    for one in FORMS:
        assert client.get(at(panel, one)).status_code == status

    assert before == (list(Panelist.objects.values()), list(Panel.objects.values()), Mail.objects.count())


def test_nobody_unsigned_reads_them(client, panel, panelists):
    for one in (*(at(panel, name) for name in FORMS), at(panel, "desk_panelist", panelists["P1"])):
        assert client.get(one).url.startswith("/sign-in/")


# --- a panel --------------------------------------------------------------------------------------------------------------


def test_panel_is_begun_with_a_name_and_a_promise(moderator, series):
    series.languages = ["fr", "ar"]
    series.save()
    address = reverse("surveys:new_panel", args=["las"])
    form = moderator.get(address).content.decode()
    assert 'name="name-fr"' in form
    assert 'name="name-en"' not in form

    refused = moderator.post(address, {"name-ar": " "})
    made = moderator.post(address, {"name-ar": "لجنة", "names_shown": "on"})

    panel = Panel.objects.get()
    assert (refused.status_code, made.url) == (422, at(panel, "people_table"))
    assert "Please give the panel a name in one language at least." in text_of(refused)
    assert (panel.names, panel.names_shown) == ({"ar": "لجنة"}, True)
    page = moderator.get(at(panel))
    assert heading(page) == "Nobody is in this panel yet"
    assert "Next: add people." in text_of(page)


def test_page_says_what_comes_next(moderator, panel, version, now):
    by = {"by": "mo", "at": now}
    assert heading(moderator.get(at(panel))) == "3 people are to be asked"
    assert "plan a round" in text_of(moderator.get(at(panel)))
    planned = plan_round(panel, version=version, seed=7, **by)
    assert "open round 1 , which is planned." in text_of(moderator.get(at(panel)))
    opened = open_round(planned, **by)
    assert heading(moderator.get(at(panel))) == "0 of 3 people have handed in"
    assert "see how round 1 goes." in text_of(moderator.get(at(panel)))
    take_in_people(panel, [NewPerson("rita@example.org", language="fr")], **by)
    assert "invite those who have no invitation yet." in text_of(moderator.get(at(panel)))
    close_round(opened, **by)
    assert "read or repeat round 1 , which is closed." in text_of(moderator.get(at(panel)))


def test_names_stand_on_the_page_only_where_that_was_promised(moderator, panel, opened):
    silent = text_of(moderator.get(at(panel)))
    with unguarded(Panel):
        Panel.objects.update(names_shown=True)
    told = text_of(moderator.get(at(panel)))

    assert ("Name 1" in silent, "Name 1" in told) == (False, True)
    assert "p1@example.org" not in silent + told


def test_nobody_is_found_in_a_panel_whose_addresses_are_destroyed(moderator, panel, panelists, now):
    Panel.objects.update(pairs_destroyed_at=now)

    page = moderator.get(at(panel))

    assert "destroyed" in text_of(page)
    assert "people/" not in page.content.decode()
    assert moderator.get(at(panel, "desk_panelist", panelists["P1"])).status_code == 404
    for name, sent in (("add_person", NEW), ("people_table", table_of(moderator, panel, "rita@example.org\tR\t\tfr"))):
        assert "destroyed" in text_of(moderator.post(at(panel, name), sent, follow=True))
    assert Panelist.objects.count() == 3


def test_plan_stands_beside_people(moderator, panel):
    address = at(panel, "plan_balance")
    sent = {"group": "academia 2\n\ncity hall: 5 ", "field": "", "language-ar": "1", "language-en": ""}

    assert moderator.post(address, sent).url == at(panel)

    assert Panel.objects.get().plan == {"group": {"academia": 2, "city hall": 5}, "field": {}, "language": {"ar": 1}}
    page = text_of(moderator.get(at(panel)))
    assert "academia 2 2 0 – – as planned" in page
    assert "city hall 5 0 0 – – 5 missing" in page
    form = moderator.get(address).content.decode()
    assert "academia 2\ncity hall 5" in form


@pytest.mark.parametrize(
    "sent",
    [
        {"group": "academia"},
        {"group": "6"},
        {"field": "energy x"},
        {"group": "a 1\na 2"},
        {"group": f"{'g' * 101} 1"},
        {"group": "academia 99999"},
        {"language-ar": "-1"},
        {"language-ar": "many"},
    ],
)
def test_plan_that_cannot_be_read_is_kept_in_its_form(moderator, panel, sent):
    answer = moderator.post(at(panel, "plan_balance"), sent)

    assert (answer.status_code, Panel.objects.get().plan) == (422, None)
    (value,) = sent.values()
    assert value in unescape(answer.content.decode())
    assert 'class="error"' in answer.content.decode()


# --- people ---------------------------------------------------------------------------------------------------------------


def test_person_is_taken_in_by_form(moderator, panel):
    answer = moderator.post(at(panel, "add_person"), NEW, follow=True)

    assert "1 person is taken in. Nobody is mailed by this." in text_of(answer)
    assert Panelist.objects.get(code="P04").email == "rita@example.org"
    assert Mail.objects.count() == 0


def test_everything_wrong_with_a_person_is_said_at_once(moderator, panel):
    sent = {"email": "rita@", "language": "", "time_zone": "Rabat", "weight": "much", "group": "academia"}

    answer = moderator.post(at(panel, "add_person"), sent)

    assert answer.status_code == 422
    page = text_of(answer)
    for said in (
        "Please enter a mail address, such as name@example.org.",
        "Please choose a language.",
        "There is no such time zone",
        "Please enter a number of 0 or more",
    ):
        assert page.count(said) == 2  # beside the field and in the summary
    assert 'value="rita@"' in answer.content.decode()
    assert Panelist.objects.count() == 3


def test_address_that_is_in_the_panel_is_refused_beside_its_field(moderator, panel):
    answer = moderator.post(at(panel, "add_person"), NEW | {"email": "P1@example.org"})

    assert answer.status_code == 422
    assert "Somebody in this panel has this address already." in text_of(answer)


# --- a table --------------------------------------------------------------------------------------------------------------


def table_of(client, panel, rows, language=""):
    """What is sent to take in the rows that were looked at."""
    sent = {"text": TABLE + rows, "language": language}
    page = client.post(at(panel, "people_table"), sent).content.decode()
    return sent | {"add": "yes", "seen": re.search(r'name="seen"\s+value="(\w*)"', page)[1]}


GOOD = "rita@example.org\tRita\tacademia\tfrançais\nomar@example.org\tOmar\tcity\tar"
BAD = "lin@example\tLin\tcity\tzh\np1@example.org\tP\tcity\ten\nrita@example.org\tR\tcity\ten\nivan@example.org\tI\t\tChinesse"


def test_rows_are_shown_with_their_faults_and_nothing_is_kept(moderator, panel):
    answer = moderator.post(at(panel, "people_table"), {"text": f"{TABLE}{GOOD}\n{BAD}"})

    page = text_of(answer)
    assert (answer.status_code, heading(answer)) == (200, "2 of 6 rows can be taken in")
    for said in (
        "4 lin@example Lin city 简体中文 Please enter a mail address, such as name@example.org.",
        "5 p1@example.org P city English Somebody in this panel has this address already.",
        "6 rita@example.org R city English Row 2 has the same address.",
        "7 ivan@example.org I Chinesse It is not known here; the nearest is Chinese.",
        "2 rita@example.org Rita academia Français ready",
        "Take in 2 people",
    ):
        assert said in page
    assert (Panelist.objects.count(), Mail.objects.count()) == (3, 0)
    assert answer["Cache-Control"] == "private, no-store"


def test_good_rows_are_taken_in_and_the_others_stay_to_be_mended(moderator, panel):
    answer = moderator.post(at(panel, "people_table"), table_of(moderator, panel, f"{GOOD}\n{BAD}"))

    assert (answer.status_code, heading(answer)) == (200, "0 of 4 rows can be taken in")
    assert "2 people are taken in." in text_of(answer)
    assert {one.email for one in Panelist.objects.filter(code__in=["P04", "P05"])} == {
        "rita@example.org",
        "omar@example.org",
    }
    left = unescape(re.search(r"<textarea.*?>(.*?)</textarea>", answer.content.decode(), flags=re.DOTALL)[1])
    assert left.strip() == f"{TABLE}{BAD}"

    again = moderator.post(at(panel, "people_table"), table_of(moderator, panel, GOOD))  # as a page that is loaded anew
    assert (again.status_code, Panelist.objects.count()) == (422, 5)
    assert "No row can be taken in as it is." in text_of(again)


def test_table_without_faults_leads_to_the_panel(moderator, panel):
    answer = moderator.post(at(panel, "people_table"), table_of(moderator, panel, GOOD))

    assert answer.url == at(panel)


def test_other_rows_than_those_looked_at_are_looked_at_first(moderator, panel):
    seen = table_of(moderator, panel, GOOD)

    answer = moderator.post(at(panel, "people_table"), seen | {"text": TABLE + GOOD.replace("rita", "rosa")})
    blind = moderator.post(at(panel, "people_table"), {"text": TABLE + GOOD, "add": "yes"})

    assert "nobody is taken in yet" in text_of(answer)
    assert "nobody is taken in yet" in text_of(blind)
    assert Panelist.objects.count() == 3


def test_language_of_rows_that_name_none_is_chosen_or_asked_for(moderator, panel):
    text = "e-mail\nrita@example.org"
    asked = moderator.post(at(panel, "people_table"), {"text": text})
    chosen = moderator.post(at(panel, "people_table"), {"text": text, "language": "ru"})

    assert "Please choose a language." in text_of(asked)
    assert heading(chosen) == "1 of 1 row can be taken in"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "Please paste the rows first."),
        ("\n \n", "a row for each person below it"),
        ("email", "a row for each person below it"),
        ("name\tlanguage\nRita\tfr", "none of them is the mail address"),
        ("email\tregion\tgroup\nr@example.org\ta\tb", "These columns mean the same: region, group."),
        ("email\n" + "r@example.org\n" * 501, "500 people at most"),
        ('email,name\nr@example.org,"Rita', "These cells could not be read:"),
        ("email\n" + "r" * 300_000, "300000 characters"),
    ],
)
def test_table_that_cannot_be_read_stays_in_its_form(moderator, panel, text, said):
    answer = moderator.post(at(panel, "people_table"), {"text": text})

    assert answer.status_code == 422
    assert said in text_of(answer)
    assert text.strip()[:200] in unescape(answer.content.decode())


def test_addresses_of_a_table_are_in_no_log(moderator, panel, caplog):
    caplog.set_level("DEBUG")

    moderator.post(at(panel, "people_table"), table_of(moderator, panel, f"{GOOD}\n{BAD}"))

    assert "taken" not in caplog.text
    assert not any(word in caplog.text for word in ("@example", "Rita", "Omar"))


# --- one person -----------------------------------------------------------------------------------------------------------


def test_address_is_corrected_without_being_shown(moderator, panel, panelists, opened):
    she = panelists["P1"]
    address = at(panel, "desk_panelist", she)
    page = moderator.get(address)
    assert "p1@example.org" not in page.content.decode()
    assert "An address is known and not shown here" in text_of(page)

    sent = {"email": "", "group": "academia", "language": "pt", "weight": "2", "field": "energy", "time_zone": ""}
    assert moderator.post(address, sent).url == address
    she.refresh_from_db()
    assert (she.email, she.language, she.weight, she.field) == ("p1@example.org", "pt", 2.0, "energy")

    moderator.post(address, sent | {"email": "p1@example.com"})
    she.refresh_from_db()
    assert she.email == "p1@example.com"


def test_page_of_a_person_shows_her_mails_and_what_is_owed(moderator, panel, panelists, opened, now):
    she = panelists["P1"]
    with unguarded(Mail):
        Mail.objects.filter(panelist=she).update(state="failed", error_code="recipient_refused")
    Mail.objects.create(panelist=she, round=opened, kind="reminder", state="sent", sent_at=now, queued_at=now)
    page = text_of(moderator.get(at(panel, "desk_panelist", she)))
    assert "Invitation 1 the address was refused" in page
    assert "Reminder 1 sent" in page
    assert "Mail P1 an invitation" not in page

    moderator.post(at(panel, "desk_panelist", she), {"email": "p1@example.com", "language": "en", "weight": "1"})
    page = text_of(moderator.get(at(panel, "desk_panelist", she)))

    assert "Mail P1 an invitation" in page
    assert "to an earlier address, or given up" in page


@pytest.mark.parametrize("sent", [{"email": "p1"}, {"email": "p2@example.org"}, {"language": "de"}, {"weight": "-1"}])
def test_bad_change_of_a_person_stays_in_its_form(moderator, panel, panelists, sent):
    answer = moderator.post(at(panel, "desk_panelist", panelists["P1"]), {"language": "en", "weight": "1"} | sent)

    assert answer.status_code == 422
    assert 'class="error"' in answer.content.decode()
    assert Panelist.objects.get(code="P1").email == "p1@example.org"


def test_group_and_weight_are_not_asked_for_once_they_count(moderator, panel, panelists, opened, now):
    close_round(opened, by="mo", at=now)
    address = at(panel, "desk_panelist", panelists["P1"])

    page = moderator.get(address).content.decode()
    moderator.post(address, {"language": "pt", "weight": "9", "group": "x"})

    assert 'name="weight"' not in page
    kept = Panelist.objects.get(code="P1")
    assert (kept.language, kept.weight, kept.group) == ("pt", 1.0, "academia")


def test_person_is_exempted_asked_again_and_replaced(moderator, panel, panelists, opened):
    she = panelists["P1"]
    said = []
    for name, sent in (
        ("exempt_panelist", {}),
        ("exempt_panelist", {}),
        ("readmit_panelist", {}),
        ("readmit_panelist", {}),
        ("replace_panelist", NEW | {"email": "p2@example.org"}),
        ("replace_panelist", NEW),
        ("replace_panelist", NEW | {"email": "omar@example.org"}),
    ):
        said.append(text_of(moderator.post(at(panel, name, she), sent, follow=True)))

    for page, words in zip(
        said,
        (
            "P1 is asked no more, and mailed nothing.",
            "This person is not asked any more already.",
            "P1 is asked again.",
            "This person is not exempted.",
            "Somebody in this panel has this address already.",
            "P1 is asked no more; another person is in the panel.",
            "Somebody is asked in this person’s place already.",
        ),
        strict=True,
    ):
        assert words in page
    assert "P04 is asked in this person’s place." in text_of(moderator.get(at(panel, "desk_panelist", she)))
    made = Panelist.objects.get(code="P04")
    assert "Asked in the place of P1." in text_of(moderator.get(at(panel, "desk_panelist", made)))
    form = moderator.get(at(panel, "replace_panelist", panelists["P2"])).content.decode()
    assert 'value="academia"' in form


def test_person_is_taken_out_before_and_not_after_an_invitation(moderator, panel, panelists, planned, now):
    out = moderator.post(at(panel, "take_out_panelist", panelists["P1"]), follow=True)
    open_round(planned, by="mo", at=now)
    kept = moderator.post(at(panel, "take_out_panelist", panelists["P2"]), follow=True)

    assert "P1 is taken out; nothing of this person remains." in text_of(out)
    assert "This person was invited and cannot be taken out" in text_of(kept)
    assert sorted(one.code for one in panel.panelists.all()) == ["P2", "P3"]
    assert moderator.get(at(panel, "desk_panelist", panelists["P1"])).status_code == 404


def test_withdrawal_on_request_asks_once(moderator, panel, panelists, opened):
    address = at(panel, "withdraw_panelist", panelists["P1"])

    asked = text_of(moderator.post(address, follow=True))
    done = text_of(moderator.post(address, {"sure": "yes"}, follow=True))
    again = text_of(moderator.post(address, {"sure": "yes"}, follow=True))

    assert "Please confirm that this person asked to withdraw." in asked
    assert "P1 has withdrawn" in done
    assert "This person has withdrawn." in again
    page = text_of(moderator.get(at(panel, "desk_panelist", panelists["P1"])))
    assert "What is known" not in page
    assert moderator.post(at(panel, "desk_panelist", panelists["P1"]), {"language": "fr"}).url == at(panel)


# --- late people ----------------------------------------------------------------------------------------------------------


def test_late_person_alone_is_invited_and_nobody_is_ticked(moderator, panel, opened, now):
    take_in_people(panel, [NewPerson("rita@example.org", language="fr")], by="mo", at=now)
    rounds_page = reverse("surveys:desk_round", args=["las", opened.uid])
    for page in (moderator.get(at(panel)), moderator.get(rounds_page)):
        assert re.findall(r'name="code"\s+value="(P04)"', page.content.decode()) == ["P04"]
        assert "checked" not in page.content.decode().partition('id="owed"')[2].partition("</form>")[0]
    address = reverse("surveys:invite_owed", args=["las", opened.uid])
    before = Mail.objects.count()

    said = [text_of(moderator.post(address, sent, follow=True)) for sent in ({}, {"code": "P04"}, {"code": "P04"})]

    assert "Nobody was chosen; nobody is mailed." in said[0]
    assert "1 invitation is on its way." in said[1]
    assert "They were invited already; nobody is mailed." in said[2]
    assert Mail.objects.count() == before + 1
    close_round(opened, by="mo", at=now)
    assert "The round is not open; nobody is invited." in text_of(moderator.post(address, {"code": "P04"}, follow=True))
