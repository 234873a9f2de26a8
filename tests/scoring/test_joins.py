"""Random panels: over every pair of things that one role can see or has saved, nothing joins a person with an answer.

Each thing is read as it is served: tables of pages, of files and of the interface. A row is of a person (desk code, name,
address) or of answers (publication code). Two things are joined by all that both tell: whether she has a part, code, group,
weight, language, number of answers, questions left out, moment. Whoever answered must be among five people at least.

Rows of two releases of one panel are joined by their answers in `test_sequences`; of the whole panel every release tells all.
"""

from __future__ import annotations

import csv
import html
import io
import json
import random
import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from itertools import combinations, product

import numpy as np
import pytest
from django.core import mail
from django.test import Client
from django.urls import get_resolver, reverse

from scoring.files.unit_lists import ListedUnits, PlannedSource
from scoring.numerics.types import ConsensusMethod, Table
from scoring.usecases.consensus import compute_consensus, request_consensus
from scoring.usecases.datasets import load_dataset
from scoring.usecases.edition_data import request_scoring, score_edition, use_dataset
from scoring.usecases.editions import choose_consensus, create_edition, settle_recipe
from scoring.usecases.freezes import freeze_method
from scoring.usecases.releases import release_edition
from scoring.usecases.unit_lists import settle_units
from scoring.wording.chart_texts import NAMES
from surveys.files.people import write_people
from surveys.models import Mail, PublicationCode
from surveys.queries.desk.people import people_of
from surveys.queries.panelist.links import personal_token
from surveys.usecases.frameworks import create_framework, freeze_framework
from surveys.usecases.judgements import choose_for_node, record_judgement
from surveys.usecases.mails import send_mail
from surveys.usecases.panels import add_panelist, create_panel
from surveys.usecases.rounds import close_round, open_round, plan_round
from surveys.usecases.submissions import submit_round
from surveys.usecases.withdrawals import withdraw
from surveys.values.framework import FrameworkRow
from tests.scoring.conftest import approved

pytestmark = pytest.mark.django_db

FEW = range(1, 5)
ITEMS = {"Root": ("A", "B"), "A": ("A1", "A2"), "B": ("B1", "B2")}
WEIGHTS = (1.0, 1.0, 1.0, 1.7, 2.9)  # the mean of a class is the weight of nobody

# what a column tells of her who stands in its row; a column that is not here has to be thought about first
MEANINGS = {
    "code": None,  # compared as a word, wherever it stands
    "name": None,
    "email": None,
    "state": "part",
    "group": "group",
    "expert_weight": "weight",
    "weight": "weight",
    "language": "language",
    "answered": "count",
    "answers": "count",
    "count": "count",
    "left_out": "left_out",
    "not_needed": "left_out",
    "submitted_at": "moment",
    "handed_in_at": "moment",
    "at": "moment",
    "when": "moment",
    "invitation": None,  # what became of a mail before anything was answered
    "refusal": None,
    "reminders": None,
    "mails_stopped": None,
}


# --- a world -------------------------------------------------------------------------------------------------------------


@dataclass
class World:
    """A panel that lived through its rounds up to a release, and all that its roles see of it."""

    series: object
    panel: object
    rounds: list = field(default_factory=list)
    release: object = None
    codes: dict = field(default_factory=dict)  # who stands under which publication code, which nobody is told
    gone: set = field(default_factory=set)
    people: list = field(default_factory=list)
    moments: dict = field(default_factory=lambda: defaultdict(set))
    saved: dict = field(default_factory=dict)
    lines: list = field(default_factory=list)  # of the log
    leaving_out: float = 0.0  # how often somebody leaves a question out


def framework(by):
    rows = [FrameworkRow("Root", None, kind="Aggregate", names={"en": "Cities"})]
    rows += [FrameworkRow(code, "Root", kind="Aggregate", names={"en": f"Pillar {code}"}) for code in ITEMS["Root"]]
    rows += [FrameworkRow(code, code[0], names={"en": code}) for node in "AB" for code in ITEMS[node]]
    return freeze_framework(create_framework(slug="joins", names={"en": "Joins"}, rows=rows, **by), **by)


