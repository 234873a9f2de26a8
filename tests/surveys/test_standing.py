"""Random panels: whoever reads or counts answers says what a plain model of their acts says."""

import random
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import combinations

import numpy as np
import pytest

from surveys.errors import AlreadySubmittedError, NotAskedError, NothingAnsweredError
from surveys.files.receipts import receipt_inputs, receipt_of
from surveys.models import Comment, Comparison, Judgement, NodeChoice, Submission
from surveys.queries.answers import node_matrix, own_answers, panel_matrices
from surveys.queries.counting import counted_judgements
from surveys.queries.desk.closing import closing
from surveys.queries.desk.people import people_of
from surveys.queries.desk.round_progress import round_standing
from surveys.queries.panelist.own_page import own_page
from surveys.queries.panelist.previous_round import divided_pairs, earlier_answers
from surveys.queries.panelist.sheet import panelist_sheet
from surveys.queries.panelist.tally import tally
from surveys.queries.rounds import round_summary
from surveys.queries.standing import asked_of, items_of, last_versions
from surveys.usecases.following import keep_earlier
from surveys.usecases.frameworks import create_framework, freeze_framework
from surveys.usecases.judgements import ASKED, record_judgement
from surveys.usecases.panels import add_panelist, create_panel
from surveys.usecases.rounds import close_round, open_round, plan_round
from surveys.usecases.submissions import submit_round, take_back_submission
from surveys.usecases.withdrawals import withdraw
from surveys.values.framework import FrameworkRow
from tests.surveys.by_code import by_code

SEEDS = range(5)
PEOPLE = [f"P{number}" for number in range(1, 8)]
ITEMS = {"Root": ["W", "N"], "W": [f"W{number}" for number in range(7)], "N": ["N0", "N1", "N2"]}
PAIRS = [(node, a, b) for node, items in ITEMS.items() for a, b in combinations(items, 2)]
SHORT = 10  # of the 21 pairs of 7 items; fewer items have no short set
GROUP = 5  # fewer answers are not told


# --- the model: what people did, in order, and what follows from it --------------------------------------------------


@dataclass(frozen=True)
class Act:
    """Somebody answers a pair (value None: takes it back), chooses for a node, hands in, or takes that back."""

    who: str
    kind: str
    node: str = ""
    pair: tuple[str, str] = ("", "")
    value: float | None = None
    comment: str = ""
    choice: str = ""
    minute: int = 0


@dataclass
class Wave:
    """A round as it was planned, and all acts in it."""

    pairs: list[tuple[str, str, str]]
    follows: bool
    drafts_count: bool
    acts: list[Act] = field(default_factory=list)

    @property
    def nodes(self):
        return list(dict.fromkeys(node for node, _a, _b in self.pairs))

    def of(self, node):
        return [(a, b) for here, a, b in self.pairs if here == node]

    def standing(self, who, pair):
        """Value and reason that she left on a pair; None where she never answered or took it back."""
        found = None
        for act in self.acts:
            if act.who == who and act.kind == "answer" and act.pair == pair:
                found = None if act.value is None else (act.value, act.comment)
        return found

    def choice(self, who, node):
        found = ""
        for act in self.acts:
            if act.who == who and act.kind == "choose" and act.node == node:
                found = act.choice
        return found

    def handed_in(self, who):
        """Whether she handed in and did not take it back."""
        kinds = [act.kind for act in self.acts if act.who == who and act.kind in {"hand in", "take back"}]
        return kinds[-1:] == ["hand in"]

    def counted_in_shares(self):
        """Who had handed in when the last five came of those who had not before; nobody, until five came after a take-back."""
        here, came, told = [], [], []
        for act in self.acts:
            if act.kind == "take back":
                here, came, told = [who for who in here if who != act.who], [*came, None], []
            elif act.kind == "hand in":
                here, is_first = [*here, act.who], act.who not in came
                came.append(act.who)
                since = came[::-1].index(None) if None in came else len(came)
                new = [who for k, who in enumerate(came) if who not in came[:k] and k >= len(came) - since]
                told = list(here) if is_first and len(new) % GROUP == 0 else told
        return told

    def parts(self, who, node):
        """Pairs answered, open, not needed, left out."""
        pairs, choice = self.of(node), self.choice(who, node)
        answered = sum(self.standing(who, pair) is not None for pair in pairs)
        if choice == "skip":
            return 0, 0, 0, len(pairs)
        if choice == "enough":
            return answered, 0, len(pairs) - answered, 0
        if choice == "short" and node == "W" and not self.follows:
            return (
                (answered, SHORT - answered, len(pairs) - SHORT, 0)
                if answered < SHORT
                else (answered, 0, len(pairs) - answered, 0)
            )
        return answered, len(pairs) - answered, 0, 0

    def sums(self, who):
        return tuple(sum(part) for part in zip(*(self.parts(who, node) for node in self.nodes), strict=True))

    def answers(self, who):
        """Her answers, those of a node that is not her field left out, in the framework's order."""
        found = []
        for node, a, b in self.pairs:
            if self.choice(who, node) != "skip" and self.standing(who, (a, b)) is not None:
                found.append((node, a, b, self.standing(who, (a, b))[0]))
        return tuple(found)

    def counts(self, who, node):
        answered, open_, _not_needed, _left_out = self.parts(who, node)
        return self.handed_in(who) or (self.drafts_count and answered > 0 and open_ == 0)

    def drops(self, who, node):
        """Whether what she said there in earlier rounds goes: she left the node out, and that counts."""
        return self.choice(who, node) == "skip" and (self.handed_in(who) or self.drafts_count)


