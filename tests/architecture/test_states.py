"""The tables of states: all of them reachable, each act a function that is there, no change of state beside them."""

import ast
import importlib
import re
from functools import reduce

import pytest

from accounts import states as accounts
from accounts.lifecycle import Act, Actor, Lifecycle, Lifecycles
from config import capabilities
from scoring import states as scoring
from surveys import states as surveys

TABLES = {"accounts": accounts.TABLES, "surveys": surveys.TABLES, "scoring": scoring.TABLES}
FOLDERS = {"accounts": "platform/accounts"}
EACH = [pytest.param(app, table, id=table.thing) for app, tables in TABLES.items() for table in tables]
ACTS = [
    pytest.param(app, table, act, id=f"{table.thing}-{act.name}")
    for app, table in (p.values for p in EACH)
    for act in table.acts
]
UNREACHED = {"withdrawn"}


@pytest.mark.parametrize(("app", "table"), EACH)
def test_every_state_is_reached_but_those_listed_with_a_reason(app, table):
    assert set(table.states.values) - table.reached == set(table.unreached)
    assert all(len(reason) > 20 for reason in table.unreached.values())


def test_no_other_state_is_excused():
    assert {state for tables in TABLES.values() for table in tables for state in table.unreached} == UNREACHED


def is_a_function(app, act):
    """Say whether an act's function is there."""
    where = f"{app}.{act.function}".split(".")
    last = (
        next(position for position, name in enumerate(where) if name[0].isupper())
        if "Claim" in where
        else len(where) - 1
    )
    module = importlib.import_module(".".join(where[:last]))
    return callable(reduce(getattr, where[last:], module))


STATELESS = [
    pytest.param(app, act, id=f"{app}-{act.name}")
    for app, tables in capabilities.APPS.items()
    for act in tables.stateless
]


@pytest.mark.parametrize(("app", "act"), STATELESS)
def test_act_without_states_is_a_function_of_the_app(app, act):
    assert is_a_function(app, act)
    assert not {*act.starts, *act.ends, act.through, act.makes} - {""}


@pytest.mark.parametrize(("app", "table", "act"), ACTS)
def test_act_is_a_function_of_the_app_and_names_states_of_its_table(app, table, act):
    assert is_a_function(app, act)
    named = {*act.starts, *act.ends, act.through, act.makes} - {""}
    assert named <= set(table.states.values)
    assert named


def test_an_act_is_named_once_in_a_table_and_by_the_same_people_in_all():
    for tables in TABLES.values():
        by = {}
        for table in tables:
            assert len(table.by_name) == len(table.acts)
            for act in table.acts:
                by.setdefault(act.name, set()).add(act.by)
        assert {name: people for name, people in by.items() if len(people) > 1} == {}


# --- no change of state beside the tables -------------------------------------------------------------------------------


def changes_a_state(function):
    """Say whether a function assigns or updates a ``state``; making a row of a model is seen by its default state."""
    for node in ast.walk(function):
        called = node.func if isinstance(node, ast.Call) else None
        writes = isinstance(called, ast.Attribute) and called.attr in {"update", "_change"}
        if writes and any(keyword.arg == "state" for keyword in node.keywords):
            return True
        targets = node.targets if isinstance(node, ast.Assign) else []
        flat = [one for target in targets for one in (target.elts if isinstance(target, ast.Tuple) else [target])]
        if any(isinstance(one, ast.Attribute) and one.attr == "state" for one in flat):
            return True
    return False


def functions(path):
    """Return the functions and methods of a file by name."""
    return {node.name: node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.FunctionDef)}


def callers(found, name):
    """Return the public functions of a file that a private one works for."""
    if not name.startswith("_"):
        return {name}
    calling = {
        other
        for other, node in found.items()
        if other != name
        and any(
            getattr(one.func, "attr", getattr(one.func, "id", "")) == name
            for one in ast.walk(node)
            if isinstance(one, ast.Call)
        )
    }
    return {public for other in calling for public in callers(found, other)}