def live(rng, world, round_, panelists, now):
    """Some begin, some of them hand in, each at a moment of her own; some leave questions out."""
    pairs = list(round_.comparisons.select_related("a", "b", "parent").order_by("pk"))
    nodes = sorted({pair.parent.code for pair in pairs})
    for her in panelists:
        kind = rng.choices(["done", "begun", "not"], [8, 1, 1])[0]
        at = now + timedelta(days=round_.number, minutes=7 * len(world.moments))
        if kind == "not":
            continue
        out = {rng.choice(nodes)} if len(nodes) > 1 and rng.random() < world.leaving_out else set()
        for node in sorted(out):
            choose_for_node(her, round_, node=node, choice="skip", at=at)
        for pair in pairs:
            if pair.parent.code not in out:
                value = rng.choice([1 / 5, 1 / 3, 1 / 2, 1, 2, 3, 5])
                record_judgement(her, round_, a=pair.a.code, b=pair.b.code, value=value, at=at)
                if kind == "begun":
                    break
        if kind == "done":
            submit_round(her, round_, at=at)
        world.moments[at.isoformat(timespec="minutes")[:16]].add(her.pk)


def build(seed, series, data, now, by):
    """Let a random panel be asked once or twice, weighed and released; some withdraw before the freeze, some after it."""
    rng = random.Random(seed)
    version = framework(by)
    panel = create_panel(series, slug="many", names={"en": "Many"}, names_shown=rng.random() < 0.8, **by)
    world = World(series, panel)
    world.leaving_out = rng.choice([0.0, 0.2, 0.5])
    groups, languages = rng.choice([["north"], ["north", "south"], ["north", "south", "east", ""]]), ["fr", "ar", "pt"]
    many = rng.randint(3, 25)
    for number in range(many):
        add_panelist(
            panel,
            code=f"P{number:02}x",
            name=f"Name{number:02} Family{number:02}",
            email=f"somebody{number:02}@example.org",
            group=rng.choice(groups),
            weight=rng.choice(WEIGHTS),
            language=rng.choice(languages[: rng.randint(1, 3)]),
            **by,
        )
    world.people = list(panel.panelists.order_by("pk"))
    for her in world.people:  # what a withdrawal cuts
        her.was_called, her.was_at = her.name, her.email
    columns = ("code", "name", "email", "group", "weight", "language")
    entered = tuple({column: str(getattr(her, column)) for column in columns} for her in world.people)
    before = None
    for _ in range(rng.choice([1, 1, 2])):
        here = list(panel.panelists.filter(withdrawn_at=None).order_by("pk"))
        more = {} if before is None else {"follows": before, "pairs": [("A", "B"), ("A1", "A2")]}
        round_ = plan_round(panel, version=version, seed=seed, drafts_count=rng.random() < 0.3, **more, **by)
        round_ = open_round(round_, **by)
        live(rng, world, round_, here, now)
        before = close_round(round_, by="mo", at=now + timedelta(days=round_.number, hours=20))
        world.rounds.append(before)
    for her in rng.sample(list(panel.panelists.all()), rng.choice([0, 0, 1, 2])):
        withdraw(her, at=now + timedelta(days=4))
        world.gone.add(her.pk)
    for row in Mail.objects.filter(state=Mail.State.QUEUED):
        send_mail(row.pk, now=lambda: now + timedelta(days=5))
    world.saved = {one.name: one for one in (people(world, round_) for round_ in world.rounds)}
    world.saved["as entered"] = Thing("as entered", json.dumps(entered), entered)
    world.release = released(world, version, before, data, now, by)
    pairs = PublicationCode.objects.filter(consensus_uid=world.release.edition.consensus.uid) if world.release else ()
    world.codes = {pair.code: pair.panelist_id for pair in pairs}
    later = list(panel.panelists.filter(withdrawn_at=None))
    for her in rng.sample(later, min(len(later), rng.choice([0, 0, 1, 3]))):
        withdraw(her, at=now + timedelta(days=8))
    return world