def what_counts(waves, people):
    """Value and reason by panelist and pair, of rounds that follow each other."""
    found = {}
    for wave in waves:
        for who in people:
            for node in wave.nodes:
                if wave.drops(who, node):
                    for here, a, b in PAIRS:
                        if here == node:
                            found.pop((who, (a, b)), None)
                elif wave.counts(who, node):
                    for pair in wave.of(node):
                        if wave.standing(who, pair) is not None:
                            found[who, pair] = wave.standing(who, pair)
    return found


def what_she_said(waves, who):
    """Her own value by pair, whether it counts or not."""
    found = {}
    for wave in waves:
        for node in wave.nodes:
            if wave.choice(who, node) == "skip":
                for here, a, b in PAIRS:
                    if here == node:
                        found.pop((a, b), None)
            else:
                for pair in wave.of(node):
                    if wave.standing(who, pair) is not None:
                        found[pair] = wave.standing(who, pair)[0]
    return found


def reasons(counts, pair, *, but=""):
    """What others gave as reasons on a pair, each once."""
    return {text for (who, on), (_value, text) in counts.items() if on == pair and text and who != but}


def invent(rng, wave, who):
    """Make up what one panelist does in a round, in order."""
    diligence = rng.choice([0.0, 0.5, 0.9, 1.0])
    acts = []
    for node, a, b in wave.pairs:
        if rng.random() < diligence:
            acts += [
                Act(
                    who,
                    "answer",
                    node,
                    (a, b),
                    rng.choice([1 / 9, 1 / 4, 0.5, 1.0, 3.0, 7.0]),
                    rng.choice(["", f"{who} on {a}"]),
                )
                for _ in range(rng.choice([1, 1, 2]))
            ]
            if rng.random() < 0.15:
                acts.append(Act(who, "answer", node, (a, b)))
                acts += [replace(acts[-2], comment=f"{who} again")] if rng.random() < 0.3 else []
    for node in wave.nodes:
        for _ in range(rng.choice([0, 0, 1, 2])):
            choice = rng.choice(["all", "short", "short", "enough", "skip"])
            acts.insert(rng.randrange(len(acts) + 1), Act(who, "choose", node, choice=choice))
    if rng.random() < 0.1:  # all taken back
        acts += [Act(who, "answer", act.node, act.pair) for act in list(acts) if act.kind == "answer"]
    return [replace(act, minute=rng.randrange(60)) for act in acts]


def plan(rng, *, follows):
    pairs = [pair for pair in PAIRS if not follows or rng.random() < 0.6] or PAIRS[:1]
    return Wave(pairs, follows, rng.random() < 0.5)


# --- the acts stored, and what is read of them ------------------------------------------------------------------------


