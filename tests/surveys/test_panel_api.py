"""Panels by API: begun, filled and mended; what is wrong is said with its place, and nothing of it is kept."""

import pytest

from surveys.models import Mail, Panel, Panelist

pytestmark = pytest.mark.django_db
PANELS = "/api/v1/series/las/panels/"
RITA = {"email": "rita@example.org", "language": "fr", "field": "energy"}


def at(panel, person=None, *, people=False):
    return f"{PANELS}{panel.uid}/" + ("people/" if people or person else "") + (f"{person.uid}/" if person else "")


@pytest.fixture
def moderator(client, people):
    client.force_login(people["alice"])
    return client


def send(client, method, address, sent):
    return getattr(client, method)(address, sent, content_type="application/json")


def test_panel_is_begun_and_read(moderator):
    made = send(moderator, "post", PANELS, {"names": {"en": "Experts"}, "names_shown": True})

    panel = Panel.objects.get()
    assert (made.status_code, panel.slug) == (201, "experts")
    assert made.json() == {
        "uid": str(panel.uid),
        "name": "Experts",
        "names_shown": True,
        "owed_an_invitation": [],
        "people": [],
    }
    assert moderator.get(at(panel)).json() == made.json()


@pytest.mark.parametrize(
    ("sent", "status"),
    [({}, 400), ({"names": {}}, 422), ({"names": {"xx": "Panel"}}, 422), ({"names": {"en": ""}}, 400)],
)
def test_panel_without_a_name_is_refused(moderator, sent, status):
    assert send(moderator, "post", PANELS, sent).status_code == status
    assert Panel.objects.count() == 0


def test_people_are_taken_in_and_told_by_code(moderator, panel, opened):
    made = send(moderator, "post", at(panel, people=True), {"people": [RITA]})

    assert (made.status_code, made.json()) == (201, {"taken_in": 1})
    told = moderator.get(at(panel)).json()
    assert told["owed_an_invitation"] == ["P04"]
    assert next(one for one in told["people"] if one["code"] == "P04") == {
        "uid": str(Panelist.objects.get(code="P04").uid),
        "code": "P04",
        "name": "",
        "group": "",
        "field": "",
        "language": "",
        "state": "invited",
        "invitation": "",
    }
    assert Mail.objects.filter(panelist__code="P04").count() == 0


def test_one_who_is_wrong_refuses_all(moderator, panel):
    sent = {"people": [RITA, {"email": "p1@example.org", "language": "en"}]}

    refused = send(moderator, "post", at(panel, people=True), sent)

    assert (refused.status_code, refused.json()["code"]) == (422, "bad_panel")
    assert refused.json()["facts"] == {"field": "email", "why": "taken", "row": 1}
    assert Panelist.objects.count() == 3


def test_person_is_changed_without_what_is_left_out(moderator, panel, panelists):
    address = at(panel, panelists["P1"])

    changed = send(moderator, "patch", address, {"email": "p1@example.com", "field": "energy"})
    refused = send(moderator, "patch", address, {"email": "p2@example.org"})

    assert (changed.status_code, changed.json()["field"]) == (200, "energy")
    assert (refused.status_code, refused.json()["facts"]["why"]) == (422, "taken")
    kept = Panelist.objects.get(code="P1")
    assert (kept.email, kept.group, kept.language) == ("p1@example.com", "academia", "en")


def test_what_the_state_does_not_allow_is_a_conflict(moderator, panel, panelists, now):
    Panel.objects.update(pairs_destroyed_at=now)

    for answer in (
        send(moderator, "patch", at(panel, panelists["P1"]), {"field": "energy"}),
        send(moderator, "post", at(panel, people=True), {"people": [RITA]}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (409, "panelist_state")
        assert answer.json()["facts"] == {"reason": "destroyed"}


@pytest.mark.parametrize(("name", "status"), [("bob", 404), ("charlie", 403)])
def test_others_read_and_change_nothing(client, panel, panelists, people, name, status):
    client.force_login(people[name])
    before = list(Panelist.objects.values())

    for answer in (
        client.get(at(panel)),
        send(client, "post", PANELS, {"names": {"en": "Mine"}}),
        send(client, "post", at(panel, people=True), {"people": [RITA]}),
        send(client, "patch", at(panel, panelists["P1"]), {"field": "energy"}),
    ):
        assert answer.status_code == status

    assert (list(Panelist.objects.values()), Panel.objects.count()) == (before, 1)


def test_panel_or_person_that_is_not_there_is_not_found(moderator, panel, panelists, series, now):
    other = Panel.objects.create(series=series, slug="other", names={"en": "Other"}, created_at=now)

    assert send(moderator, "patch", at(other, panelists["P1"]), {"field": "x"}).status_code == 404
    assert moderator.get(f"{PANELS}{panelists['P1'].uid}/").status_code == 404
