// The pair page's state: which pair is asked, what undo takes back, how far she is, and where to go next.
import assert from "node:assert/strict";
import { test } from "node:test";

import { PairState, wrongWith } from "../../surveys/static/surveys/pair/state.js";
import { ahead, entry, pair, refused, RULES, saved } from "./given.js";

const ADDRESSES = { review: "/p/t/review/", pair: "/p/t/pair/" };
const question = (node) => `/p/t/question/${node}/`;
const fresh = (facts, way = { isWhole: false }) => new PairState(ahead(facts), way);
const codes = (one) => one && [one.first, one.second];

test("an answer moves on to the next pair and counts here and in all", () => {
  const state = fresh();

  state.answered(state.asked, { value: "3", comment: "why" });

  assert.deepEqual([codes(state.asked), codes(state.last)], [["A", "C"], ["A", "B"]]);
  assert.deepEqual(state.far, { here: 1, here_total: 3, done: 1, total: 4, minutes: 1 });
});

test("undo asks the pair again, empty, and counts back; the pair before it comes next", () => {
  const state = fresh();
  state.answered(state.asked, { value: "3", comment: "why" });
  state.answered(state.asked, { value: "1", comment: "" });

  state.undone();

  assert.deepEqual([codes(state.asked), state.asked.value, codes(state.last)], [["A", "C"], "", ["A", "B"]]);
  state.undone();
  assert.deepEqual([codes(state.asked), state.asked.comment, state.last, state.far.done], [["A", "B"], "", undefined, 0]);
});

test("what was answered before she came is changed without being counted twice, and can be undone", () => {
  const state = fresh({ answered: 2, pairs: [pair("A", "B", { value: "3", version: 1 }), pair("B", "C")], latest: pair("A", "C", { value: "5" }) });
  assert.equal(state.doneWith(state.asked, "answer"), 2);

  state.answered(state.asked, { value: "7", comment: "" });
  assert.equal(state.far.done, 2);
  state.undone();
  state.undone();

  assert.deepEqual([codes(state.asked), state.far.done], [["A", "C"], 0]);
});

test("undo with nothing to take back changes nothing", () => {
  const state = fresh();

  state.undone();

  assert.deepEqual([codes(state.asked), state.far.done], [["A", "B"], 0]);
});

test("after the last pair nothing is asked", () => {
  const state = fresh({ pairs: [pair("A", "B")] });

  state.answered(state.asked, { value: "3", comment: "" });

  assert.equal(state.asked, undefined);
});

// --- what waits on the device -----------------------------------------------------------------------------------------

test("what waits is answered already: it is not asked again, and can be undone", () => {
  const state = fresh();

  assert.ok(state.catchUp([entry({ value: "5", comment: "why" })]));

  assert.deepEqual([codes(state.asked), codes(state.last), state.last.value, state.last.version], [["A", "C"], ["A", "B"], "5", 1]);
  assert.equal(state.far.done, 1);
});

test("what was refused is shown again as she gave it, and asked", () => {
  const state = fresh();

  assert.ok(state.catchUp([entry({ state: "conflict", value: "5", comment: "why" })]));

  assert.deepEqual([codes(state.asked), state.asked.value, state.asked.comment, state.far.done], [["A", "B"], "5", "why", 0]);
});

test("nothing is caught up of what is over, of an undoing, of another pair or a later one that was refused", () => {
  const state = fresh();
  const entries = [entry({ state: "closed" }), entry({ state: "handed_in" }), entry({ kind: "undo" }), entry({ first: "X" })];

  assert.ok(!state.catchUp([...entries, entry({ first: "B", second: "C", state: "refused" })]));

  assert.deepEqual([codes(state.asked), state.asked.value, state.far.done], [["A", "B"], "", 0]);
});

// --- what the server said ---------------------------------------------------------------------------------------------

test("the version of a stored answer is known, and never goes back", () => {
  const state = fresh(), asked = state.asked;
  state.saw(asked, 3);

  state.told(entry(), saved({ version: 2 }), ADDRESSES);
  assert.equal(asked.version, 3);
  state.told(entry(), saved({ version: 5 }), ADDRESSES);

  assert.equal(asked.version, 5);
});