@pytest.fixture
def asked(series, now):
    """A panel of seven and a frozen framework."""
    rows = [FrameworkRow("Root", None, kind="Aggregate")]
    rows += [FrameworkRow(code, "Root", kind="Aggregate") for code in ITEMS["Root"]]
    rows += [FrameworkRow(code, node) for node in ITEMS["Root"] for code in ITEMS[node]]
    version = freeze_framework(create_framework(slug="wide", names={}, rows=rows, by="mo", at=now), by="mo", at=now)
    panel = create_panel(series, slug="random", names={"en": "Random"}, by="mo", at=now)
    for code in PEOPLE:
        add_panelist(panel, code=code, by="mo", at=now)
    return panel, version


def store(round_, acts, people, now):
    """Write acts as the rows that they make."""
    comparisons = {(one.a.code, one.b.code): one for one in round_.comparisons.select_related("a", "b", "parent")}
    nodes = {one.parent.code: one.parent for one in comparisons.values()}
    versions = Counter(
        (one.panelist.code, one.comparison.a.code, one.comparison.b.code)
        for one in Judgement.objects.filter(comparison__round=round_).select_related(
            "panelist", "comparison__a", "comparison__b"
        )
    )
    judgements, choices, comments = [], [], []
    for act in acts:
        at = now + timedelta(minutes=act.minute)
        key = (act.who, *act.pair) if act.kind == "answer" else (act.who, act.node)
        versions[key] += 1
        row = {"panelist": people[act.who], "version": versions[key], "at": at}
        if act.kind == "answer":
            judgements.append(Judgement(comparison=comparisons[act.pair], value=act.value, **row))
            comments += [Comment(judgement=judgements[-1], text=act.comment)] if act.comment else []
        else:
            choices.append(NodeChoice(round=round_, node=nodes[act.node], choice=act.choice, **row))
    # written in no order of versions: it is the number that says which one is last
    Judgement.objects.bulk_create(judgements[::-1])
    Comment.objects.bulk_create(comments)
    NodeChoice.objects.bulk_create(choices[::-1])


def hand_in(round_, wave, who, her, now):
    if not wave.answers(who):
        with pytest.raises(NothingAnsweredError):
            submit_round(her, round_, at=now)
        return
    submitted = submit_round(her, round_, at=now)
    assert submitted.answers == len(wave.answers(who))
    assert submitted.receipt == receipt_of(receipt_inputs(round_.uid, submitted.secret.secret, wave.answers(who)))
    wave.acts.append(Act(who, "hand in"))


def take_back(rng, round_, wave, her, now):
    """Take the handing in back, answer a pair again, and perhaps hand in anew."""
    with pytest.raises(AlreadySubmittedError):
        record_judgement(her, round_, a=wave.pairs[0][1], b=wave.pairs[0][2], value=5.0, at=now)
    assert take_back_submission(her, round_, at=now).receipt == ""
    assert take_back_submission(her, round_, at=now) is None
    wave.acts.append(Act(her.code, "take back"))
    node, a, b = rng.choice(wave.pairs)
    record_judgement(her, round_, a=a, b=b, value=5.0, at=now)
    wave.acts.append(Act(her.code, "answer", node, (a, b), 5.0))
    if rng.random() < 0.5:
        hand_in(round_, wave, her.code, her, now)


