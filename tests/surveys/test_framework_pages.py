"""The pages of a series' indicator systems: who sees and changes what, what is refused, and what two people at once are told."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Role, Series, User
from accounts.usecases.roles import give_role
from surveys.models import Framework, FrameworkVersion
from surveys.queries.frameworks import revision_of, rows_of
from surveys.states import FRAMEWORK
from surveys.usecases.framework_drafts import begin_framework, redraft_framework
from surveys.usecases.frameworks import create_framework, freeze_framework
from surveys.values.framework import FrameworkRow
from tests.surveys.conftest import small_framework

pytestmark = pytest.mark.django_db


@pytest.fixture
def by(now):
    return {"by": "mo", "at": now}


@pytest.fixture
def draft(series, by):
    Series.objects.filter(pk=series.pk).update(languages=["en", "ar", "fr"])
    return begin_framework(series, names={"en": "City"}, rows=small_framework(), **by)


@pytest.fixture
def clients(people, series, now):
    """Signed in: moderator, translator and observer of the series, moderator of another one; and nobody."""
    translator = User.objects.create_user("tessa")
    give_role(translator, series=series, kind=Role.Kind.TRANSLATOR, by="mo", at=now)
    users = {
        "moderator": people["alice"],
        "translator": translator,
        "observer": people["charlie"],
        "stranger": people["bob"],
    }
    found = {name: Client() for name in (*users, "anonymous")}
    for name, user in users.items():
        found[name].force_login(user)
    return found


@pytest.fixture
def moderator(clients):
    return clients["moderator"]


def at(name, version=None, criterion=None):
    places = {"series": "las"}
    places |= {"uid": version.uid} if version else {}
    places |= {"criterion": criterion} if criterion else {}
    return reverse(f"surveys:{name}", kwargs=places)


def text_of(answer):
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def tree_of(version):
    return [(row.code, row.parent) for row in rows_of(version)]


FACTS = {
    "kind": "Indicator",
    "direction": "1",
    "unit": "km",
    "name-en": "New one",
    "source": "Statistics",
    "lever": "city",
}

DOORS = {  # act: page, the criterion in its address, what is sent beside the revision, and who may
    "begin_framework": ("begin_framework", None, {"name": "New", "start": "empty"}, {"moderator"}),
    "replace_criteria": ("paste_framework", None, {"text": "Top\n\tA", "language": "en", "keep": "yes"}, {"moderator"}),
    "undo_change_of_framework": ("undo_framework", None, {}, {"moderator"}),
    "freeze_framework": ("freeze_framework", None, {}, {"moderator"}),
    "redraft_framework": ("redraft_framework", None, {}, {"moderator"}),
    "add_criterion": ("add_criterion", "A", FACTS, {"moderator"}),
    "word_criterion": ("desk_criterion", "B1", FACTS, {"moderator", "translator"}),
    "translate_criterion": ("desk_criterion", "A1", {"name-en": "Other"}, {"moderator", "translator"}),
    "move_criterion": ("move_criterion", "A", {"parent": "B"}, {"moderator"}),
    "group_criteria": ("group_criteria", "A", {"name": "Group", "members": ["A1", "A2"]}, {"moderator"}),
    "shift_criterion": ("shift_criterion", "A", {"step": "down"}, {"moderator"}),
    "delete_criterion": ("delete_criterion", "A", {}, {"moderator"}),
}


def test_every_act_with_frameworks_has_a_door_that_is_tried():
    of_operators = {"create_framework", "revise_framework"}
    assert set(DOORS) == {act.name for act in FRAMEWORK.acts} - of_operators - {"plan_round"}


def everything():
    return list(FrameworkVersion.objects.order_by("pk").values_list("pk", "state", "criteria__code", "criteria__names"))


@pytest.mark.parametrize("reader", ["moderator", "translator", "observer", "stranger", "anonymous"])
@pytest.mark.parametrize("act", DOORS)
def test_door_opens_to_those_who_may(clients, draft, act, reader):
    page, criterion, sent, may = DOORS[act]
    address = at(page, None if page == "begin_framework" else draft, criterion)
    before = everything()

    answer = clients[reader].post(address, {**sent, "seen": revision_of(draft)})

    if reader in may:
        assert answer.status_code in ({409} if act == "redraft_framework" else {302, 422})
        assert "/sign-in/" not in answer.get("Location", "")
        return
    refused = {"anonymous": 302, "stranger": 404}.get(reader, 403)
    assert (answer.status_code, "/sign-in/" in answer.get("Location", "")) == (refused, reader == "anonymous")
    assert everything() == before


READ = ["desk_framework", "framework_table", "framework_hierarchy"]


@pytest.mark.parametrize("page", ["desk_frameworks", *READ])
def test_members_read_and_strangers_find_nothing(clients, draft, page):
    version = None if page == "desk_frameworks" else draft
    told = {name: client.get(at(page, version)).status_code for name, client in clients.items()}

    assert told == {"moderator": 200, "translator": 200, "observer": 200, "stranger": 404, "anonymous": 302}


def test_frameworks_of_other_series_are_not_there(moderator, by):
    other = Series.objects.get(slug="other")
    foreign = begin_framework(other, names={"en": "Foreign"}, rows=small_framework(), **by)

    for page in READ:
        assert moderator.get(at(page, foreign)).status_code == 404
    assert moderator.get(at("desk_criterion", foreign, "A")).status_code == 404
    assert moderator.post(at("undo_framework", foreign), {"seen": 0}).status_code == 404
    assert "Foreign" not in text_of(moderator.get(at("desk_frameworks")))


def test_shared_framework_is_read_and_not_changed(moderator, version):
    assert "shared" in text_of(moderator.get(at("desk_frameworks")))
    page = moderator.get(at("desk_framework", version))
    assert "begin a copy of your own" in text_of(page)
    assert "<form" not in page.content.decode().partition("<main")[2]
    assert moderator.post(at("redraft_framework", version)).status_code == 404


def test_list_costs_the_same_for_many(moderator, draft, series, by, django_assert_max_num_queries):
    for number in range(3):
        begin_framework(series, names={"en": f"More {number}"}, rows=small_framework(), **by)
    with django_assert_max_num_queries(8):
        page = moderator.get(at("desk_frameworks"))

    assert text_of(page).count("More") == 3


def test_page_shows_the_tree_with_pairs_and_what_is_missing(moderator, draft, django_assert_max_num_queries):
    with django_assert_max_num_queries(14):
        told = text_of(moderator.get(at("desk_framework", draft)))

    assert "5 indicators · 6 pairs · about 2 minutes" in told
    assert "one criterion under it: there is nothing to compare" in told
    assert "8 names" in told
    assert "3 definitions" in told
    for row in small_framework():
        assert row.code in told


def test_page_of_a_group_asks_for_nothing_that_only_an_indicator_has(moderator, draft, by, series):
    shown = {code: moderator.get(at("desk_criterion", draft, code)).content.decode() for code in ("Root", "A", "B1")}

    assert [code for code, page in shown.items() if 'name="unit"' in page] == ["B1"]
    assert [code for code, page in shown.items() if 'name="kind"' in page] == ["B1"]
    moderator.post(at("delete_criterion", draft, "C1"), {"seen": "0"})
    empty = moderator.get(at("desk_criterion", draft, "C")).content.decode()
    assert 'name="kind"' in empty
    assert 'name="unit"' in empty  # it may become an indicator
    kept = moderator.post(at("desk_criterion", draft, "A"), {"name-en": "Air", "code": "", "seen": "1"})
    assert kept["Location"] == at("desk_criterion", draft, "A")


def test_further_columns_are_listed_beside_the_tree(moderator, draft, by, series):
    rows = [*small_framework(), FrameworkRow("Region", kind="Group", names={"en": "Region"})]
    made = begin_framework(series, names={"en": "With groups"}, rows=rows, **by)

    page = text_of(moderator.get(at("desk_framework", made)))
    assert "Further columns of the data Region" in page
    assert moderator.get(at("desk_criterion", made, "Region")).status_code == 404


def test_twelve_children_are_warned_of(moderator, draft, by, series):
    many = [FrameworkRow("R", kind="Aggregate", names={"en": "R"})]
    many += [FrameworkRow(f"I{n}", "R", names={"en": f"I{n}"}) for n in range(12)]
    wide = begin_framework(series, names={"en": "Wide"}, rows=many, **by)
    told = text_of(moderator.get(at("desk_framework", wide)))

    assert "66 pairs · about 17 minutes" in told
    assert "12 criteria under it" in told


@pytest.mark.parametrize(
    ("start", "codes"),
    [("empty", ["NewOne"]), ("paste", ["NewOne"]), ("shipped:sdg11", 22), ("copy", ["Root", "A"])],
)
def test_framework_begins_as_was_chosen(moderator, version, start, codes):
    start = f"copy:{version.uid}" if start == "copy" else start
    answer = moderator.post(at("begin_framework"), {"name": "New one", "start": start})

    made = FrameworkVersion.objects.get(framework__series__slug="las")
    found = [row.code for row in rows_of(made)]
    assert answer["Location"] == at("paste_framework" if start == "paste" else "desk_framework", made)
    assert (len(found) if isinstance(codes, int) else found[:2]) == codes
    assert made.framework.names == {"en": "New one"}


def test_what_is_too_large_is_not_copied(moderator, by):
    rows = [FrameworkRow("R", kind="Aggregate"), *(FrameworkRow(f"I{n}", "R") for n in range(500))]
    large = create_framework(slug="large", names={"en": "Large"}, rows=rows, **by)
    answer = moderator.post(at("begin_framework"), {"name": "Mine", "start": f"copy:{large.uid}"})

    assert (answer.status_code, "More than 500 criteria" in text_of(answer)) == (422, True)
    assert not Framework.objects.filter(series__slug="las").exists()


def test_what_may_not_be_seen_is_not_copied(moderator, by):
    foreign = begin_framework(Series.objects.get(slug="other"), names={"en": "Foreign"}, **by)
    answer = moderator.post(at("begin_framework"), {"name": "Mine", "start": f"copy:{foreign.uid}"})

    assert answer.status_code == 422
    assert "Foreign" not in text_of(answer)
    assert not Framework.objects.filter(series__slug="las").exists()


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ({"name": " ", "start": "empty"}, "Please give a name"),
        ({"name": "x" * 201, "start": "empty"}, "200"),
        ({"name": "City"}, "Please choose what it begins with."),
        ({"name": "City", "start": "shipped:nothing"}, "nothing"),
    ],
)
def test_beginning_that_is_refused_keeps_what_was_entered(moderator, sent, told):
    answer = moderator.post(at("begin_framework"), sent)

    assert answer.status_code == 422
    assert told in text_of(answer)
    assert not Framework.objects.exists()


def test_moderator_words_a_criterion(moderator, draft):
    address = at("desk_criterion", draft, "B1")
    page = moderator.get(address)
    assert 'name="code"' in page.content.decode()
    sent = {
        **FACTS,
        "direction": "-1",
        "code": "Roads",
        "name-ar": "طرق",
        "definition-fr": "Un\r\nDeux",
        "standard": "SDG 9.1",
    }
    answer = moderator.post(address, {**sent, "seen": "0"})

    assert answer["Location"] == at("desk_criterion", draft, "Roads")
    row = next(row for row in rows_of(draft) if row.code == "Roads")
    assert (row.names, row.definitions) == ({"en": "New one", "ar": "طرق"}, {"fr": "Un\nDeux"})
    assert (row.unit, row.direction, row.source) == ("km", -1, "Statistics")
    assert row.extra == {"StandardCode": "SDG 9.1", "Lever": "city"}
    assert moderator.get(address).status_code == 404  # it has another code now
    assert moderator.post(address, {**sent, "seen": "1"}).status_code == 404


def test_translator_gives_texts_alone(clients, draft):
    address = at("desk_criterion", draft, "B1")
    translator = clients["translator"]
    assert 'name="code"' not in translator.get(address).content.decode()
    before = next(row for row in rows_of(draft) if row.code == "B1")
    answer = translator.post(address, {**FACTS, "code": "X", "name-fr": "Bé", "name-en": "B1", "seen": "0"})

    assert answer.status_code == 302
    after = next(row for row in rows_of(draft) if row.code == "B1")
    assert after.names == {"en": "B1", "fr": "Bé"}
    assert (after.unit, after.source, after.extra, after.direction) == (before.unit, before.source, {}, -1)


def test_observer_reads_a_criterion_and_changes_nothing(clients, draft):
    page = clients["observer"].get(at("desk_criterion", draft, "A1"))

    assert "About A1" in text_of(page)
    assert "<form" not in page.content.decode().partition("<main")[2]


@pytest.mark.parametrize(
    ("criterion", "sent", "told"),
    [
        ("B1", {**FACTS, "name-en": ""}, "Please give a name in one language at least."),
        ("B1", {**FACTS, "code": "A"}, "The code A stands already"),
        ("B1", {**FACTS, "code": "a b"}, "Letters from a to z"),
        ("B1", {**FACTS, "direction": ""}, "whether more or less"),
        ("B1", {**FACTS, "kind": ""}, "Please choose one of both."),
        ("B1", {**FACTS, "unit": "x" * 201}, "200"),
    ],
)
def test_what_is_wrong_with_a_criterion_is_said_at_its_field(moderator, draft, criterion, sent, told):
    before = rows_of(draft)
    answer = moderator.post(at("desk_criterion", draft, criterion), {**sent, "source": "Kept words", "seen": "0"})

    assert answer.status_code == 422
    assert told in text_of(answer)
    assert "Kept words" in answer.content.decode()
    assert rows_of(draft) == before


def test_criterion_is_added_and_the_next_may_follow(moderator, draft):
    address = at("add_criterion", draft, "A")
    assert "Add a criterion under" in text_of(moderator.get(address))
    assert moderator.post(address, {**FACTS, "seen": "0"})["Location"] == address
    assert ("NewOne", "A") in tree_of(draft)

    wrong = moderator.post(address, {"name-en": "Kept", "kind": "Indicator", "seen": "1"})
    assert wrong.status_code == 422
    assert "whether more or less" in text_of(wrong)
    under_indicator = moderator.post(at("add_criterion", draft, "A1"), {**FACTS, "seen": "1"})
    assert (under_indicator.status_code, "it is an indicator" in text_of(under_indicator)) == (422, True)


def test_criterion_is_moved_and_shifted(moderator, draft):
    address = at("move_criterion", draft, "A")
    offered = re.findall(r'<option value="(\w+)"', moderator.get(address).content.decode().partition("<main")[2])
    assert offered == ["Root", "B", "C"]  # not itself, and nothing below it
    assert moderator.post(address, {"parent": "A", "seen": "0"}).status_code == 422
    assert moderator.post(address, {"parent": "B", "seen": "0"}).status_code == 302
    assert ("A", "B") in tree_of(draft)
    assert moderator.post(at("shift_criterion", draft, "C"), {"step": "up", "seen": "1"}).status_code == 302
    assert [code for code, parent in tree_of(draft) if parent == "Root"] == ["C", "B"]
    assert moderator.post(at("shift_criterion", draft, "C"), {"step": "sideways", "seen": "2"}).status_code == 302
    assert moderator.post(at("shift_criterion", draft, "X"), {"step": "up", "seen": "2"}).status_code == 409
    assert revision_of(draft) == 2


def test_some_children_are_put_into_a_group(moderator, draft):
    address = at("group_criteria", draft, "A")
    assert "Put some of them into a group" in text_of(moderator.get(at("desk_criterion", draft, "A")))
    assert moderator.get(address).status_code == 200
    wrong = moderator.post(address, {"name": "", "members": ["B1"], "seen": "0"})
    assert (wrong.status_code, revision_of(draft)) == (422, 0)
    sent = {"name": "Clean air", "members": ["A3", "A2"], "seen": "0"}
    assert moderator.post(address, sent)["Location"] == at("desk_criterion", draft, "A")
    assert tree_of(draft)[1:6] == [
        ("A", "Root"), ("A1", "A"), ("CleanAir", "A"), ("A2", "CleanAir"), ("A3", "CleanAir"),
    ]  # fmt: skip


def test_deleting_says_what_goes_and_is_undone(moderator, draft):
    address = at("delete_criterion", draft, "A")
    page = text_of(moderator.get(address))
    assert "What stands under it goes with it: A1 A2 A3" in page
    before = rows_of(draft)
    moderator.post(address, {"seen": "0"})
    assert len(rows_of(draft)) == len(before) - 4
    assert "Undo the last change" in text_of(moderator.get(at("desk_framework", draft)))
    assert moderator.post(at("undo_framework", draft), {"seen": "1"}).status_code == 302
    assert rows_of(draft) == before
    assert "Undo the last change" not in text_of(moderator.get(at("desk_framework", draft)))
    assert moderator.post(at("delete_criterion", draft, "Root"), {"seen": "2"}).status_code == 409
    assert moderator.get(at("delete_criterion", draft, "X")).status_code == 404


@pytest.mark.parametrize(
    ("act", "seen"),
    [
        *((act, "0") for act in sorted(set(DOORS) - {"begin_framework", "redraft_framework"})),
        *(("word_criterion", seen) for seen in ("", "x", "²", "99999999999999999999")),
    ],
)
def test_second_of_two_people_is_told_and_keeps_her_words(moderator, draft, by, act, seen):
    moderator.post(at("shift_criterion", draft, "C"), {"step": "up", "seen": "0"})
    before = rows_of(draft)
    page, criterion, sent, _may = DOORS[act]
    sent = {**FACTS, "name-en": "Her words"} if page == "desk_criterion" else sent
    answer = moderator.post(at(page, draft, criterion), {**sent, "seen": seen})

    assert answer.status_code == 409
    assert "Somebody else changed this draft meanwhile" in text_of(answer)
    assert rows_of(draft) == before
    assert page != "desk_criterion" or "Her words" in answer.content.decode()


@pytest.mark.parametrize("act", sorted(set(DOORS) - {"begin_framework", "redraft_framework"}))
def test_frozen_version_refuses_every_change(moderator, draft, by, act):
    freeze_framework(draft, **by)
    before = rows_of(draft)
    page, criterion, sent, _may = DOORS[act]
    answer = moderator.post(at(page, draft, criterion), {**sent, "seen": "0"})

    assert answer.status_code == 409
    assert "frozen and never changes" in text_of(answer)
    assert rows_of(draft) == before


@pytest.mark.parametrize("page", ["add_criterion", "move_criterion", "group_criteria", "paste_framework"])
def test_frozen_version_offers_no_form(moderator, draft, by, page):
    freeze_framework(draft, **by)
    answer = moderator.get(at(page, draft, None if page == "paste_framework" else "A"))

    assert answer.status_code == 409
    assert "Make a new version to go on" in text_of(answer)
    assert 'name="seen"' not in answer.content.decode()


def test_freezing_leads_on_and_a_new_version_is_made_once(moderator, draft):
    address = at("freeze_framework", draft)
    assert "From then on it never changes" in text_of(moderator.get(address))
    assert moderator.post(address, {"seen": "0"})["Location"] == at("desk_framework", draft)
    draft.refresh_from_db()
    assert not draft.is_draft
    page = text_of(moderator.get(at("desk_framework", draft)))
    assert "Plan a round or begin an edition on it" in page
    first = moderator.post(at("redraft_framework", draft))["Location"]
    assert moderator.post(at("redraft_framework", draft))["Location"] == first
    assert draft.framework.versions.count() == 2
    assert "Make a new version" not in text_of(moderator.get(at("desk_framework", draft)))


def test_empty_group_is_not_frozen(moderator, draft):
    moderator.post(at("delete_criterion", draft, "B1"), {"seen": "0"})
    assert "Some groups are empty" in text_of(moderator.get(at("freeze_framework", draft)))
    answer = moderator.post(at("freeze_framework", draft), {"seen": "1"})

    assert (answer.status_code, "Some groups are empty" in text_of(answer)) == (409, True)


# --- paste --------------------------------------------------------------------------------------------------------------


OUTLINE = {"text": "Smart city\n\tA\n\t\tA1\n\tNew\n\t\tFresh air", "language": "en"}


def test_paste_is_shown_before_it_is_stored(moderator, draft):
    before = rows_of(draft)
    address = at("paste_framework", draft)
    assert moderator.get(address).status_code == 200
    page = moderator.post(address, {**OUTLINE, "seen": "0"})
    told = text_of(page)

    assert page.status_code == 200
    assert "Preview: nothing is stored yet" in told
    assert "added: New New" in told
    assert "no longer there: A2 A2" in told
    assert rows_of(draft) == before
    assert moderator.post(address, {**OUTLINE, "keep": "yes", "seen": "0"})["Location"] == at("desk_framework", draft)
    assert tree_of(draft) == [
        ("Root", None), ("A", "Root"), ("A1", "A"), ("New", "Root"), ("FreshAir", "New"),
    ]  # fmt: skip
    assert "Nothing would change" in text_of(moderator.post(address, {**OUTLINE, "seen": "1"}))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "Please paste the cells first."),
        (" \n ", "the file is empty"),
        ("iCode\tParent\tType\nR\t\tAggregate\nA\tR\tIndicator\nA\tR\tIndicator", "stands in row 3 and again here"),
        ("iCode\tParent\tType\nR\tR2\tAggregate\nR2\tR\tAggregate", "rows have no parent"),
        ("Top\n\t\t\tfar", "indented further"),
        ("Top\n" + "\n".join(f"\tC{n}" for n in range(600)), "More than 500 criteria"),
        ("x" * 300_001, "300000"),
    ],
)
@pytest.mark.parametrize("keep", [{}, {"keep": "yes"}], ids=["preview", "keep"])
def test_paste_that_cannot_be_read_is_refused_and_kept(moderator, draft, text, told, keep):
    before = rows_of(draft)
    answer = moderator.post(at("paste_framework", draft), {"text": text, "language": "en", "seen": "0", **keep})

    assert answer.status_code == 422
    assert told in text_of(answer)
    assert rows_of(draft) == before


def test_downloads_are_read_again(moderator, draft):
    table = moderator.get(at("framework_table", draft))
    assert table["Content-Disposition"] == 'attachment; filename="las-city-1.csv"'
    pasted = {"text": table.content.decode("utf-8-sig"), "language": "en", "seen": "0"}
    assert "Nothing would change" in text_of(moderator.post(at("paste_framework", draft), pasted))
    hierarchy = moderator.get(at("framework_hierarchy", draft))
    assert hierarchy.content.decode().startswith("Smart city: A, B, C;\n")


def test_page_speaks_the_reader_s_language_and_names_of_others_run_their_way(moderator, draft):
    page = moderator.get(at("desk_framework", draft), headers={"accept-language": "ar"})

    assert "<bdi>مدينة ذكية</bdi>" in page.content.decode()


def test_next_version_keeps_every_code(draft, by):
    freeze_framework(draft, **by)
    assert tree_of(redraft_framework(FrameworkVersion.objects.get(pk=draft.pk), **by)) == tree_of(draft)


# --- the same by API ----------------------------------------------------------------------------------------------------


API = "/api/v1/series/las/frameworks/"
JSON = {"content_type": "application/json"}


def test_framework_is_built_by_api(moderator):
    made = moderator.post(API, {"names": {"en": "City"}, "text": "Top\n\tA\n\tB"}, **JSON)
    assert (made.status_code, made.json()["pairs"], made.json()["revision"]) == (201, 1, 0)
    one = f"{API}{made.json()['uid']}/"
    table = made.json()["table"].replace("Top,,2", "Top,,")
    changed = moderator.put(one, {"text": table + "C,Top,,1,1,Indicator,Sea\n", "seen": 0}, **JSON)
    assert (changed.status_code, changed.json()["pairs"], changed.json()["revision"]) == (200, 3, 1)
    frozen = moderator.post(f"{one}freeze/", {"seen": 1}, **JSON)
    assert (frozen.status_code, frozen.json()["is_draft"]) == (200, False)
    again = moderator.post(f"{one}redraft/", **JSON)
    assert (again.status_code, again.json()["number"], again.json()["table"]) == (200, 2, frozen.json()["table"])
    assert [found["is_draft"] for found in moderator.get(API).json()["results"]] == [False, True]
    assert moderator.get(one).json()["name"] == "City"


@pytest.mark.parametrize(
    ("path", "sent", "status", "code"),
    [
        ("", {"names": {}}, 422, "bad_framework"),
        ("", {"names": {"en": "x"}, "text": "iCode,Parent,Type\nA,B,Indicator"}, 422, "file_problems"),
        ("freeze/", {"seen": 3}, 409, "stale_draft"),
        ("freeze/", {}, 400, "invalid"),
        ("redraft/", {}, 409, "wrong_state"),
    ],
)
def test_api_refuses_by_name(moderator, draft, path, sent, status, code):
    before = everything()
    answer = moderator.post(f"{API}{draft.uid}/{path}" if path else API, sent, **JSON)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert everything() == before


def test_api_lets_in_those_who_may(clients, draft, version, by):
    sent = {"text": "Top\n\tA", "seen": 0}
    told = {name: client.put(f"{API}{draft.uid}/", sent, **JSON).status_code for name, client in clients.items()}
    assert told == {"moderator": 200, "translator": 403, "observer": 403, "stranger": 404, "anonymous": 403}
    read = {name: client.get(f"{API}{version.uid}/").status_code for name, client in clients.items()}
    assert read == {"moderator": 200, "translator": 200, "observer": 200, "stranger": 404, "anonymous": 403}
    assert clients["moderator"].put(f"{API}{version.uid}/", sent, **JSON).status_code == 404  # it is shared
    foreign = begin_framework(Series.objects.get(slug="other"), names={"en": "Foreign"}, **by)
    assert clients["moderator"].get(f"{API}{foreign.uid}/").status_code == 404
