// Without a reply an answer waits and is sent again, ever more patiently, under the same key.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { test } from "node:test";
import { promisify } from "node:util";

import { FIELDS, post, standing } from "../../surveys/static/surveys/answers/protocol.js";
import { PAUSES } from "../../surveys/static/surveys/answers/queue.js";
import { answer, entry, newQueue, refused, saved, Server, undo, waiting } from "./given.js";

const immediate = promisify(setImmediate);

/** Let all that is under way on the disk and in promises come to rest. */
const rest = async () => {
  for (let turn = 0; turn < 30; turn += 1) await immediate();
};

test("it is tried again after 1, 2, 4, 8, 15, 30 and then every 60 seconds", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const server = new Server(), queue = newQueue({ server });
  server.isDown = true;
  await queue.add(answer());
  await queue.flush();

  for (const [tries, seconds] of [...PAUSES, 60, 60].entries()) {
    t.mock.timers.tick(1000 * seconds - 1);
    await rest();
    assert.equal(server.received.length, tries + 1, `too early before ${seconds} s`);
    t.mock.timers.tick(1);
    await rest();
    assert.equal(server.received.length, tries + 2, `not after ${seconds} s`);
  }
  assert.deepEqual(PAUSES, [1, 2, 4, 8, 15, 30, 60]);
  assert.equal(new Set(server.keys).size, 1);
});

test("after a reply the pauses begin anew, and trouble is over", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const server = new Server(null, null, saved(), null), queue = newQueue({ server });
  await queue.add(answer());
  await queue.add(answer({ second: "C" }));
  await queue.flush();
  assert.ok(queue.trouble());

  await queue.flush(); // fails
  await queue.flush(); // stores the first, fails with the second
  t.mock.timers.tick(1000);
  await rest();

  assert.equal(server.received.length, 5);
  assert.ok(await queue.isEmpty());
  assert.ok(!queue.trouble());
});

test("an answer sent early leaves no second timer behind", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const server = new Server(null, null), queue = newQueue({ server });
  await queue.add(answer());
  await queue.flush();
  await queue.flush();

  t.mock.timers.tick(1999);
  await rest();
  assert.equal(server.received.length, 2);
  t.mock.timers.tick(1);
  await rest();

  assert.equal(server.received.length, 3);
});

test("a disk that fails while sending is tried again too", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const server = new Server(), queue = newQueue({ server });
  await queue.add(answer());
  server.replies.push(() => Promise.reject(new DOMException("closing", "InvalidStateError")));
  await queue.flush();
  assert.ok(queue.trouble());

  t.mock.timers.tick(1000);
  await rest();

  assert.ok(await queue.isEmpty());
});

test("what was refused is sent again when she asks, by its state or alone", async () => {
  const server = new Server(refused("conflict"), refused("refused"), refused("closed")), queue = newQueue({ server });
  for (const second of ["B", "C", "D"]) await queue.add(answer({ second, key: second }));
  await queue.flush();
  assert.deepEqual(await waiting(queue), [["B", "conflict"], ["C", "refused"], ["D", "closed"]]);

  await queue.retry("conflict", "elsewhere");
  assert.deepEqual(await waiting(queue), [["C", "refused"], ["D", "closed"]]);
  await queue.retry((await queue.all())[1].id);

  assert.deepEqual(await waiting(queue), [["C", "refused"]]);
});

// --- what is worth keeping of what comes back -------------------------------------------------------------------------

async function serving(work, ...replies) {
  const requests = [];
  const site = createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    requests.push({ path: request.url, method: request.method, headers: request.headers, body: Buffer.concat(chunks).toString() });
    const { status = 200, type = "application/json", body = "{}" } = replies.shift() ?? {};
    response.writeHead(status, { "Content-Type": type });
    response.end(body);
  });
  await new Promise((resolve) => { site.listen(0, "127.0.0.1", resolve); });
  try {
    await work(`http://127.0.0.1:${site.address().port}/p/token/`, requests);
  } finally {
    site.closeAllConnections();
    site.close();
  }
}

test("an answer goes to pair/, its undoing to take-back/, with the fields of the form", () =>
  serving(async (base, requests) => {
    const sent = entry({ value: "1/3", comment: "Trams & more", version: 2, key: "k" });
    const reply = await post(sent, { base, token: "secret" });
    await post(undo({ key: "u" }), { base, token: "secret" });

    const [{ path, method, headers, body }, taken] = requests;
    assert.deepEqual([path, method, taken.path], ["/p/token/pair/", "POST", "/p/token/take-back/"]);
    assert.deepEqual([headers.accept, headers["x-csrftoken"]], ["application/json", "secret"]);
    assert.deepEqual(Object.fromEntries(new URLSearchParams(body)), {
      first: "A", second: "B", node: "Root", value: "1/3", comment: "Trams & more", version: "2", key: "k",
    });
    assert.deepEqual([...new URLSearchParams(body).keys()], [...FIELDS]); // and nothing of the device
    assert.deepEqual(reply, saved());
  }, { body: JSON.stringify(saved()) }));

for (const status of [500, 503, 429, 408]) {
  test(`status ${status} is no reply: the answer waits on`, () =>
    serving(async (base) => assert.equal(await post(entry(), { base, token: "" }), null), { status }));
}

for (const status of [409, 422, 403]) {
  test(`status ${status} with words is a refusal`, () =>
    serving(async (base) => assert.deepEqual(await post(entry(), { base, token: "" }), refused("conflict")), {
      status, body: JSON.stringify(refused("conflict")),
    }));
}

test("a page instead of words is a refusal that keeps the answer", () =>
  serving(async (base) => {
    assert.deepEqual(await post(entry(), { base, token: "" }), { state: "refused", message: "", goto: null });
  }, { status: 404, type: "text/html", body: "<h1>Nothing here</h1>" }));

test("half a reply is none", () =>
  serving(async (base) => assert.equal(await post(entry(), { base, token: "" }), null), { body: '{"state": "sav' }));

test("no network is no reply", async () => {
  const fetch = () => Promise.reject(new TypeError("failed to fetch"));

  assert.equal(await post(entry(), { base: "/p/token/", token: "", fetch }), null);
});

test("a server that says nothing for 15 seconds is given up", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const fetch = (_address, { signal }) => new Promise((_resolve, reject) => { signal.addEventListener("abort", () => reject(signal.reason)); });
  let reply = "waited for";
  const asked = post(entry(), { base: "/p/token/", token: "", fetch }).then((said) => { reply = said; });

  t.mock.timers.tick(14_999);
  await rest();
  assert.equal(reply, "waited for");
  t.mock.timers.tick(1);
  await asked;

  assert.equal(reply, null);
});

test("how the round stands is asked for by a look, and not known where it is refused", () =>
  serving(async (base, requests) => {
    assert.deepEqual(await standing({ base }), { state: "open" });
    assert.equal(await standing({ base }), null);
    assert.deepEqual(requests.map(({ method, path }) => [method, path]), [["GET", "/p/token/state/"], ["GET", "/p/token/state/"]]);
  }, { body: '{"state": "open"}' }, { status: 403 }));
