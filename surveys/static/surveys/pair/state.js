// All that the pair page knows and changes: which pairs come, which can be undone, how far she is, where to go next.
// The one owner of it: the view shows it, the way of an answer (answering.js) asks for changes.

/** @import {Ahead, Entry, Given, Node, Pair, Reply, Rules} from "../answers/protocol.js" */

import { isSameOrder, isSamePair } from "../answers/protocol.js";

/** @typedef {{here: number, here_total: number, done: number, total: number, minutes: number}} Far */

export class PairState {
  #coming;
  /** @type {Pair[]} */
  #undoable;
  #answered;
  #total;
  #nodes;
  #rules;
  #isWhole;
  #showing;
  /** @type {Set<string>} keys of answers given on this page */
  #given = new Set();
  /** @type {Set<string>} of these, the ones kept from the round before */
  #keptAgain = new Set();
  /** @type {string | null} the question whose length she was not told, since the server could not be asked */
  #untold = null;
  #sentComment = "";

  /** @type {string | null} the page that has something to say, once nothing waits */
  goto = null;
  isBusy = false; // an answer is on its way to the disk
  isLeaving = false; // another page is asked for

  /**
   * @param {Pick<Ahead, "pairs" | "latest" | "answered" | "total" | "nodes" | "rules">} ahead
   * @param {{isWhole: boolean}} way whether the server shows each pair, once it has the answer
   */
  constructor(ahead, { isWhole }) {
    this.#coming = [...ahead.pairs];
    this.#undoable = ahead.latest ? [ahead.latest] : [];
    this.#answered = ahead.answered;
    this.#total = ahead.total;
    this.#nodes = ahead.nodes;
    this.#rules = ahead.rules;
    this.#isWhole = isWhole;
    this.#showing = ahead.pairs[0]?.node ?? "";
  }

  // --- what is asked ------------------------------------------------------------------------------------------------

  /** The pair that is asked; undefined after the last one. */
  get asked() {
    return this.#coming[0];
  }

  /** The pair whose answer undo takes back. */
  get last() {
    return this.#undoable.at(-1);
  }

  get isWhole() {
    return this.#isWhole;
  }

  /** Whether nothing may be begun now. */
  get isHeld() {
    return this.isBusy || this.isLeaving;
  }