def check_panelist(round_, wave, who, her):
    """Her sheet, what each stored answer is told, her answers, and the matrices beside them."""
    sheet, told = panelist_sheet(her, round_), tally(her, round_)
    expected = {node: wave.parts(who, node) for node in wave.nodes}
    answered, open_, not_needed, left_out = wave.sums(who)
    given = {pair: wave.standing(who, pair) for node in wave.nodes for pair in wave.of(node)}

    assert {node.item.code: parts(node.standing) for node in sheet.nodes} == expected
    assert {code: parts(node) for code, node in told.nodes.items()} == expected
    assert {code: node.short for code, node in told.nodes.items()} == {
        node.item.code: node.short for node in sheet.nodes
    }
    assert (sheet.answered, len(sheet.coming), sheet.left_out) == (answered, open_, left_out)
    assert (
        (sheet.settled, sheet.asked)
        == (told.settled, told.total)
        == (answered + left_out, len(wave.pairs) - not_needed)
    )
    assert sheet.total == answered + open_
    assert sum(len(node.not_needed) for node in sheet.nodes) == not_needed
    assert own_answers(her, round_) == wave.answers(who)
    for node in sheet.nodes:
        items, matrix = node_matrix(her, round_, node.item.code)
        assert node.answered == sum(given[pair] is not None for pair in wave.of(node.item.code))
        for a, b in wave.of(node.item.code):
            value = matrix[items.index(a), items.index(b)]
            assert (None if np.isnan(value) else value) == (given[a, b] and given[a, b][0])
    last = last_versions(round_).filter(panelist=her)[:3]
    for pair, version in {(one.comparison.a.code, one.comparison.b.code): one.version for one in last}.items():
        row = Comparison.objects.raw(ASKED, [her.pk, her.pk, round_.pk, *pair, *reversed(pair)])[0]
        assert (row.last, bool(row.handed_in)) == (version, wave.handed_in(who))


def parts(node):
    return node.answered, node.open, node.not_needed, node.left_out


def check_desk(series, round_, wave, people, now):
    """Progress, people, the closing dialogue and the round in numbers."""
    progress = round_standing(series, round_.uid, at=now)
    some = {who for who in people if wave.sums(who)[0]}

    assert progress.people == people_of(round_, at=now)
    assert {one.code: one.state for one in progress.people.people} == {
        who: "done" if wave.handed_in(who) else "started" if who in some else "invited" for who in people
    }
    counted = wave.counted_in_shares()
    assert progress.shares.people == len(counted)
    assert {node.code: node.share for node in progress.shares.nodes} == {
        node: pytest.approx(sum(wave.parts(who, node)[0] for who in counted) / len(counted) / len(wave.of(node)))
        for node in wave.nodes
        if counted
    }
    dialogue = closing(round_, at=now + timedelta(minutes=60))
    assert dialogue.drafts == sum(not wave.handed_in(who) for who in some)
    lately = {act.who for act in wave.acts if act.kind == "answer" and act.minute >= 50}
    assert dialogue.active == sum(not wave.handed_in(who) for who in lately)
    summary = round_summary(round_.uid)
    assert summary == progress.summary
    assert (summary.invited, summary.started) == (len(people), len(some))
    assert (summary.submitted, summary.comparisons) == (sum(map(wave.handed_in, people)), len(wave.pairs))
    for node in wave.nodes:
        there = panel_matrices(round_, node, ITEMS[node])
        assert len(there) == sum(wave.parts(who, node)[0] > 0 for who in people)
        assert np.count_nonzero(~np.isnan(np.triu(there, 1)) & (np.triu(np.ones_like(there), 1) > 0)) == sum(
            wave.parts(who, node)[0] for who in people
        )


def check_counted(round_, waves, people):
    """What leaves for the weights, and what moderators read of it."""
    judgements, receipts = counted_judgements(round_)
    judgements = by_code(judgements)
    counts = what_counts(waves, people)
    found = {}
    for judged in judgements.nodes:
        for k, (a, b) in ((k, pair) for k in range(len(judgements.experts)) for pair in combinations(judged.items, 2)):
            value = judged.matrices[k, judged.items.index(a), judged.items.index(b)]
            if not np.isnan(value):
                found[judgements.experts[k], (a, b)] = value
    assert found == {key: value for key, (value, _comment) in counts.items()}
    handed_in = {who for who in people for wave in waves if wave.handed_in(who)}
    assert set(judgements.experts) == handed_in | {who for who, _pair in counts}
    assert len(receipts) == sum(wave.handed_in(who) for who in people for wave in waves)
    told = {one.codes: (one.spread.answered, set(one.reasons)) for one in divided_pairs(round_)}
    many = Counter(pair for _who, pair in counts)
    assert told == {pair: (many[pair], reasons(counts, pair)) for pair in many if many[pair] >= GROUP}


