// What the page says of the answers on this device is true.
import assert from "node:assert/strict";
import { test } from "node:test";

import { allSaved, holdsBack, stateLine, wayOut } from "../../surveys/static/surveys/device/state_line.js";
import { fill, plural } from "../../surveys/static/surveys/words.js";
import { entry, refused, saved } from "./given.js";

const WORDS = { waiting: { one: "{n} answer waiting", other: "{n} answers waiting" } };
const CALM = { entries: [], isTroubled: false, isHandingIn: false, allSaved: "" };
const line = (facts) => stateLine({ ...CALM, ...facts }, WORDS, "en");
const two = [entry({ id: 1 }), entry({ id: 2, second: "C" })];

test("while all goes well nothing is said, though an answer is under way", () => {
  assert.deepEqual(line({ entries: two }), { text: "", isWaiting: false, refused: [] });
});

test("in trouble, and where she hands in, it is said how many wait", () => {
  assert.deepEqual(line({ entries: two, isTroubled: true }), { text: "2 answers waiting", isWaiting: true, refused: [] });
  assert.equal(line({ entries: [entry()], isHandingIn: true }).text, "1 answer waiting");
});

test("that all is saved is said when nothing waits and nothing was refused", () => {
  const said = "All saved · 3 of 6";

  assert.equal(line({ allSaved: said }).text, said);
  assert.equal(line({ allSaved: said, entries: two }).text, "");
  assert.equal(line({ allSaved: said, entries: [entry({ state: "refused" })] }).text, "");
  assert.equal(line({ allSaved: said, entries: two, isTroubled: true }).text, "2 answers waiting");
});

test("what was refused is listed and is not said to wait", () => {
  const entries = [entry({ state: "conflict" }), entry({ id: 2, second: "C" })];

  const { text, refused: listed } = line({ entries, isTroubled: true });

  assert.deepEqual([text, listed], ["1 answer waiting", [entries[0]]]);
});

test("trouble without an answer that waits is not hers to know", () => {
  assert.deepEqual(line({ isTroubled: true }), { text: "", isWaiting: false, refused: [] });
});

test("all is saved as of the server's own count, and a refusal says nothing of it", () => {
  const words = { all_saved: "All saved · {done} of {total}" };

  assert.equal(allSaved(saved({ answered: 3, total: 6 }), words), "All saved · 3 of 6");
  assert.equal(allSaved(refused("conflict"), words), null);
});

test("every refusal has its way out", () => {
  const ways = [
    ["conflict", "/p/t/conflict/", "decide"], ["conflict", null, "retry"], ["refused", null, "retry"],
    ["elsewhere", "/p/t/", "retry"], ["closed", null, "drop"], ["handed_in", "/p/t/review/", "drop"],
  ];

  for (const [state, goto, way] of ways) assert.equal(wayOut(entry({ state, goto })), way, state);
});

test("handing in is held back by all that could still count, and by nothing else", () => {
  const held = ["waiting", "refused", "conflict", "elsewhere"].map((state) => holdsBack([entry({ state })]));

  assert.deepEqual(held, [true, true, true, true]);
  assert.ok(!holdsBack([entry({ state: "closed" }), entry({ state: "handed_in" })]));
  assert.ok(!holdsBack([]));
});

test("numbers are said in the plural of her language", () => {
  const forms = { one: "{n} one", two: "{n} two", few: "{n} few", many: "{n} many", other: "{n} other", zero: "{n} zero" };
  const said = (language, ...numbers) => numbers.map((n) => plural(forms, n, language));

  assert.deepEqual(said("ru", 1, 3, 11), ["1 one", "3 few", "11 many"]);
  assert.deepEqual(said("ar", 0, 2, 100), ["0 zero", "2 two", "100 other"]);
});

test("names stand where the words want them, and what is not known stays in braces", () => {
  assert.equal(fill("{first} or {second}, {gone}", { first: "$1", second: 0, gone: null }), "$1 or 0, {gone}");
});