@pytest.mark.parametrize("app", TABLES)
def test_use_case_that_changes_a_state_has_a_row_that_leads_somewhere(app, root):
    leading = {act.name for table in TABLES[app] for act in table.acts if act.ends}
    changing = set()
    for path in sorted((root / FOLDERS.get(app, app)).rglob("*.py")):
        if "migrations" not in path.parts:
            found = functions(path)
            changing |= {
                public for name, node in found.items() if changes_a_state(node) for public in callers(found, name)
            }
    assert changing - leading == set()
    # the other way round: these change a state by calling one that does
    assert (
        leading - changing
        == {
            "accounts": set(),
            "surveys": {"close_due_rounds", "open_due_rounds", "mail_for_request", "send_mail", "waiting_mails"},
            "scoring": set(),
        }[app]
    )


@pytest.mark.parametrize("app", TABLES)
def test_no_list_of_allowed_states_is_written_by_hand(app, root):
    lists = re.compile(r"allowed=\[|state__in=[\[({]|\bstate in [\[({]|state not in [\[({]")
    files = [
        path
        for path in (root / FOLDERS.get(app, app)).rglob("*.py")
        if not {"migrations", "numerics"} & set(path.parts)
    ]
    found = {path.relative_to(root).as_posix(): lists.findall(path.read_text()) for path in files}
    assert {path: hits for path, hits in found.items() if hits} == {
        # waiting and refused mails of somebody who withdraws are forgotten, whatever may be done with them
        "accounts": {},
        "surveys": {"surveys/usecases/withdrawals.py": ["state__in=["]},
        "scoring": {},
    }[app]


def test_pages_compare_with_states_that_there_are(root):
    """A page once asked whether a round was "planned", a state that no round has, and called it closed."""
    known = {
        "round": set(surveys.RoundState.values),
        "edition": set(scoring.EditionState.values),
    }
    for path in (root / "templates").rglob("*.html"):
        for thing, state in re.findall(r"\b(round|edition)\.state [!=]= ['\"](\w+)", path.read_text()):
            assert state in known[thing], path


# --- the tables' own arithmetic -----------------------------------------------------------------------------------------

SMALL = Lifecycle(
    "thing",
    accounts.MailState,
    (
        Act(function="a.make", by=(Actor.WORKER,), makes="queued"),
        Act(
            function="a.send", by=(Actor.WORKER, Actor.PANELIST), starts=("queued",), through="sending", ends=("sent",)
        ),
        Act(function="a.look", by=(Actor.PANELIST,), starts=("sent", "failed")),
    ),
    {"failed": "nothing fails here"},
)


def test_moves_follow_from_the_acts():
    assert SMALL.moves == {("queued", "sending"), ("sending", "sent")}
    assert SMALL.reached == {"queued", "sending", "sent"}
    assert (SMALL.allowed("look"), SMALL.allows("look", "sent"), SMALL.allows("look", "queued")) == (
        ["sent", "failed"],
        True,
        False,
    )
    assert SMALL.possible("queued") == {"send"}
    assert SMALL.before("look") == {"queued", "sending", "sent", "failed"}
    assert SMALL.before("send") == {"queued"}


def test_who_may_is_who_may_in_every_table():
    other = Lifecycle("other", surveys.RoundState, (Act(function="b.send", by=(Actor.PANELIST,), starts=("open",)),))
    both = Lifecycles((SMALL, other), {})
    assert both.capability("send").by == {Actor.PANELIST}
    assert both.capability("make").by == {Actor.WORKER}
    assert both.capability("make", "send").by == set()
    with pytest.raises(KeyError):
        both.capability("no such act")


def test_acts_of_somebody_are_those_of_her_roles_whatever_the_state():
    tables = Lifecycles((SMALL,), {}, (Act(function="c.read", by=(Actor.PANELIST,)),))
    assert tables.acts_of([Actor.PANELIST]) == {"send", "look", "read"}
    assert tables.acts_of([Actor.OBSERVER]) == set()


class WrongStateForTestError(Exception):
    def __init__(self, message, **facts):
        super().__init__(message)
        self.facts = facts


@pytest.mark.parametrize(
    ("subject", "message"), [("", "the thing of a thing is sent"), ("A1", "A1 of a thing is sent")]
)
def test_act_in_another_state_is_refused_by_the_error_that_its_row_names(subject, message):
    tables = Lifecycles((SMALL,), {"wrong_state": (WrongStateForTestError, "{subject} of a {thing} is {state}")})

    tables.check(SMALL, "send", "queued")
    with pytest.raises(WrongStateForTestError) as refused:
        tables.check(SMALL, "send", "sent", subject=subject)

    assert str(refused.value) == message
    assert refused.value.facts == {"state": "sent", "allowed": ["queued"]}
