// Times: how long it will take, when the round ends, and which taps came too soon after the last pair to be meant.
import assert from "node:assert/strict";
import { test } from "node:test";

import { endOfRound } from "../../surveys/static/surveys/device/state_line.js";
import { PairState } from "../../surveys/static/surveys/pair/state.js";
import { Taps } from "../../surveys/static/surveys/pair/taps.js";
import { ahead, answer, disk, newQueue, refused, RULES, saved } from "./given.js";

// --- how long it will take --------------------------------------------------------------------------------------------

for (const [answered, total, seconds, minutes] of [
  [0, 4, 15, 1], [0, 5, 15, 2], [4, 4, 15, 0], [0, 93, 15, 24], [0, 93, 30, 47], [5, 4, 15, 0],
]) {
  test(`${total - answered} pairs of ${seconds} seconds take ${minutes} minutes`, () => {
    const state = new PairState(ahead({ answered, total, rules: { ...RULES, seconds_a_pair: seconds } }), { isWhole: false });

    assert.equal(state.far.minutes, minutes);
  });
}

// --- when the round ends ----------------------------------------------------------------------------------------------

const WORDS = { closing: "until {time}", closed: "It is closed." };

test("the end is told on the server's clock, with a reply or a look, and only where it is announced", () => {
  const soon = { closing: "2026-03-29T01:30:00Z", closing_time: "02:30 (Africa/Casablanca)" };

  for (const told of [saved(soon), { state: "open", ...soon }]) {
    assert.deepEqual(endOfRound(told, WORDS), [{ name: "closing", text: "until 02:30 (Africa/Casablanca)" }]);
  }
  assert.deepEqual(endOfRound(saved(), WORDS), []);
});

test("a round that is over is told as closed; one she handed in is not", () => {
  assert.deepEqual(endOfRound(refused("closed"), WORDS), [{ name: "closed", text: "It is closed." }]);
  assert.deepEqual(endOfRound(refused("handed_in"), WORDS), []);
});

test("an answer carries when it was given, also where the device's clock is set to another year", async (t) => {
  t.mock.timers.enable({ apis: ["Date"], now: Date.UTC(2031, 1, 28, 23, 50) });
  const queue = newQueue({ on: disk() });

  await queue.add(answer());

  assert.equal((await queue.all())[0].at, "2031-02-28T23:50:00.000Z");
});

// --- taps -------------------------------------------------------------------------------------------------------------

function tapping() {
  const clock = { now: 10_000 }, taps = new Taps(() => clock.now), one = {}, other = {};
  taps.shown();
  clock.now += 5000;
  const tap = (label, detail) => [
    taps.clicked({ label, isOfRadio: false, detail }),
    taps.clicked({ label, isOfRadio: true, detail }),
  ];
  return { clock, taps, one, other, tap };
}

test("a tap on an answer answers once: by the click that reaches its radio", () => {
  const { one, tap } = tapping();

  assert.deepEqual(tap(one, 1), [null, "answers"]);
});

test("the second click of a double tap is of the pair before, for 400 milliseconds", () => {
  const { clock, taps, one, tap } = tapping();
  taps.shown();
  clock.now += 399;
  assert.deepEqual(tap(one, 2), [null, "of the pair before"]);
  clock.now += 1;
  assert.deepEqual(tap(one, 2), [null, "answers"]);
});

test("two quick taps on two pairs both count when neither is a double tap", () => {
  const { clock, taps, one, tap } = tapping();
  taps.shown();
  clock.now += 10;

  assert.deepEqual(tap(one, 1), [null, "answers"]);
});

test("a click that the keyboard made only chooses", () => {
  const { taps, one } = tapping();

  assert.equal(taps.clicked({ label: one, isOfRadio: true, detail: 0 }), null);
});

test("a click that a label passes on without a detail counts as the tap that it was, for 100 milliseconds", () => {
  const { clock, taps, one, other } = tapping();
  const passOn = (label, after, to = label) => {
    taps.clicked({ label, isOfRadio: false, detail: 1 });
    clock.now += after;
    return taps.clicked({ label: to, isOfRadio: true, detail: 0 });
  };

  assert.deepEqual([passOn(one, 99), passOn(one, 100), passOn(one, 1, other)], ["answers", null, null]);
  assert.equal(taps.clicked({ label: one, isOfRadio: true, detail: 0 }), null); // it is passed on once
});

test("a tap whose detail is lost counts where a finger was on that label within a second", () => {
  const { clock, taps, one, other } = tapping();
  const press = (label, after) => {
    taps.pressed(label);
    clock.now += after;
    taps.clicked({ label: one, isOfRadio: false, detail: 0 });
    return taps.clicked({ label: one, isOfRadio: true, detail: 0 });
  };

  assert.deepEqual([press(one, 999), press(one, 1000), press(other, 10), press(null, 10)], ["answers", null, null, null]);
});