def check_beside(round_, waves, wave, people):
    """What a round that follows shows beside each pair."""
    counts = what_counts(waves, people)
    many = Counter(pair for _who, pair in counts)
    for who, her in people.items():
        own, beside = what_she_said(waves, who), earlier_answers(her, round_)
        assert set(beside) == {frozenset((a, b)) for _node, a, b in wave.pairs}
        for _node, a, b in wave.pairs:
            seen = beside[frozenset((a, b))].seen_from(a)
            assert seen.own == pytest.approx(own.get((a, b)))
            assert (seen.group.answered if seen.group else 0) == (many[a, b] if many[a, b] >= GROUP else 0)
            assert set(seen.reasons) == (reasons(counts, (a, b), but=who) if many[a, b] >= GROUP else set())


def check_own_pages(waves, people):
    """All that is kept of each, for her own eyes, and the receipts on it."""
    for who, her in people.items():
        for shown, wave in zip(own_page(her).rounds, waves, strict=True):
            sums = [
                sum(node.count(status) for node in shown.nodes)
                for status in ("answered", "open", "not_needed", "skipped")
            ]
            assert tuple(sums) == wave.sums(who)
            assert shown.answers == wave.answers(who)
            kept = list(Submission.objects.filter(panelist=her, round__uid=shown.uid).order_by("version"))
            acts = [act.kind for act in wave.acts if act.who == who and act.kind in {"hand in", "take back"}]
            assert [bool(one.receipt) for one in kept] == [kind == "hand in" for kind in acts]
            assert [(one.number, one.receipt) for one in shown.submissions] == [
                (one.version, one.receipt) for one in kept
            ]
            assert shown.receipt == (kept[-1].receipt if kept else "")
            stands = {(one.a, one.b): one.value for node in shown.nodes for one in node.pairs}
            given = {(a, b): wave.standing(who, (a, b)) for _node, a, b in wave.pairs}
            assert stands == {pair: told and told[0] for pair, told in given.items()}


def keep_some(rng, round_, waves, her, now):
    """Keep some earlier answers as they were; where none stands it is refused."""
    *before, wave = waves
    said = what_she_said(before, her.code)
    for node, a, b in rng.sample(wave.pairs, min(3, len(wave.pairs))):
        if (a, b) not in said:
            with pytest.raises(NotAskedError):
                keep_earlier(her, round_, a=a, b=b, at=now)
            continue
        kept = keep_earlier(her, round_, a=b, b=a, at=now)
        wave.acts.append(Act(her.code, "answer", node, (a, b), kept.value))


@pytest.mark.parametrize("seed", SEEDS)
def test_all_who_read_answers_agree_with_the_acts(seed, series, asked, now):
    panel, version = asked
    people = {one.code: one for one in panel.panelists.order_by("code")}
    rng, waves, before = random.Random(seed), [], None
    for _ in range(3):
        wave = plan(rng, follows=before is not None)
        round_ = planned(wave, panel, version=version, follows=before, now=now)
        if waves:
            check_beside(round_, waves, wave, people)
        waves.append(wave)
        for her in people.values():
            live(rng, round_, waves, her, now)
        for who, her in people.items():
            check_panelist(round_, wave, who, her)
        check_desk(series, round_, wave, people, now)
        before = close_round(round_, by="mo", at=now)
        check_counted(before, waves, people)
        if rng.random() < 0.3:
            gone = rng.choice(sorted(people))
            withdraw(people.pop(gone), at=now)
            for one in waves:
                one.acts = [act for act in one.acts if act.who != gone]
            check_counted(before, waves, people)
    check_own_pages(waves, people)


def planned(wave, panel, *, version, follows, now):
    """Plan and open a round as the model has it."""
    pairs = None if follows is None else [(a, b) for _node, a, b in wave.pairs]
    more = {"drafts_count": wave.drafts_count, "follows": follows, "pairs": pairs}
    return open_round(plan_round(panel, version=version, by="mo", at=now, **more), by="mo", at=now)


def live(rng, round_, waves, her, now):
    """Let one panelist do what comes to her mind in the last round."""
    wave = waves[-1]
    if wave.follows:
        keep_some(rng, round_, waves, her, now)
    acts = invent(rng, wave, her.code)
    store(round_, acts, {her.code: her}, now)
    wave.acts += acts
    if rng.random() < 0.6:
        hand_in(round_, wave, her.code, her, now)
    if wave.handed_in(her.code) and rng.random() < 0.4:
        take_back(rng, round_, wave, her, now)


