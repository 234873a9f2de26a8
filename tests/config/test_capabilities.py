"""Who may do what: every address of the desk and its API asks the table, for every role and for another series."""

import ast
import inspect
import re
import textwrap
from collections import Counter

import pytest
from django.db import connection, transaction
from django.test import Client

from accounts.lifecycle import MEMBERS, Actor
from accounts.models import Role, User
from accounts.usecases.invitations import invite
from accounts.usecases.roles import give_role
from accounts.usecases.series import create_series
from config.capabilities import APPS, rows
from scoring.models import Edition, Upload
from scoring.usecases.uploads import send_files
from surveys.models import Panel, Panelist
from surveys.usecases.framework_drafts import begin_framework
from tests.addresses import addresses
from tests.surveys.conftest import small_framework

BY = {"by": "mo"}
PUBLIC = ("s/<slug:series>/", "api/v1/series/<slug:series>/")
OUTSIDE = ["owner of another series", "nobody"]
WRITES = ("INSERT", "UPDATE", "DELETE")


def needed(address):
    """Return by method what a view asks for; nothing where everybody is answered."""
    return getattr(getattr(address.view, "cls", address.view), "needed", {})


ROUTES = [one for one in addresses() if needed(one)]
DOORS = [(one, method) for one in ROUTES for method in needed(one)]


@pytest.fixture(scope="module")
def tables():
    return [(app, act) for app, lifecycles in APPS.items() for act in lifecycles.by_act]


def test_act_is_of_one_app_by_its_name(tables):
    assert [act for act, found in Counter(act for _app, act in tables).items() if found > 1] == []


def test_roles_that_are_given_are_those_of_the_tables():
    assert set(Role.Kind.values) == set(MEMBERS)
    assert {role for row in rows() for role in row.by} == set(Actor)
    for role in MEMBERS:  # each of them opens something
        assert any(role in row.by for row in rows())


def test_every_address_of_a_series_asks_the_table_or_is_public():
    """A route that is added asks for a capability, or is read by everybody."""
    unasked = [one for one in addresses() if "<slug:series>" in one.route and not needed(one)]

    assert [one.route for one in unasked if not one.route.startswith(PUBLIC)] == []
    for one in unasked:
        assert set(getattr(one.view, "methods", ("GET", "HEAD"))) <= {"GET", "HEAD"}, one.route
        handlers = {
            name for name in ("post", "put", "patch", "delete") if hasattr(getattr(one.view, "cls", None), name)
        }
        # what a visitor asks of a release is computed, and stored nowhere
        assert handlers <= ({"post"} if one.route.endswith("what-if/") else set()), one.route


def test_every_method_of_the_desk_is_in_its_table():
    for one in ROUTES:
        view = getattr(one.view, "cls", None)
        answered = (
            {name.upper() for name in ("get", "post", "put", "patch", "delete") if hasattr(view, name)}
            if view
            else set(one.view.methods) - {"HEAD"}
        )
        open_to_all = {"GET"} if one.route.endswith(("releases/", "/editions/")) else set()  # these lists are public
        assert answered - open_to_all == set(needed(one)), one.route


def test_what_an_address_asks_for_stands_in_the_table(tables):
    known = {act for _app, act in tables}
    asked = {act for one, method in DOORS for act in needed(one)[method].acts}

    assert asked <= known
    assert len(DOORS) > 60