for (const [first, second] of [["A", "B"], ["B", "A"]]) {
  test(`after a refusal of ${first}, ${second} she has seen what she saw before it`, () => {
    const state = fresh(), asked = state.asked;
    state.saw(asked, 3);

    state.told(entry({ first, second, version: 1 }), refused("conflict"), ADDRESSES);

    assert.equal(asked.version, 1);
  });
}

test("where the server leads she goes when nothing waits, for an answer of this page alone", () => {
  const state = fresh();
  state.told(entry({ key: "of another page" }), saved({ goto: "/p/t/question/Root/" }), ADDRESSES);
  assert.equal(state.leadsTo("", question), null);

  state.gives("mine");
  state.told(entry({ key: "mine" }), saved({ goto: "/p/t/question/Root/" }), ADDRESSES);

  assert.equal(state.leadsTo("", question), "/p/t/question/Root/");
});

test("nobody is led away from a reason that is not sent yet", () => {
  const state = fresh();
  state.gives("mine");
  state.told(entry({ key: "mine" }), saved({ goto: "/p/t/question/Root/" }), ADDRESSES);

  assert.equal(state.leadsTo("Trams mat", question), null);
  state.sends("Trams matter");
  assert.equal(state.leadsTo("Trams matter", question), "/p/t/question/Root/");
  state.shows(state.asked);
  assert.equal(state.leadsTo("Trams matter", question), null);
});

test("nobody is led anywhere twice", () => {
  const state = fresh();
  state.goto = ADDRESSES.review;
  state.isLeaving = true;

  assert.equal(state.leadsTo("", question), null);
  assert.ok(state.isHeld);
});

for (const over of ["closed", "handed_in"]) {
  test(`a round that is ${over} leads to the review`, () => {
    const state = fresh();

    state.told(entry(), refused(over), ADDRESSES);

    assert.equal(state.leadsTo("", question), ADDRESSES.review);
  });
}

test("a long question that was begun without network is told about when the network is back", () => {
  const state = fresh({ pairs: [pair("D", "E", { node: "Long" })] });

  state.goesOnTo(state.asked);

  assert.ok(!state.node("Long").awaits_choice);
  assert.equal(state.leadsTo("", question), question("Long"));
});

// --- where the server shows each pair ---------------------------------------------------------------------------------

test("a stored answer to the pair that is shown leads to the next one", () => {
  const state = fresh({}, { isWhole: true });

  state.told(entry({ first: "B", second: "C" }), saved(), ADDRESSES);
  assert.equal(state.goto, null);
  state.told(entry({ first: "B", second: "A" }), saved(), ADDRESSES);

  assert.equal(state.goto, ADDRESSES.pair);
});

test("an undoing leads to the pair that is asked again", () => {
  const state = fresh({ latest: pair("A", "C", { value: "3" }), answered: 1 }, { isWhole: true });

  state.undone();
  state.told(entry({ kind: "undo", second: "C" }), saved(), ADDRESSES);

  assert.deepEqual([codes(state.asked), state.far.done, state.goto], [["A", "B"], 0, "/p/t/pair/?first=A&second=C"]);
});

test("an answer kept from the round before leads to the next pair, whatever there would be to say", () => {
  const state = fresh({}, { isWhole: true });
  state.gives("kept", { isKept: true });

  state.told(entry({ key: "kept" }), saved({ goto: "/p/t/question/Root/" }), ADDRESSES);

  assert.equal(state.goto, ADDRESSES.pair);
});

// --- rules ------------------------------------------------------------------------------------------------------------

for (const [comment, wrong] of [
  ["", null],
  ["Trams matter", null],
  ["x".repeat(2000), null],
  ["x".repeat(2001), "too_long"],
  ["Ask me@example.org", "no_address"],
  ["Ask me＠example．org", "no_address"],
  ["me @ example", null],
]) {
  test(`a reason of ${comment.length} signs, ${comment.slice(0, 20)}, is ${wrong ?? "taken"}`, () => {
    assert.equal(wrongWith(comment, RULES), wrong);
  });
}

test("the limits are the server's", () => {
  assert.equal(wrongWith("four", { ...RULES, longest_comment: 3 }), "too_long");
  assert.equal(wrongWith("no digits: 7", { ...RULES, address: "\\d" }), "no_address");
});