def released(world, version, round_, data, now, by):
    """Release what the panel weighs, if anybody handed in."""
    consensus = request_consensus(world.series, round_uid=round_.uid, method=ConsensusMethod(draws=0), **by)
    compute_consensus(consensus.pk, now=lambda: now)
    consensus.refresh_from_db()
    if consensus.state != "done":
        return None
    edition = create_edition(world.series, slug="2026", framework_uid=version.uid, panel_uids=[world.panel.uid], **by)
    settle_recipe(edition, text="version = 1\n", **by)
    choose_consensus(edition, consensus=consensus, **by)
    listed = ListedUnits(
        rule={"en": "All of them."},
        units=tuple(data["units"]),
        sources=tuple(PlannedSource(code, "Office", 2025, 2025) for code in ("A1", "A2", "B1", "B2")),
    )
    settle_units(edition, listed=listed, by="mo", at=now + timedelta(days=6))
    freeze_method(approved(edition), by="mo", at=now + timedelta(days=6))
    edition.refresh_from_db()
    units = tuple(row.code for row in data["units"])
    values = np.random.default_rng(1).random((len(units), 4)).round(4) * 100
    table = Table(units, units, ("2025",) * len(units), ("A1", "A2", "B1", "B2"), values)
    loaded = load_dataset(world.series, framework_uid=version.uid, table=table, **data, **by)
    use_dataset(edition, dataset=loaded, **by)
    edition.refresh_from_db()
    score_edition(request_scoring(edition, **by).pk, now=lambda: now)
    edition.refresh_from_db()
    return release_edition(edition, **by)


# --- what is seen ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Thing:
    """A page, file, answer or list as text, and its rows."""

    name: str
    text: str
    rows: tuple[dict[str, str], ...]

    @property
    def words(self):
        return {*re.findall(r"[\w@.+-]+", self.text)}


def thing(name, text):
    """Read what was served: rows of tables by their columns, of JSON by their keys."""
    body = text.lstrip("\ufeff")
    if name.endswith(".csv"):
        rows = list(csv.DictReader(io.StringIO(body)))
    elif body[:1] in {"{", "["}:
        rows = list(plain_rows(json.loads(body)))
    else:
        rows = [row for table in re.findall(r"<table.*?</table>", body, re.DOTALL) for row in html_rows(table)]
    return Thing(name, body, tuple({key: str(value) for key, value in row.items()} for row in rows))


def plain_rows(value):
    """Give every object's own plain values, and those inside it."""
    if isinstance(value, dict):
        yield {key: one for key, one in value.items() if not isinstance(one, dict | list) and one is not None}
        value = list(value.values())
    if isinstance(value, list):
        for one in value:
            yield from plain_rows(one)


def html_rows(table):
    """Give the rows of a table by the heads of its columns."""

    def cells(row):
        found = re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL)
        return [" ".join(html.unescape(re.sub(r"<[^>]+>", " ", cell)).split()) for cell in found]

    head, *rows = [cells(row) for row in re.findall(r"<tr.*?</tr>", table, re.DOTALL)] or [[]]
    for row in rows:
        yield dict(zip((name.lower() for name in head), row, strict=False))


def routes(patterns, space=""):
    """Give every address of the site that has a name: its name and what stands in it."""
    for one in patterns:
        if hasattr(one, "url_patterns"):
            if one.namespace != "admin":
                yield from routes(one.url_patterns, f"{space}{one.namespace}:" if one.namespace else space)
        elif one.name:
            yield f"{space}{one.name}", [*one.pattern.converters]


@cache
def routes_of_the_site():
    return sorted({(name, *wanted) for name, wanted in routes(get_resolver().url_patterns)})


def addresses(world, token=""):
    """Return every address of the site with what this world has to stand in it."""
    files = [one.name for one in world.release.files.all()] if world.release else []
    stands = {
        "series": [world.series.slug],
        "edition": ["2026"],
        "number": ["1.0"],
        "release": ["v1.0"],
        "code": ["U1"],
        "uid": [one.uid for one in world.rounds],
        "node": [*ITEMS],
        "token": [token] if token else [],
    }
    names = {"scoring:file": files, "surveys:download": ["answers.json", "answers.csv"]}
    found = set()
    for route, *wanted in routes_of_the_site():
        stands["name"] = names.get(route, NAMES)
        stands["kind"] = ["csv", "json"] if route == "scoring:what_if_file" else ["consensus", "scoring"]
        for values in product(*(stands.get(one, ()) for one in wanted)):
            found.add(reverse(route, kwargs=dict(zip(wanted, values, strict=True))))
    return sorted(found)


def seen(client, paths):
    """Return what is served there; what is refused or leads elsewhere shows nothing."""
    found = []
    for path in paths:
        response = client.get(path, follow=False)
        if response.status_code == 200:
            content = b"".join(response.streaming_content) if response.streaming else response.content
            try:
                found.append(thing(path, content.decode()))
            except UnicodeDecodeError:
                continue  # a bundle holds the files that are read one by one
    return found


