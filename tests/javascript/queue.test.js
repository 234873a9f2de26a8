// No answer is lost, doubled or shown to somebody else between the tap and the server.
import assert from "node:assert/strict";
import { test } from "node:test";

import { newKey } from "../../surveys/static/surveys/answers/protocol.js";
import { Store } from "../../surveys/static/surveys/answers/store.js";
import { answer, disk, listen, newQueue, refused, Server, undo, waiting } from "./given.js";

test("an answer is on the disk when it is added, and another page finds it there", async () => {
  const on = disk();

  const version = await newQueue({ on }).add(answer({ key: "one", version: 4 }));

  assert.equal(version, 5);
  assert.deepEqual(await waiting(newQueue({ on })), [["one", "waiting"]]);
});

test("answers are sent in the order they were given, and leave the device when they are stored", async () => {
  const server = new Server(), queue = newQueue({ server }), told = listen(queue);
  const given = [answer({ second: "B" }), answer({ second: "C" }), undo({ second: "C" })];
  for (const one of given) await queue.add(one);

  await queue.flush();

  assert.deepEqual(server.keys, given.map(({ key }) => key));
  assert.deepEqual(await queue.all(), []);
  assert.deepEqual(told, [...given.map(({ key }) => ["saved", key]), ["idle"]]);
});

test("flushes that fall together send every answer once", async () => {
  const server = new Server(), queue = newQueue({ server });
  await queue.add(answer());
  await queue.add(answer({ second: "C" }));

  await Promise.all([queue.flush(), queue.flush(), queue.flush()]);

  assert.equal(server.received.length, 2);
});

test("two pages of one browser take turns, and send every answer once", async () => {
  const server = new Server(), on = disk();
  let turn = Promise.resolve();
  const alone = (work) => {
    turn = turn.then(work);
    return turn;
  };
  const pages = [newQueue({ server, on, alone }), newQueue({ server, on, alone })];
  await pages[0].add(answer());
  await pages[1].add(answer({ second: "C" }));

  await Promise.all(pages.map((page) => page.flush()));

  assert.equal(server.received.length, 2);
});

test("what is added while another answer is under way goes with it", async () => {
  const server = new Server(), queue = newQueue({ server }), late = answer({ second: "C" });
  server.replies.push(async ({ version }) => {
    await queue.add(late);
    return { state: "saved", version: version + 1 };
  });
  await queue.add(answer());

  await queue.flush();

  assert.equal(server.keys[1], late.key);
  assert.ok(await queue.isEmpty());
});

test("what another person left is neither shown, sent nor forgotten", async () => {
  const on = disk(), server = new Server(), hers = newQueue({ on, server }), his = newQueue({ on, scope: "his" });
  await his.add(answer({ key: "his" }));
  await hers.add(answer({ key: "hers" }));

  assert.deepEqual(await waiting(hers), [["hers", "waiting"]]);
  await hers.flush();
  await hers.forget();

  assert.deepEqual(server.keys, ["hers"]);
  assert.deepEqual(await waiting(his), [["his", "waiting"]]);
});

test("who withdraws leaves nothing on the device", async () => {
  const server = new Server(refused("closed")), queue = newQueue({ server });
  await queue.add(answer());
  await queue.flush();
  await queue.add(answer({ second: "C" }));

  await queue.forget();

  assert.ok(await queue.isEmpty());
});

test("a refused answer can be dropped alone", async () => {
  const server = new Server(refused("closed"), refused("closed")), queue = newQueue({ server });
  await queue.add(answer({ key: "goes" }));
  await queue.add(answer({ key: "stays", second: "C" }));
  await queue.flush();

  await queue.remove((await queue.all())[0].id);

  assert.deepEqual(await waiting(queue), [["stays", "closed"]]);
});

for (const [first, second] of [["A", "B"], ["B", "A"]]) {
  test(`a new answer to ${first}, ${second} takes the place of a refused one to A, B`, async () => {
    const server = new Server(refused("refused")), queue = newQueue({ server });
    await queue.add(answer());
    await queue.flush();

    await queue.add(answer({ first, second, key: "new" }));

    assert.deepEqual(await waiting(queue), [["new", "waiting"]]);
  });
}

test("undoing a refused answer only drops it, and goes back to the version that she saw", async () => {
  const server = new Server(refused("conflict")), queue = newQueue({ server });
  await queue.add(answer({ version: 7 }));
  await queue.flush();

  const version = await queue.add(undo({ version: 8 }));

  assert.equal(version, 7);
  assert.ok(await queue.isEmpty());
});

test("a connection that the browser closed is opened again", async () => {
  const on = disk(), store = new Store(() => on);
  (await store.ready()).close();

  await store.change((entries) => entries.add({ ...answer({ key: "kept" }), scope: "hers", state: "waiting" }));

  assert.equal((await store.everything())[0].key, "kept");
});

test("a device that keeps nothing says so before anything is promised", async () => {
  const none = new Store(() => {
    throw new DOMException("not in this mode", "SecurityError");
  });

  await assert.rejects(none.ready(), { name: "SecurityError" });
  await assert.rejects(none.change(() => {}), { name: "SecurityError" });
});

test("every answer has a key of its own, in the form of a UUID, also without HTTPS", (t) => {
  const version4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
  const keys = [newKey(), newKey()];
  const getRandomValues = crypto.getRandomValues.bind(crypto);
  t.mock.getter(globalThis, "crypto", () => ({ getRandomValues }));
  keys.push(newKey(), newKey());

  for (const key of keys) assert.match(key, version4);
  assert.equal(new Set(keys).size, 4);
});
