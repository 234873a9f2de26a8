"""What panelists agree to is kept with them, and the table of pairs ends as it was promised."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils.html import strip_tags
from django.utils.translation import override

from accounts.models import Role
from accounts.usecases.roles import give_role
from surveys import handover
from surveys.errors import BadPanelError, UnknownLinkError
from surveys.models import Consent, ConsentWording, Judgement, Mail, Panelist, PublicationCode, ReceiptSecret
from surveys.queries.panelist.consent import consent_of, consent_terms
from surveys.queries.panelist.links import panelist_for, personal_token
from surveys.usecases.arrivals import start
from surveys.usecases.consents import consent_text, word_consent
from surveys.usecases.rounds import close_round
from surveys.usecases.submissions import submit_round

pytestmark = pytest.mark.django_db


@pytest.fixture
def her(panelists):
    return panelists["P1"]


@pytest.fixture
def worded(series, now):
    return word_consent(
        series,
        responsible={"en": "The Institute of Cities answers for it.", "fr": "L’Institut en répond."},
        basis={"en": "You agree under Article 6(1)(a)."},
        recipients={"en": "Nothing leaves the country."},
        days=90,
        by="mo",
        at=now,
    )


def test_text_that_she_read_is_kept_with_her_consent(client, opened, her, series, worded, now):
    token = personal_token(her)
    page = " ".join(strip_tags(client.get(reverse("surveys:invitation", args=[token])).content.decode()).split())
    client.post(reverse("surveys:start", args=[token]))

    kept = consent_of(her)
    assert (kept.version, kept.days, kept.language) == (1, 90, "en")
    assert "The Institute of Cities answers for it." in kept.text
    for line in kept.text.splitlines():  # what is kept is what stood there, word for word
        assert line.partition(":")[2].strip().replace("&#x27;", "'") in page.replace("&#x27;", "'")


def test_consent_says_who_on_what_basis_how_long_and_where_it_goes(opened, panel, series, worded):
    text = consent_text(consent_terms(panel), contact=series.contact)

    for words in ("Institute of Cities", "Article 6(1)(a)", "Nothing leaves the country", "90 days after the last"):
        assert words in text


@pytest.mark.parametrize("language", ["ar", "en", "fr", "pt", "ru", "zh-hans"])
def test_general_words_stand_in_each_language(panel, language):
    with override("en"):
        english = consent_text(consent_terms(panel), contact="")
    with override(language):
        text = consent_text(consent_terms(panel), contact="")

    assert len(text.splitlines()) == len(english.splitlines()) == 4
    assert language == "en" or not set(text.splitlines()) & set(english.splitlines())


def test_series_words_stand_in_the_language_of_the_page(panel, worded):
    with override("fr"):
        assert "L’Institut en répond." in consent_text(consent_terms(panel), contact="")


def test_new_words_leave_what_others_agreed_to(opened, her, panelists, series, worded, now):
    start(her.links.get(), device="one", at=now)
    start(her.links.get(), device="two", at=now)  # the same words: no second consent
    word_consent(series, responsible={"en": "Another one."}, basis={}, recipients={}, by="mo", at=now)
    start(panelists["P2"].links.get(), device="three", at=now)

    assert [one.version for one in Consent.objects.filter(panelist=her)] == [1]
    assert consent_of(panelists["P2"]).version == 2
    assert "Another one." in consent_of(panelists["P2"]).text
    assert ConsentWording.objects.count() == 2


@pytest.mark.parametrize(
    ("wrong", "field"),
    [({"responsible": {"xx": "?"}}, "responsible"), ({"days": 0}, "days"), ({"days": 36_501}, "days")],
    ids=["language", "none", "longer than a life"],
)
def test_words_that_cannot_be_promised_are_refused(series, now, wrong, field):
    words = {"responsible": {}, "basis": {}, "recipients": {}, **wrong}
    with pytest.raises(BadPanelError) as refused:
        word_consent(series, **words, by="mo", at=now)

    assert refused.value.facts["field"] == field
    assert not ConsentWording.objects.exists()


def test_destroyed_table_joins_nobody_with_an_answer(client, opened, panelists, her, answer_all, now):
    answer_all(her, opened)
    submit_round(her, opened, at=now)
    close_round(opened, by="mo", at=now)
    token, people = personal_token(her), [str(one.uid) for one in panelists.values()]
    codes = handover.draw_publication_codes(opened.uid, people, [])
    answers = Judgement.objects.count()

    handover.destroy_pairs(opened.panel.uid, by="mo", at=now)
    handover.destroy_pairs(opened.panel.uid, by="mo", at=now + timedelta(days=1))

    assert {*PublicationCode.objects.values_list("code", "panelist")} == {(code, None) for code in codes.values()}
    assert not ReceiptSecret.objects.exists()
    assert not Mail.objects.exists()
    assert {*Panelist.objects.values_list("name", "email", "field", "time_zone")} == {("", "", "", "")}
    assert Judgement.objects.count() == answers
    opened.panel.refresh_from_db()
    assert opened.panel.pairs_destroyed_at == now
    with pytest.raises(UnknownLinkError):
        panelist_for(token)
    assert client.get(reverse("surveys:invitation", args=[token])).status_code == 404


def test_days_that_were_promised_least_hold(opened, her, panel, series, worded, now):
    start(her.links.get(), device="one", at=now)
    word_consent(series, responsible={}, basis={}, recipients={}, days=1000, by="mo", at=now)

    kept = handover.pairs_of_round(opened.uid)
    assert (kept.days, kept.is_at_work, kept.destroyed_at) == (90, True, None)
    assert handover.kept_pairs() == (kept,)
    close_round(opened, by="mo", at=now)
    assert handover.pairs_of_round(opened.uid).is_at_work is False


def test_moderators_word_the_consent_by_the_api(client, series, people):
    client.force_login(people["alice"])
    address = "/api/v1/series/las/consent/"
    assert client.get(address).json()["number"] == 0
    words = {"responsible": {"en": "We do.", "ar": "نحن."}, "days": 30}

    made = client.post(address, words, content_type="application/json")

    assert (made.status_code, made.json()["number"], made.json()["days"]) == (201, 1, 30)
    assert client.get(address).json()["responsible"] == words["responsible"]
    wrong = client.post(address, {"basis": {"xx": "?"}}, content_type="application/json")
    assert (wrong.status_code, ConsentWording.objects.count()) == (400, 1)
    endless = client.post(address, {"days": 10**12}, content_type="application/json")
    assert (endless.status_code, ConsentWording.objects.count()) == (400, 1)


@pytest.mark.parametrize("name", [None, "bob", "charlie"])
def test_strangers_and_colleagues_of_other_series_and_observers_word_nothing(client, series, people, name):
    if name:
        client.force_login(people[name])
    address = "/api/v1/series/las/consent/"

    read, sent = client.get(address).status_code, client.post(address, {}).status_code
    assert (read, sent) == {None: (403, 403), "bob": (404, 404), "charlie": (200, 403)}[name]
    assert not ConsentWording.objects.exists()


def test_who_agreed_before_a_day_was_promised_loses_nothing_unasked(opened, her, panel, now):
    """An upgrade must not erase names of a panel that was told they stay."""
    Panelist.objects.filter(pk=her.pk).update(started_at=now)
    close_round(opened, by="mo", at=now)

    assert handover.pairs_of_round(opened.uid).days is None
    start(her.links.get(), device="one", at=now)  # the round is closed: nothing is agreed to
    assert handover.pairs_of_round(opened.uid).days is None


# --- the moderators' page ---------------------------------------------------------------------------------------------

PAGE = "/desk/las/panels/consent/"
WORDS = {"responsible-en": "We do.\r\nAsk us.", "responsible-ar": "نحن.", "basis-fr": "  ", "days": "30"}


@pytest.fixture
def alice(client, people):
    client.force_login(people["alice"])
    return client


def page_of(reader, **sent):
    answer = reader.post(PAGE, WORDS | sent) if sent else reader.get(PAGE)
    return answer.status_code, answer.content.decode()


def test_moderator_gives_the_consent_new_words_and_every_version_stays_listed(alice, series, worded):
    assert "The Institute of Cities answers for it.</textarea>" in page_of(alice)[1]
    assert alice.post(PAGE, WORDS).url == PAGE

    made = ConsentWording.objects.get(number=2)
    assert (made.responsible, made.basis, made.recipients) == ({"en": "We do.\nAsk us.", "ar": "نحن."}, {}, {})
    assert (made.days, made.made_by) == (30, "alice")
    page = page_of(alice)[1].replace("\r\n", "\n")
    assert "Version 2 stands from now on." in page
    assert 'lang="ar" dir="rtl" id="id_responsible-ar">\nنحن.</textarea>' in page
    assert '<dd lang="fr" dir="ltr"> L’Institut en répond. </dd>' in " ".join(page.split())  # of version 1
    assert page.index("<bdi>alice</bdi>\n  </dd>") < page.index("<bdi>mo</bdi>\n  </dd>")
    assert "The Institute of Cities answers for it.</textarea>" not in page


def test_words_that_stand_already_are_no_new_version(alice, series):
    for _ in range(2):
        alice.post(PAGE, WORDS)

    assert [one.number for one in ConsentWording.objects.all()] == [1]
    assert "Nothing is changed: version 1 stands." in page_of(alice)[1]


@pytest.mark.parametrize("days", ["", "0", "-3", "1.5", "soon", "36501", "9" * 5000])
def test_days_that_cannot_be_promised_are_refused_at_their_field(alice, series, days):
    status, page = page_of(alice, days=days)

    assert status == 422
    assert page.count("Please enter a whole number of days, from 1 to 36500.") == 2  # at the field, and in the summary
    assert f'value="{days}"' in page or not days
    assert "We do.\nAsk us.</textarea>" in page.replace("\r\n", "\n")
    assert not ConsentWording.objects.exists()


def test_consent_is_worded_in_the_languages_of_its_series_and_in_what_is_said_already(alice, series, worded):
    series.languages = ["ar", "en", "xx"]
    series.save(update_fields=["languages"])

    page = page_of(alice)[1]

    offered = [code for code in ("en", "ar", "zh-hans", "fr", "ru", "pt") if f'name="basis-{code}"' in page]
    assert offered == ["en", "ar", "fr"]
    alice.post(PAGE, WORDS | {"responsible-fr": "L’Institut en répond.", "responsible-ru": "Мы."})
    assert ConsentWording.objects.last().responsible.keys() == {"en", "ar", "fr"}


def test_series_without_words_of_its_own_shows_the_general_ones(alice, series):
    page = " ".join(page_of(alice)[1].split())

    assert "the general words stand." in page
    assert "the institute that publishes the ranking, at desk@example.org." in page
    assert 'name="days" value="365"' in page
    assert "All versions" not in page


def test_page_of_the_consent_costs_the_same_for_each_number_of_versions(alice, series, now, django_assert_num_queries):
    for number in (1, 2, 3):
        word_consent(series, responsible={}, basis={}, recipients={}, days=number, by="mo", at=now)
        with django_assert_num_queries(5):  # session, user, series with her roles, versions, her acts
            page_of(alice)


def test_desk_of_the_series_leads_to_the_consent(alice, series):
    assert f'href="{PAGE}"' in alice.get("/desk/las/").content.decode()


def test_observer_reads_the_consent_and_words_nothing(client, people, worded):
    client.force_login(people["charlie"])
    page = client.get(PAGE).content.decode()

    assert ("Institute of Cities" in page, "Keep as a new version" in page) == (True, False)
    assert (client.post(PAGE, WORDS).status_code, ConsentWording.objects.count()) == (403, 1)


def test_translator_words_the_consent(client, series, people, worded, now):
    give_role(people["charlie"], series=series, kind=Role.Kind.TRANSLATOR, by="mo", at=now)
    client.force_login(people["charlie"])

    page = client.get(PAGE).content.decode()
    assert ("Keep as a new version" in page, 'name="days"' in page) == (True, False)
    assert (client.post(PAGE, WORDS | {"days": "1"}).status_code, ConsentWording.objects.count()) == (302, 2)
    last = ConsentWording.objects.latest("number")
    assert (last.basis, last.days) == ({}, worded.days)  # for how many days is the moderators' to say

    address = "/api/v1/series/las/consent/"
    made = client.post(address, {"basis": {"fr": "Parce que."}}, content_type="application/json")
    refused = client.post(address, {"basis": {}, "days": 1}, content_type="application/json")
    assert (made.status_code, made.json()["days"], made.json()["basis"]) == (201, worded.days, {"fr": "Parce que."})
    assert (refused.status_code, "Only moderators" in refused.content.decode()) == (400, True)


@pytest.mark.parametrize("name", [None, "bob"])
def test_others_neither_see_nor_word_the_consent_on_the_desk(client, series, people, worded, name):
    if name:
        client.force_login(people[name])
    answers = [client.get(PAGE), client.post(PAGE, WORDS)]

    if name:
        assert {one.status_code for one in answers} == {404}
    else:
        assert all(one.url.startswith("/sign-in/") for one in answers)
    assert not any(b"Institute of Cities" in one.content for one in answers)
    assert ConsentWording.objects.count() == 1
