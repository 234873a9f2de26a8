// Answers wait on the device until the server has them: add, send in order, try again, tell.
//
// A record is one answer ("answer") or its undoing ("undo") under a key of its own, so that sending it twice stores it once.
// Its state is "waiting", or what the server said when it refused: "refused", "conflict", "closed", "handed_in", "elsewhere".
// `scope` names panelist and round: what another person left on this device is neither shown nor sent.
// Events on `events`: "change" (records or trouble), "reply" ({record, reply}), "idle" (nothing waits any more).
export const events = new EventTarget();
const STORE = "answers";
const PAUSES = [1, 2, 4, 8, 15, 30, 60]; // seconds before the next try
const PATIENCE = 15_000;
let base, scope, database, timer, tries = 0;
let running = Promise.resolve();

// --- what is kept ---------------------------------------------------------------------------------------------------

export function ready() {
  database ??= new Promise((resolve, reject) => {
    const asked = indexedDB.open("steelyard", 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore(STORE, { keyPath: "id", autoIncrement: true });
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
  return database;
}

// Browsers close connections as they like (Safari in the background); a second one is asked before anything is given up.
async function kept(mode, work) {
  try {
    return await once(mode, work);
  } catch {
    database?.then((old) => old.close()).catch(() => {});
    database = null;
    return once(mode, work);
  }
}

async function once(mode, work) {
  const transaction = (await ready()).transaction(STORE, mode);
  const asked = work(transaction.objectStore(STORE));
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve(asked?.result);
    transaction.onerror = transaction.onabort = () => reject(transaction.error);
  });
}

// All in one transaction: what another page or a reply changes comes before it or after it.
const changed = (work) =>
  kept("readwrite", (store) => {
    const asked = store.getAll();
    asked.onsuccess = () => work(store, asked.result.filter((record) => record.scope === scope));
  });

export const everything = () => kept("readonly", (store) => store.getAll());
export const isEmpty = async () => (await everything()).length === 0;
export const all = async () => (await everything()).filter((record) => record.scope === scope);
export const trouble = () => tries > 0;

const isSamePair = (one, other) =>
  (one.first === other.first && one.second === other.second) || (one.first === other.second && one.second === other.first);

// A new answer takes the place of refused ones to the same pair; resolves once it is on the disk. Undoing a refused answer
// only drops it: the server never had it. Returns the version to go on from.
export async function add(record) {
  let version;
  await changed((store, records) => {
    const replaced = records.filter((other) => other.state !== "waiting" && isSamePair(record, other));
    for (const other of replaced) store.delete(other.id);
    const dropped = record.kind === "undo" && replaced.findLast((other) => other.kind === "answer");
    version = dropped ? dropped.version : record.version + 1;
    if (!dropped) store.add({ ...record, scope, state: "waiting", at: new Date().toISOString() });
  });
  tell("change");
  return version;
}

// What the server did not take holds up whatever waits for the same pair, for that was said of an answer that is not there:
// one record stays, the last, which saw what the first one saw; of an answer and its own undoing nothing stays. Returns the
// reply as it holds for what stays.
async function refuse(record, reply) {
  let held = reply;
  await changed((store, records) => {
    const later = records.filter((other) => other.id > record.id && other.state === "waiting" && isSamePair(record, other));
    const last = later.at(-1) ?? record;
    for (const other of [record, ...later]) store.delete(other.id);
    const isDropped = last.kind === "undo" && record.kind === "answer";
    const stays = last.kind === "undo" ? record : last;
    held = { ...reply, goto: isDropped ? null : stays === record ? reply.goto : leadingTo(reply.goto, stays) };
    if (!isDropped) store.put({ ...stays, version: record.version, state: held.state, message: held.message, goto: held.goto });
  });
  return held;
}

// The page that asks which answer stands carries the late one in its address: here a later one in its place.
function leadingTo(goto, record) {
  const address = goto && new URL(goto, location.href);
  if (!address?.searchParams.has("value")) return null;
  for (const name of ["first", "second", "value", "key", "comment"]) address.searchParams.set(name, record[name]);
  return address.pathname + address.search;
}

export async function remove(id) {
  await kept("readwrite", (store) => store.delete(id));
  tell("change");
}

// What this panelist's answers are on this device: nothing, from now on.
export async function forget() {
  await changed((store, records) => records.forEach((record) => store.delete(record.id)));
  tell("change");
}

export async function retry(...states) {
  for (const record of await all()) {
    if (states.includes(record.state) || states.includes(record.id)) {
      await kept("readwrite", (store) => store.put({ ...record, state: "waiting" }));
    }
  }
  return flush();
}

// --- sending --------------------------------------------------------------------------------------------------------

export function start(itsBase, itsScope) {
  [base, scope] = [itsBase, itsScope];
  window.addEventListener("online", flush);
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && trouble() && flush());
}

// Send what waits, in order; resolves when nothing waits or the network fails. One page of this browser at a time.
export function flush() {
  const turn = () => (navigator.locks ? navigator.locks.request("steelyard answers", send) : send());
  running = running.then(turn).catch(() => later());
  return running;
}

async function send() {
  clearTimeout(timer);
  for (;;) {
    const record = (await all()).find((one) => one.state === "waiting");
    if (!record) break;
    let reply = await ask(record);
    if (!reply) return later();
    tries = 0;
    if (reply.state === "saved") await kept("readwrite", (store) => store.delete(record.id));
    else reply = await refuse(record, reply);
    tell("reply", { record, reply });
    tell("change");
  }
  tries = 0;
  tell("change");
  tell("idle");
}

// The server's reply; null where there is none worth keeping: no network, a server that is down, too many requests.
async function ask(record) {
  const patience = new AbortController();
  const limit = setTimeout(() => patience.abort(), PATIENCE);
  const { first, second, node, value, comment, version, key } = record;
  try {
    const response = await fetch(base + (record.kind === "undo" ? "take-back/" : "pair/"), {
      method: "POST",
      body: new URLSearchParams({ first, second, node, value, comment, version, key }),
      headers: { Accept: "application/json", "X-CSRFToken": token() },
      signal: patience.signal,
      keepalive: true, // also when the page is closed right after the tap
    });
    if (response.status >= 500 || response.status === 429 || response.status === 408) return null;
    const isReply = response.headers.get("Content-Type")?.startsWith("application/json");
    return isReply ? await response.json() : { state: "refused", message: "", goto: null };
  } catch {
    return null;
  } finally {
    clearTimeout(limit);
  }
}

function later() {
  clearTimeout(timer);
  timer = setTimeout(flush, 1000 * PAUSES[Math.min(tries, PAUSES.length - 1)]);
  tries += 1;
  tell("change");
}

// --- small things ---------------------------------------------------------------------------------------------------

const tell = (name, detail) => events.dispatchEvent(new CustomEvent(name, { detail }));

const token = () =>
  document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1] ?? document.querySelector("[name=csrfmiddlewaretoken]")?.value ?? "";

// randomUUID is missing where the page did not come through HTTPS
export function uuid() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  return [...bytes].map((byte, at) => ([4, 6, 8, 10].includes(at) ? "-" : "") + byte.toString(16).padStart(2, "0")).join("");
}
