// Answers wait on the device until the server has them: add, send in order, try again, tell.
//
// What another person left on this device is neither shown nor sent: `scope` names panelist and round.
// Told: a change (of entries or of trouble), every reply, and when nothing waits any more (idle).

/**
 * @import {Entry, Given, Refused, Reply} from "./protocol.js"
 * @import {Store} from "./store.js"
 */

import { isSamePair } from "./protocol.js";

export const PAUSES = [1, 2, 4, 8, 15, 30, 60]; // seconds before the next try

export class AnswerQueue {
  #store;
  #post;
  #alone;
  #events = new EventTarget();
  #scope = "";
  #failures = 0;
  #running = Promise.resolve();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /**
   * @param {object} means
   * @param {Store} means.store
   * @param {(entry: Entry) => Promise<Reply | null>} means.post null where there is no reply: it is tried again
   * @param {(work: () => Promise<void>) => Promise<void>} [means.alone] lets one page of this browser send at a time
   */
  constructor({ store, post, alone = (work) => work() }) {
    this.#store = store;
    this.#post = post;
    this.#alone = alone;
  }

  ready() {
    return this.#store.ready();
  }

  /** @param {string} scope whose answers these are from now on */
  start(scope) {
    this.#scope = scope;
  }

  /** @param {() => void} listener */
  onChange(listener) {
    this.#events.addEventListener("change", listener);
  }

  /** @param {() => void} listener */
  onIdle(listener) {
    this.#events.addEventListener("idle", listener);
  }

  /** @param {(entry: Entry, reply: Reply) => void} listener */
  onReply(listener) {
    this.#events.addEventListener("reply", (event) => {
      const { entry, reply } = /** @type {CustomEvent<{entry: Entry, reply: Reply}>} */ (event).detail;
      listener(entry, reply);
    });
  }

  /**
   * @param {"change" | "idle" | "reply"} name
   * @param {{entry: Entry, reply: Reply}} [detail]
   */
  #tell(name, detail) {
    this.#events.dispatchEvent(new CustomEvent(name, { detail }));
  }

  // --- what is kept -------------------------------------------------------------------------------------------------

  /** @returns {Promise<Entry[]>} also what other people left */
  everything() {
    return this.#store.everything();
  }

  async isEmpty() {
    return (await this.everything()).length === 0;
  }

  async all() {
    return (await this.everything()).filter((entry) => entry.scope === this.#scope);
  }

  /** Whether the last try failed. */
  trouble() {
    return this.#failures > 0;
  }

  /** @param {(entries: IDBObjectStore, hers: Entry[]) => void} work */
  #change(work) {
    return this.#store.change((entries, all) => work(entries, all.filter((entry) => entry.scope === this.#scope)));
  }

  /**
   * A new answer takes the place of refused ones to the same pair; resolves once it is on the disk. Undoing a refused answer
   * only drops it: the server never had it.
   *
   * @param {Given} given
   * @returns {Promise<number>} the version to go on from
   */
  async add(given) {
    let version = given.version + 1;
    await this.#change((entries, hers) => {
      const replaced = hers.filter((other) => other.state !== "waiting" && isSamePair(given, other));
      for (const other of replaced) entries.delete(other.id);
      const dropped = given.kind === "undo" && replaced.findLast((other) => other.kind === "answer");
      version = dropped ? dropped.version : given.version + 1;
      if (!dropped) entries.add({ ...given, scope: this.#scope, state: "waiting", at: new Date().toISOString() });
    });
    this.#tell("change");
    return version;
  }

  /** @param {number} id */
  async remove(id) {
    await this.#store.remove(id);
    this.#tell("change");
  }

  /** What this panelist's answers are on this device: nothing, from now on. */
  async forget() {
    await this.#change((entries, hers) => hers.forEach((entry) => entries.delete(entry.id)));
    this.#tell("change");
  }

  /**
   * Let what was refused wait again, and send it.
   *
   * @param {(Entry["state"] | number)[]} which states, or numbers of entries
   */
  async retry(...which) {
    for (const entry of await this.all()) {
      if (which.includes(entry.state) || which.includes(entry.id)) await this.#store.put({ ...entry, state: "waiting" });
    }
    return this.flush();
  }

  // --- sending ------------------------------------------------------------------------------------------------------

  /** Send what waits, in order; resolves when nothing waits or the network fails. */
  flush() {
    this.#running = this.#running.then(() => this.#alone(() => this.#send())).catch(() => this.#later());
    return this.#running;
  }

  async #send() {
    clearTimeout(this.#timer);
    for (;;) {
      const entry = (await this.all()).find((one) => one.state === "waiting");
      if (!entry) break;
      let reply = await this.#post(entry);
      if (!reply) return this.#later();
      this.#failures = 0;
      if (reply.state === "saved") await this.#store.remove(entry.id);
      else reply = await this.#refuse(entry, reply);
      this.#tell("reply", { entry, reply });
      this.#tell("change");
    }
    this.#failures = 0;
    this.#tell("change");
    this.#tell("idle");
  }

  #later() {
    clearTimeout(this.#timer);
    const pause = PAUSES[Math.min(this.#failures, PAUSES.length - 1)] ?? 0;
    this.#timer = setTimeout(() => void this.flush(), 1000 * pause);
    this.#failures += 1;
    this.#tell("change");
  }

  /**
   * What the server did not take holds up whatever waits for the same pair, for that was said of an answer that is not there:
   * one entry stays, the last, which saw what the first one saw; of an answer and its own undoing nothing stays.
   *
   * @param {Entry} entry
   * @param {Refused} reply
   * @returns the reply as it holds for what stays
   */
  async #refuse(entry, reply) {
    let held = reply;
    await this.#change((entries, hers) => {
      const later = hers.filter((other) => other.id > entry.id && other.state === "waiting" && isSamePair(entry, other));
      const last = later.at(-1) ?? entry;
      for (const other of [entry, ...later]) entries.delete(other.id);
      const isDropped = last.kind === "undo" && entry.kind === "answer";
      const stays = last.kind === "undo" ? entry : last;
      held = { ...reply, goto: isDropped ? null : stays === entry ? reply.goto : leadingTo(reply.goto, stays) };
      const { state, message, goto } = held;
      if (!isDropped) entries.put({ ...stays, version: entry.version, state, message, goto });
    });
    return held;
  }
}

/**
 * The page that asks which answer stands carries the late one in its address: here a later one in its place.
 *
 * @param {string | null} goto
 * @param {Entry} entry
 */
function leadingTo(goto, entry) {
  const address = goto ? new URL(goto, "http://this.page") : null;
  if (!address?.searchParams.has("value")) return null;
  for (const name of /** @type {const} */ (["first", "second", "value", "key", "comment"])) address.searchParams.set(name, entry[name]);
  return address.pathname + address.search;
}