def called(function, seen=()):
    """Return the names that a view's code calls, those included that helpers of its module call for it."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    names = {
        getattr(one.func, "attr", getattr(one.func, "id", "")) for one in ast.walk(tree) if isinstance(one, ast.Call)
    }
    helpers = {name: vars(inspect.getmodule(function)).get(name) for name in names - {*seen}}
    for name, helper in helpers.items():
        if inspect.isfunction(helper) and helper.__module__ == function.__module__:
            names |= called(helper, (*seen, name))
    return names


def test_who_is_let_in_may_do_all_that_the_view_does(tables):
    """A view that asks for one act and does another would be a door beside the table."""
    by_act = {act: APPS[app].by_act[act] for app, act in tables}
    wrong, tried = {}, set()
    for one, method in DOORS:
        view = getattr(one.view, "cls", None)
        acts = called(getattr(view, method.lower()) if view else inspect.unwrap(one.view)) & set(by_act)
        tried |= acts
        asked = [needed(one)[method]] if view else needed(one).values()  # a function may answer two methods
        beyond = {act for act in acts if not any(one.by <= by_act[act] for one in asked)}
        if beyond:
            wrong[method, one.route] = beyond
    assert wrong == {}
    assert {"freeze_method", "release_edition", "take_role", "close_round", "confirm_upload", "send_files"} <= tried


@pytest.fixture
def clients(site, series, now):
    """A client by each role of the series, an owner of another one, and somebody without any role."""
    at = {"by": "mo", "at": now()}
    other = create_series(slug="other", names={"en": "Other"}, descriptions={}, languages=["en"], **at)
    made = {}
    for name in (*MEMBERS, *OUTSIDE):
        user = User.objects.create_user(name)
        if name in MEMBERS:
            give_role(user, series=series, kind=Role.Kind(name), **at)
        elif name != "nobody":
            give_role(user, series=other, kind=Role.Kind.OWNER, **at)
        made[name] = Client(raise_request_exception=False)
        made[name].force_login(user)
    return made


class Writing:
    """Counts what a request writes."""

    def __init__(self):
        self.statements = []

    def __call__(self, execute, sql, *more):
        if sql.startswith(WRITES):
            self.statements.append(sql[:80])
        return execute(sql, *more)


def sent(client, method, path):
    """Send a request and take back what it did; returns its status and what it wrote."""
    with transaction.atomic():
        with connection.execute_wrapper(writing := Writing()):
            answer = client.generic(method, path, "{}" if "/api/" in path else "", content_type="application/json")
        transaction.set_rollback(True)
    return answer.status_code, writing.statements


@pytest.fixture
def doors(site, series, now):
    """Every door with a path where something is: each upload, invitation, request and round, and what is not there yet."""
    at = {"at": now()}
    edition = Edition.objects.get(slug="2026")
    sending = {"files": {"table": ("data.csv", b"uCode,uName\n")}, "said": {}, "details": {}}
    upload = send_files(edition, kind=Upload.Kind.DATA, **sending, is_confirmed=False, **BY, **at)
    owner = User.objects.get(username="all")
    asked = invite(series, email="rita@example.org", kind=Role.Kind.OBSERVER, language="en", by=owner, **at)
    there = {
        "uploads/": str(upload.uid),
        "invitations/": str(asked.uid),
        "panels/": str(Panel.objects.get(slug="asked").uid),
        "frameworks/": str(_draft(series, now()).uid),
    }
    framework = str(edition.framework_uid)
    found = []
    for one, method in DOORS:
        uid = next((uid for place, uid in there.items() if place + "<uuid" in one.route), "")
        others = {
            "kind": "consensus" if "cancel" in one.route or "jobs" in one.route else "owner",
            "framework": framework,
            "criterion": "B1",
        }
        found += [(one, method, path) for path in site.paths(one, **others, **({"uid": uid} if uid else {}))]
    return found


def _draft(series, at):
    """Begin a framework of the series."""
    return begin_framework(series, names={"en": "Own"}, rows=small_framework(), by="mo", at=at)


# what is not there in the state that these editions are in
ABSENT = ("edition>/texts/", "jobs/<slug:kind>/", "cancel/<slug:kind>/", "uploads/<uuid:uid>")


@pytest.mark.django_db
def test_every_door_opens_to_those_whom_the_table_names(doors, clients):
    wrong, opened = {}, set()
    for one, method, path in doors:
        by = needed(one)[method].by
        for name, client in clients.items():
            status, written = sent(client, method, path)
            if name in OUTSIDE:
                is_right = (status, written) == (404, [])
            elif name in by:
                is_right = status not in {403, 500} and (status != 404 or any(place in one.route for place in ABSENT))
                opened |= {(one.route, method)} if status != 404 else set()
            else:
                is_right = (status, written) == (403, [])
            if not is_right:
                wrong[method, path, str(name)] = (status, written)
    assert wrong == {}
    assert {(one.route, method) for one, method in DOORS} - opened == set()


@pytest.mark.django_db
def test_nobody_is_let_in_unsigned(doors):
    for _one, method, path in doors:
        status, written = sent(Client(), method, path)
        assert (status in {302, 403, 404}, written) == (True, []), (method, path, status)


@pytest.mark.django_db
def test_pages_offer_what_their_reader_may_do(doors, clients):
    """Every button and link of the desk's pages leads to a door that is open to whoever is shown it."""
    offered, wrong = set(), {}
    for name, client in clients.items():
        for _one, method, path in doors:
            page = client.get(path) if method == "GET" and "/api/" not in path else None
            if page is None or page.status_code != 200 or not page["Content-Type"].startswith("text/html"):
                continue
            html = page.content.decode().partition("<main")[2]
            buttons = [("POST", found) for found in re.findall(r'<form[^>]*action="([^"]+)"', html)]
            links = [("GET", found) for found in re.findall(r'href="(/(?:desk|people)/[^"#]*)', html)]
            for how, where in {*buttons, *links}:
                status, _written = sent(client, how, where)
                offered.add((str(name), how, where))
                if status in {403, 404, 405, 500}:
                    wrong[str(name), path, how, where] = status
    assert wrong == {}
    shown = {name: sum(how == "POST" for who, how, _where in offered if who == name) for name in clients}
    assert shown[Actor.MODERATOR] > shown[Actor.DATA_STEWARD] > shown[Actor.OBSERVER] == shown[Actor.REVIEWER] == 0
    assert len(offered) > 60


@pytest.mark.django_db
def test_who_of_the_panel_is_how_far_is_read_by_moderators_alone(doors, clients):
    """No other role meets a panelist's code, name or address at any door."""
    people = {
        word
        for one in Panelist.objects.all()
        for word in (f">{one.code}<", f'"{one.code}"', one.uid.hex, str(one.uid), one.email, one.name)
        if word and len(word) > 3
    }
    met = {name: set() for name in clients}
    for name, client in clients.items():
        for _one, method, path in doors:
            if method == "GET":
                text = client.get(path).content.decode(errors="replace").replace(path, "")  # with which she came
                met[name] |= {(path, word) for word in people if word in text}
    assert met.pop(Actor.MODERATOR)
    assert {name: found for name, found in met.items() if found} == {}
