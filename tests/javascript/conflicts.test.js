// What the server did not take stays with what she said last, and holds nothing else up.
import assert from "node:assert/strict";
import { test } from "node:test";

import { answer, listen, newQueue, refused, saved, Server, undo, waiting } from "./given.js";

const PAGE = "/p/token/conflict/?first=A&second=B&value=3&key=early&comment=";

/** A queue whose entries of `given` met `replies` in turn. */
async function met(given, ...replies) {
  const server = new Server(...replies), queue = newQueue({ server }), told = [];
  queue.onReply((entry, reply) => told.push([entry.key, reply]));
  for (const one of given) await queue.add(one);
  await queue.flush();
  return { server, queue, told, kept: await queue.all() };
}

for (const state of ["refused", "conflict", "closed", "handed_in", "elsewhere"]) {
  test(`an answer that is ${state} stays on the device with the reason, and the next pair goes on`, async () => {
    const { server, kept, told } = await met(
      [answer({ key: "early", version: 2 }), answer({ key: "next", second: "C" })],
      refused(state, { goto: "/p/token/review/" }),
    );

    const [{ key, version, message, goto }] = kept;
    assert.deepEqual([key, kept[0].state, version, message, goto], ["early", state, 2, `It is ${state}.`, "/p/token/review/"]);
    assert.equal(kept.length, 1);
    assert.deepEqual(server.keys, ["early", "next"]);
    assert.deepEqual(told.map(([one, reply]) => [one, reply.state]), [["early", state], ["next", "saved"]]);
  });
}

test("a refusal leads to no trouble: nothing is tried again by itself", async () => {
  const { queue, server } = await met([answer()], refused("refused"));

  await queue.flush();

  assert.ok(!queue.trouble());
  assert.equal(server.received.length, 1);
});

for (const [first, second, value] of [["A", "B", "5"], ["B", "A", "1/5"]]) {
  test(`a later answer to the pair (${first}, ${second}) takes the early one's place, and has seen what it saw`, async () => {
    const later = answer({ first, second, value, comment: "now sure", key: "later", version: 3 });
    const { server, kept, told } = await met([answer({ key: "early", version: 2 }), later], refused("conflict", { goto: PAGE }));

    assert.deepEqual(server.keys, ["early"]); // the later one was said of an answer that is not there
    assert.deepEqual(kept.map((one) => [one.key, one.state, one.version, one.value]), [["later", "conflict", 2, value]]);
    const asked = Object.fromEntries(new URL(kept[0].goto, "http://site").searchParams);
    assert.deepEqual(asked, { first, second, value, key: "later", comment: "now sure" });
    assert.equal(kept[0].goto.split("?")[0], "/p/token/conflict/");
    assert.equal(told[0][1].goto, kept[0].goto);
  });
}

test("the last of several later ones stays", async () => {
  const { kept } = await met(
    [answer({ key: "1" }), undo({ key: "2" }), answer({ key: "3", value: "7" })], refused("conflict", { goto: PAGE }),
  );

  assert.deepEqual(kept.map(({ key, state, version }) => [key, state, version]), [["3", "conflict", 0]]);
});

test("of an answer and its own undoing nothing stays, and nobody is led away", async () => {
  const { server, queue, told } = await met([answer({ key: "early" }), undo({ key: "undone" })], refused("conflict", { goto: PAGE }));

  assert.deepEqual(await queue.all(), []);
  assert.deepEqual(server.keys, ["early"]);
  assert.equal(told[0][1].goto, null);
});

test("an undoing that is refused stays alone, and takes nothing else with it", async () => {
  const { kept, server } = await met(
    [undo({ key: "undone", version: 4 }), answer({ key: "other", second: "C" })], refused("conflict", { goto: "/p/token/pair/?first=A&second=B" }),
  );

  assert.deepEqual(kept.map(({ key, kind, state, goto }) => [key, kind, state, goto]), [
    ["undone", "undo", "conflict", "/p/token/pair/?first=A&second=B"],
  ]);
  assert.deepEqual(server.keys, ["undone", "other"]);
});

test("a page that carries no answer is no page for a later one", async () => {
  const { kept } = await met([answer({ key: "1" }), answer({ key: "2" })], refused("closed", { goto: "/p/token/review/" }));

  assert.deepEqual(kept.map(({ key, goto }) => [key, goto]), [["2", null]]);
});

test("an answer in conflict that another page settled is told as stored when it is sent again", async () => {
  const { queue, server } = await met([answer({ key: "late" })], refused("conflict", { goto: PAGE }));
  const told = listen(queue);
  server.replies.push(saved({ version: 3 }));

  await queue.retry("conflict");

  assert.deepEqual(told, [["saved", "late"], ["idle"]]);
  assert.deepEqual(await waiting(queue), []);
});