def people(world, round_):
    """Return the list of people as moderators may save it now."""
    text = write_people(people_of(round_, at=round_.closed_at))
    return thing(f"people of round {round_.number}.csv", text)


def seen_by(world, client, moderator, someone):
    """Return by role everything that it may see or has saved; what everybody sees first."""
    everywhere = addresses(world)
    public = seen(client, [path for path in everywhere if not path.startswith(("/desk/", "/mails/"))])
    client.force_login(moderator)
    desk = seen(client, [path for path in everywhere if path.startswith(("/desk/", "/api/"))])
    desk += [people(world, one) for one in world.rounds] + list(world.saved.values())
    if someone is None:
        return public, desk, []
    own, token = Client(), personal_token(someone)
    own.post(reverse("surveys:start", args=[token]))
    hers = seen(own, [path for path in addresses(world, token) if path.startswith("/p/")])
    return public, desk, hers


# --- what is joined --------------------------------------------------------------------------------------------------------


def person_rows(world, one, everybody):
    """Return by person what a thing tells of each by name, address or the desk's code, by meaning."""
    found = {}
    for row in one.rows:
        cells = {word for value in row.values() for word in (value, *value.split())}
        who = next((her.pk for her in everybody if cells & {her.code, her.was_called, her.was_at}), None)
        if who is None:
            continue
        told = found.setdefault(who, {})
        for column, value in row.items():
            assert column.lower() in MEANINGS, f"{one.name}: {column} stands beside a person: say what it tells of her"
            if (meaning := MEANINGS[column.lower()]) == "part":
                told |= part_of(world, value)
            elif meaning == "weight":
                told["weight"] = float(value)
            elif meaning and value:
                told[meaning] = value
    return found


def part_of(world, state):
    """Say whether her answers count, as far as her state in one round tells it."""
    if state.lower() in {"done", "handed in"}:
        return {"part": True}
    is_certain = len(world.rounds) == 1 and (state.lower() == "invited" or not world.rounds[0].drafts_count)
    return {"part": False} if is_certain else {}


def answer_rows(one, codes):
    """Return by publication code what a thing tells of it."""
    rows = defaultdict(list)
    for row in one.rows:
        for value in {*row.values()} & codes:
            rows[value].append(row)
    found = {}
    for code, hers in rows.items():
        given = [row for row in hers if row.get("value") or row.get("answered")]
        told = found[code] = {"part": True}
        for column, meaning in (("group", "group"), ("expert_weight", "weight")):
            if hers[0].get(column):
                told[meaning] = float(hers[0][column]) if meaning == "weight" else hers[0][column]
        if given and "node" in given[0]:
            told["nodes"] = frozenset(row["node"] for row in given)
            told["count"] = str(len(given) if "value" in given[0] else sum(int(row["answered"]) for row in given))
            told["left_out"] = str(len(ITEMS) - len(told["nodes"]))
        for column in hers[0]:
            if MEANINGS.get(column) == "moment":
                told["moment"] = hers[0][column]
    return found


def check_pair(world, persons, answers, where):
    """Whoever answered, by everything and by each part of what both tell: five people or more may have been she, or nobody."""
    for keys in subsets({key for told in persons.values() for key in told} & SHARED):
        sizes = defaultdict(set)
        for who, told in persons.items():
            if who not in world.gone and told.get("part", True) and {*keys} <= {*told}:
                sizes[tuple(told[key] for key in keys)].add(who)
        for code, told in answers.items():
            if {*keys} <= {*told}:
                could_be = sizes.get(tuple(told[key] for key in keys), ())
                assert len(could_be) not in FEW, (where, keys, code, told)


SHARED = {"group", "weight", "language", "count", "left_out", "moment"}


def subsets(keys):
    return [chosen for many in range(1, len(keys) + 1) for chosen in combinations(sorted(keys), many)]


def with_those_who_left(persons, earlier):
    """Return what a list tells, and the same of those who stand there no more, as it was saved."""
    columns = {column for told in persons.values() for column in told}
    return {who: {key: told[key] for key in columns & told.keys()} for who, told in earlier.items()} | persons