def test_random_panels_hold_what_they_are_for():
    seen = Counter()
    for seed in SEEDS:
        rng, waves = random.Random(seed), []
        for number in range(3):
            wave = plan(rng, follows=number > 0)
            for who in PEOPLE:
                wave.acts += invent(rng, wave, who)
                if rng.random() < 0.6 and wave.answers(who):
                    wave.acts.append(Act(who, "hand in"))
            for who, node in ((who, node) for who in PEOPLE for node in wave.nodes):
                answered, open_, not_needed, left_out = wave.parts(who, node)
                given = sum(wave.standing(who, pair) is not None for pair in wave.of(node))
                kind = f"{wave.choice(who, node)} {'again' if wave.follows else 'first'}"
                seen[kind, "incomplete"] += bool(answered and open_)
                seen[kind, "not needed"] += bool(not_needed)
                seen[kind, "left out with answers"] += bool(left_out and given)
                seen["draft counts"] += wave.counts(who, node) and not wave.handed_in(who)
                seen["earlier answers go"] += wave.drops(who, node) and bool(waves)
            waves.append(wave)
            taken = {(act.who, act.pair) for act in wave.acts if act.kind == "answer" and act.value is None}
            seen["taken back"] += sum(wave.standing(who, pair) is None for who, pair in taken)
            seen["given again"] += sum(wave.standing(who, pair) is not None for who, pair in taken)

    for case in (
        ("short first", "incomplete"),
        ("short first", "not needed"),
        ("short again", "incomplete"),
        ("enough first", "not needed"),
        ("enough again", "not needed"),
        ("skip first", "left out with answers"),
        ("skip again", "left out with answers"),
        "draft counts",
        "earlier answers go",
        "taken back",
        "given again",
    ):
        assert seen[case] >= 3, case


# --- the rule itself --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("choice", "answered", "follows", "expected"),
    [
        ("", 0, False, (0, 21, 0, 0)),
        ("all", 20, False, (20, 1, 0, 0)),
        ("short", 4, False, (4, 6, 11, 0)),
        ("short", 10, False, (10, 0, 11, 0)),
        ("short", 15, False, (15, 0, 6, 0)),
        ("short", 4, True, (4, 17, 0, 0)),
        ("enough", 0, False, (0, 0, 21, 0)),
        ("enough", 8, True, (8, 0, 13, 0)),
        ("skip", 8, False, (0, 0, 0, 21)),
        ("skip", 0, True, (0, 0, 0, 21)),
    ],
)
def test_last_choice_says_what_is_still_asked(choice, answered, follows, expected):
    standing = asked_of(choice, 7, 21, answered, follows)

    assert parts(standing) == expected
    assert sum(parts(standing)) == 21
    assert (standing.settled, standing.total) == (expected[0] + expected[3], 21 - expected[2])
    assert standing.complete == (expected[1] == 0)
    assert standing.counts_as_draft == (expected[0] > 0 and expected[1] == 0)
    assert standing.short == (0 if follows else 10)


def test_few_items_have_no_short_set():
    standing = asked_of("short", 6, 15, 7, follows=False)

    assert (parts(standing), standing.short, standing.offers_short) == ((7, 8, 0, 0), 0, False)


def test_short_set_is_offered_while_it_shortens_and_before_the_first_answer_waited_for():
    for choice, answered, offers, awaits in (
        ("", 0, True, True),
        ("", 9, True, True),
        ("", 10, False, False),
        ("all", 9, True, False),
        ("short", 0, False, False),
    ):
        standing = asked_of(choice, 7, 21, answered, follows=False)
        assert (standing.offers_short, standing.awaits_choice) == (offers, awaits)
    assert not asked_of("", 7, 21, 0, follows=True).awaits_choice


def test_items_are_known_by_their_pairs():
    assert [items_of(n * (n - 1) // 2) for n in range(2, 60)] == list(range(2, 60))
