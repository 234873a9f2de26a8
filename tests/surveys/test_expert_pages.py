"""The panelist's pages: hers alone, nothing lost, nothing changed by looking."""

import re
import uuid

import pytest
from django.urls import reverse

from surveys.models import Judgement, NodeChoice, Submission
from surveys.queries.panelist.links import personal_token
from surveys.usecases.rounds import close_round

pytestmark = pytest.mark.django_db


@pytest.fixture
def token(client, opened, panelists):
    """Her link, begun with on this device."""
    token = personal_token(panelists["P1"])
    client.post(address("start", token))
    return token


def address(name, token, **more):
    return reverse(f"surveys:{name}", kwargs={"token": token, **more})


def answer(client, token, first="A", second="B", value="3", **more):
    data = {"first": first, "second": second, "value": value, "version": 0, "key": uuid.uuid4(), "node": "Root", **more}
    return client.post(address("pair", token), data)


def test_looking_changes_nothing(client, token):
    for name in ("invitation", "pair", "review"):
        for _ in range(3):
            assert client.get(address(name, token)).status_code == 200
            assert client.head(address(name, token)).status_code == 200

    assert (Judgement.objects.count(), Submission.objects.count()) == (0, 0)


def test_invitation_says_pairs_and_who_sees_what(client, token):
    page = client.get(address("invitation", token)).content.decode()

    assert "6 pairs" in page
    assert "never with your name" in page
    assert "Name 1" not in page


def test_pair_page_names_both_items_and_chooses_nothing(client, token):
    page = client.get(address("pair", token)).content.decode()

    assert page.count('type="radio"') == 21
    assert "checked" not in page.partition('id="ahead"')[0]


def test_answer_is_stored_as_a_over_b_and_the_next_pair_follows(client, token):
    response = answer(client, token, first="B", second="A", value="3")

    assert response.status_code == 302
    assert Judgement.objects.get().value == pytest.approx(1 / 3)


def test_whole_journey_without_script(client, token):
    for _ in range(6):
        page = client.get(address("pair", token))
        shown = page.context["pair"]
        answer(client, token, first=shown.first.code, second=shown.second.code, value="1", node=shown.node.code)
    review = client.get(address("review", token))
    assert review.context["page"].answered == 6

    receipt = client.post(address("review", token), follow=True)

    assert Submission.objects.get().receipt in receipt.content.decode()
    assert client.get(address("pair", token)).status_code == 302


@pytest.mark.parametrize("wrong", [{"value": "10"}, {"value": ""}, {"value": "0.5"}, {"key": "no"}, {"version": "-1"}])
def test_malformed_answer_is_refused_and_nothing_stored(client, token, wrong):
    assert answer(client, token, **wrong).status_code == 422
    assert Judgement.objects.count() == 0


def test_answer_off_the_round_is_told(client, token):
    page = client.post(
        address("pair", token),
        {"first": "A", "second": "A1", "value": "3", "version": 0, "key": uuid.uuid4()},
        follow=True,
    )

    assert "does not ask that pair" in page.content.decode()
    assert Judgement.objects.count() == 0


def test_second_window_is_told_and_the_first_answer_stands(client, token):
    answer(client, token, value="3")

    page = client.post(
        address("pair", token),
        {"first": "A", "second": "B", "value": "5", "version": 0, "key": uuid.uuid4()},
        follow=True,
    )

    assert "another window" in page.content.decode()
    assert Judgement.objects.get().value == 3


def test_answer_after_closing_is_told_and_kept_as_it_was(client, token, opened, now):
    answer(client, token)
    close_round(opened, by="mo", at=now)

    page = client.post(
        address("pair", token),
        {"first": "A", "second": "C", "value": "5", "version": 0, "key": uuid.uuid4()},
        follow=True,
    )

    assert "not open" in page.content.decode()
    assert Judgement.objects.count() == 1


def test_circle_is_told_in_words_and_may_be_kept(client, token):
    for first, second in (("A", "B"), ("B", "C")):
        answer(client, token, first=first, second=second, value="5")
    response = answer(client, token, first="C", second="A", value="5")

    assert response.url == address("node", token, node="Root")
    page = client.get(response.url).content.decode()
    assert "A matters 5 times as much as B" in page
    assert "Keep all three" in page


def test_question_is_left_out_and_taken_up_again(client, token):
    client.post(address("node", token, node="A"), {"choice": "skip"})
    assert client.get(address("review", token)).context["page"].total == 3

    client.post(address("node", token, node="A"), {"choice": "all"})
    assert client.get(address("review", token)).context["page"].total == 6
    assert NodeChoice.objects.count() == 2


def test_answer_is_taken_back_and_its_history_stays(client, token):
    answer(client, token)

    client.post(address("take_back", token), {"first": "A", "second": "B"})

    assert client.get(address("review", token)).context["page"].answered == 0
    assert list(Judgement.objects.order_by("version").values_list("value", flat=True)) == [3, None]


def test_unknown_and_withdrawn_links_look_alike(client, token, panelists, now):
    unknown = client.get(address("invitation", "x" * 32))
    type(panelists["P1"]).objects.filter(code="P1").update(withdrawn_at=now)
    withdrawn = client.get(address("invitation", token))

    assert (unknown.status_code, withdrawn.status_code) == (404, 404)
    told = [
        re.sub(r'value="[^"]*"|/p/[^/]+/', "", page.content.decode()) for page in (unknown, withdrawn)
    ]  # CSRF and own address
    assert told[0] == told[1]


def test_link_before_the_round_opens_says_nothing_more(client, planned, panelists):
    assert client.get(address("invitation", personal_token(panelists["P1"]))).status_code == 404


def test_one_panelist_never_sees_anothers_answers(client, token, panelists):
    answer(client, token, value="5")

    client.post(address("start", personal_token(panelists["P2"])))
    other = client.get(address("review", personal_token(panelists["P2"])))

    assert other.context["page"].answered == 0


def test_pages_speak_arabic_from_right_to_left(client, token):
    page = client.get(address("invitation", token), headers={"accept-language": "ar"}).content.decode()

    assert '<html lang="ar" dir="rtl">' in page


def test_pair_page_costs_the_same_for_any_number_of_answers(client, token, django_assert_max_num_queries):
    with django_assert_max_num_queries(9):
        client.get(address("pair", token))
    answer(client, token)
    with django_assert_max_num_queries(9):
        client.get(address("pair", token))


def test_link_is_kept_from_other_sites_and_caches(client, token):
    response = client.get(address("invitation", token))

    assert (
        response["Referrer-Policy"] == "same-origin"
    )  # the address is the key; without any, the forms could not be sent
    assert "no-store" in response["Cache-Control"]