@pytest.fixture
def random_world(series, now, by, make_units, make_licences, client, django_user_model, caplog):
    """Build worlds; a moderator and somebody of the panel look at each."""
    moderator = django_user_model.objects.create_user("moderator")
    moderator.roles.create(series=series, kind="moderator")

    def make(seed):
        world = build(seed, series, {"units": make_units(), "licences": make_licences()}, now(), by)
        there = {*world.panel.panelists.filter(withdrawn_at=None).values_list("pk", flat=True)}
        someone = next((her for her in world.people if her.pk in there), None)
        things = seen_by(world, client, moderator, someone)
        world.lines = caplog.messages
        return world, things, someone

    return make


def check(world, things, someone):
    public, desk, hers = things
    everybody = world.people
    codes = {*world.codes}
    named = {word for her in everybody for word in (her.code, *her.was_called.split(), her.was_at, str(her.uid))}
    moments = {form for at in world.moments for form in (at, at.replace("T", " "))}
    # nobody sees a name where answers are, nor a publication code where names are
    for one in public:
        assert not named & one.words, one.name
        assert not any(moment in one.text for moment in moments), one.name
    for one in desk:
        if not one.name.startswith("/api/"):
            assert not codes & one.words, one.name
    own = {code for code, who in world.codes.items() if someone and who == someone.pk}
    strangers = named - ({*someone.was_called.split(), someone.was_at, str(someone.uid)} if someone else set())
    for one in hers:
        assert not strangers & one.words, one.name
        assert not (codes - own) & one.words, one.name
    for text in (*world.lines, *(str(one.message()) for one in mail.outbox)):
        assert not (codes | {her.code for her in everybody}) & {*re.findall(r"[\w@.+-]+", text)}, text
    # everything of a person with everything of an answer
    answers = {one.name: found for one in (*public, *desk) if (found := answer_rows(one, codes))}
    persons = {one.name: found for one in desk if (found := person_rows(world, one, everybody))}
    merged_answers = merged(answers.values())
    answers["all together"] = merged_answers
    saved = merged(found for name, found in persons.items() if not name.startswith("/"))
    persons = {
        name: found if name in world.saved else with_those_who_left(found, saved) for name, found in persons.items()
    }
    persons["all together"] = merged(persons.values())
    for (name, found), (other, told) in product(persons.items(), answers.items()):
        check_pair(world, found, told, (name, other))
    # answers with answers: codes that are alike by everything that is told of them
    alike = Counter(tuple(sorted((key, str(value)) for key, value in told.items())) for told in merged_answers.values())
    assert not {*alike.values()} & {*FEW}, alike
    check_counts(world, public, persons["all together"], merged_answers)
    return persons, answers


def merged(many):
    """Join things of one kind by who or whose answers they tell of."""
    out = {}
    for found in many:
        for key, told in found.items():
            mine = out.setdefault(key, {})
            part = mine.get("part") or told.get("part")
            mine |= told | ({"part": part} if part is not None else {})
    return out


def check_counts(world, public, persons, answers):
    """No group or language that is published with numbers is of few, nor is what is left of the panel."""
    groups = {told["group"] for told in persons.values() if told.get("group")}
    for one in public:
        for row in one.rows:
            if groups & {*row.values()} and row.get("expert") not in answers:
                numbers = {int(value) for value in row.values() if re.fullmatch(r"\d+", value)}
                assert not numbers & {*FEW}, (one.name, row)
    sizes = Counter(told.get("group", "") for told in answers.values())
    assert not {*sizes.values()} & {*FEW}, sizes
    languages = {row["language"] for one in public if "weights_without_language" in one.name for row in one.rows}
    spoken = Counter(
        told["language"] for who, told in persons.items() if who not in world.gone and told.get("part", True)
    )
    assert not {spoken[language] for language in languages} & {0, *FEW}
    assert not languages or sum(spoken.values()) - sum(spoken[one] for one in languages) not in FEW


def check_seed(seed, random_world):
    world, things, someone = random_world(seed)
    persons, answers = check(world, things, someone)
    assert len(persons) >= (
        6 if someone else 3
    )  # the list as a page, a file and an answer, as it was saved, as entered
    assert len(answers) >= 3 or not answers["all together"]


@pytest.mark.parametrize("seed", range(16))
def test_no_two_things_join_a_person_with_an_answer(seed, random_world):
    check_seed(seed, random_world)


@pytest.mark.full
@pytest.mark.parametrize("seed", range(16, 80))
def test_no_two_things_join_a_person_with_an_answer_in_many_panels(seed, random_world):
    check_seed(seed, random_world)