  /** @returns {Far} how far she is, here and in all, in the question that is shown */
  get far() {
    const node = this.node(this.#showing);
    const seconds = Math.max(this.#total - this.#answered, 0) * this.#rules.seconds_a_pair;
    const [done, total] = [this.#answered, this.#total];
    return { here: node.answered, here_total: node.total, done, total, minutes: Math.ceil(seconds / 60) };
  }

  /**
   * @param {string} code
   * @returns {Node}
   */
  node(code) {
    const found = this.#nodes[code];
    if (!found) throw new RangeError(`no question ${code}`);
    return found;
  }

  /** @param {Pair} pair that is shown from now on */
  shows(pair) {
    this.#showing = pair.node;
    this.#sentComment = "";
  }

  // --- what she does ------------------------------------------------------------------------------------------------

  /**
   * What there would be to count, were this done.
   *
   * @param {Pair} pair
   * @param {Given["kind"]} kind
   */
  doneWith(pair, kind) {
    return this.#answered + (kind === "undo" ? -1 : pair.value ? 0 : 1);
  }

  /**
   * @param {string} key
   * @param {{isKept?: boolean}} [how] isKept: the answer of the round before
   */
  gives(key, { isKept = false } = {}) {
    this.#given.add(key);
    if (isKept) this.#keptAgain.add(key);
  }

  /**
   * @param {Pair} pair
   * @param {number} version that is before her eyes from now on
   */
  saw(pair, version) {
    pair.version = version;
  }

  /** @param {string} comment that is on its way: leaving loses nothing of it */
  sends(comment) {
    this.#sentComment = comment;
  }

  /** @param {string} comment as it stands in the field */
  isTyping(comment) {
    return comment !== "" && comment !== this.#sentComment;
  }

  /**
   * The asked pair is answered; the next one is asked.
   *
   * @param {Pair} pair
   * @param {{value: string, comment: string}} answer
   */
  answered(pair, answer) {
    if (!pair.value) this.#count(pair, 1);
    Object.assign(pair, answer);
    this.#coming.splice(this.#coming.indexOf(pair), 1);
    this.#undoable.push(pair);
  }

  /** The last answer is taken back, and its pair is asked again, by the server where it shows each pair. */
  undone() {
    const pair = this.#undoable.pop();
    if (!pair) return;
    if (pair.value) this.#count(pair, -1);
    if (this.#isWhole) return;
    Object.assign(pair, { value: "", comment: "" });
    this.#coming.unshift(pair);
  }

  /**
   * @param {Pair} pair
   * @param {number} more
   */
  #count(pair, more) {
    this.#answered += more;
    this.node(pair.node).answered += more;
  }

  /**
   * Go on to a pair without asking the server; a long question then begins without its choice of a way.
   *
   * @param {Pair} pair
   */
  goesOnTo(pair) {
    const node = this.node(pair.node);
    if (node.awaits_choice) this.#untold = pair.node; // without network she simply goes on
    node.awaits_choice = false;
  }

  // --- what waits on the device, what the server said ---------------------------------------------------------------

  /**
   * What waits on the device is answered already, whatever the server knew when it wrote the page.
   *
   * @param {Entry[]} entries
   * @returns {boolean} whether another pair is to be shown, or the same one otherwise
   */
  catchUp(entries) {
    let hasMoved = false;
    for (const entry of entries) {
      const pair = this.#coming.find((one) => isSameOrder(one, entry));
      if (!pair || entry.state === "closed" || entry.state === "handed_in") continue;
      if (entry.state !== "waiting") {
        if (pair !== this.asked) continue;
        Object.assign(pair, { value: entry.value, comment: entry.comment });
        hasMoved = true;
      } else if (entry.kind === "answer") {
        this.answered(pair, { value: entry.value, comment: entry.comment });
        pair.version += 1;
        hasMoved = true;
      }
    }
    return hasMoved;
  }

  /**
   * @param {Entry} entry
   * @param {Reply} reply
   * @param {{review: string, pair: string}} addresses
   */
  told(entry, reply, addresses) {
    const pairs = [...this.#coming, ...this.#undoable];
    if (reply.state === "saved") {
      for (const pair of pairs) if (isSameOrder(pair, entry)) pair.version = Math.max(pair.version, reply.version);
    } else {
      // what she did since is of an answer that the server does not have: she has seen what she saw before it
      for (const pair of pairs) if (isSamePair(pair, entry)) pair.version = entry.version;
      if (reply.state === "closed" || reply.state === "handed_in") this.goto = addresses.review; // nothing is asked any more
    }
    if (this.#given.has(entry.key) && reply.goto && !this.#keptAgain.has(entry.key)) this.goto = reply.goto;
    else if (this.#isWhole && reply.state === "saved") this.#serverShowsNext(entry, addresses);
  }

  /**
   * @param {Entry} entry
   * @param {{pair: string}} addresses
   */
  #serverShowsNext({ kind, first, second }, { pair }) {
    if (kind === "undo") this.goto = `${pair}?${new URLSearchParams({ first, second })}`;
    else if (this.asked && isSamePair(this.asked, { first, second })) this.goto = pair;
  }

  /**
   * Where to go now that nothing waits; not while she writes a reason: then once that answer is sent.
   *
   * @param {string} comment as it stands in the field
   * @param {(node: string) => string} question the address of a question
   */
  leadsTo(comment, question) {
    if (!this.goto && this.#untold && this.asked?.node === this.#untold) this.goto = question(this.#untold);
    return this.goto && !this.isLeaving && !this.isTyping(comment) ? this.goto : null;
  }
}

/**
 * What the server would refuse a reason for.
 *
 * @param {string} comment
 * @param {Rules} rules
 * @returns {"too_long" | "no_address" | null} the word for it
 */
export function wrongWith(comment, { longest_comment: longest, address }) {
  if (comment.length > longest) return "too_long";
  return new RegExp(address, "u").test(comment.normalize("NFKC")) ? "no_address" : null;
}
