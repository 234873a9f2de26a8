// What the tests begin with: answers, pairs, a queue on a disk of its own, and a server that says what it is told to say.
import { IDBFactory } from "fake-indexeddb";

import { AnswerQueue } from "../../surveys/static/surveys/answers/queue.js";
import { Store } from "../../surveys/static/surveys/answers/store.js";

let number = 0;

export const answer = (facts = {}) => {
  const { first = "A", second = "B" } = facts;
  const names = [`Item ${first}`, `Item ${second}`];
  number += 1;
  return { kind: "answer", first, second, node: "Root", value: "3", comment: "", version: 0, key: `key-${number}`, names, words: "more", ...facts };
};

export const undo = (facts = {}) => answer({ kind: "undo", value: "", version: 1, ...facts });

export const entry = (facts = {}) => ({ id: 1, scope: "hers", state: "waiting", at: "2026-01-01T00:00:00.000Z", ...answer(facts), ...facts });

export const saved = (facts = {}) => ({
  state: "saved", version: 1, at: "2026-01-01T00:00:00Z", answered: 1, total: 6, goto: null, time: "10:00 (UTC)", closing: null, closing_time: null, ...facts,
});

export const refused = (state, facts = {}) => ({ state, message: `It is ${state}.`, goto: null, ...facts });

/** A server that is sent entries: `replies` in their order, then `saved`; null is a failed network. */
export class Server {
  received = [];
  replies = [];
  isDown = false;

  constructor(...replies) {
    this.replies = replies;
  }

  post = (sent) => {
    this.received.push(sent);
    if (this.isDown) return Promise.resolve(null);
    const next = this.replies.length ? this.replies.shift() : saved({ version: sent.version + 1 });
    return Promise.resolve(typeof next === "function" ? next(sent) : next);
  };

  get keys() {
    return this.received.map(({ key }) => key);
  }
}

export const disk = () => new IDBFactory();

export function newQueue({ server = new Server(), on = disk(), scope = "hers", alone } = {}) {
  const queue = new AnswerQueue({ store: new Store(() => on), post: server.post, ...(alone ? { alone } : {}) });
  queue.start(scope);
  return queue;
}

/** What a queue tells, in its order. */
export function listen(queue) {
  const told = [];
  queue.onReply((one, reply) => told.push([reply.state, one.key]));
  queue.onIdle(() => told.push(["idle"]));
  return told;
}

export const waiting = async (queue) => (await queue.all()).map(({ key, state }) => [key, state]);

export const RULES = { seconds_a_pair: 15, longest_comment: 2000, address: "[^\\s@]+@[^\\s@]+\\.[^\\s@]+" };

export const pair = (first, second, facts = {}) => ({ node: "Root", first, second, version: 0, value: "", comment: "", ...facts });

export function ahead(facts = {}) {
  const pairs = [pair("A", "B"), pair("A", "C"), pair("B", "C"), pair("D", "E", { node: "Long" })];
  const nodes = {
    Root: { name: "Root", awaits_choice: false, answered: 0, total: 3 },
    Long: { name: "Long", awaits_choice: true, answered: 0, total: 1 },
  };
  return { answered: 0, total: 4, nodes, pairs, latest: null, rules: RULES, ...facts };
}
