// The way of an answer: onto the disk, then the next pair at once; sending goes on behind it, also without network.

/**
 * @import {Entry, Given, Pair, Reply, Rules} from "../answers/protocol.js"
 * @import {AnswerQueue} from "../answers/queue.js"
 * @import {PairState} from "./state.js"
 * @import {Taps} from "./taps.js"
 * @import {PairView} from "./view.js"
 */

import { newKey } from "../answers/protocol.js";
import { wrongWith } from "./state.js";
import { field } from "./view.js";

const PATIENCE = 3000; // milliseconds for the server to have something to say at the end of a question

export class Answering {
  #state;
  #view;
  #queue;
  #taps;
  #rules;
  #base;

  /** @param {{state: PairState, view: PairView, queue: AnswerQueue, taps: Taps, rules: Rules, base: string}} parts */
  constructor({ state, view, queue, taps, rules, base }) {
    this.#state = state;
    this.#view = view;
    this.#queue = queue;
    this.#taps = taps;
    this.#rules = rules;
    this.#base = base;
  }

  // --- what she does ------------------------------------------------------------------------------------------------

  /** @param {string} value */
  async answer(value) {
    const state = this.#state, pair = state.asked, comment = this.#view.comment, key = newKey();
    if (state.isHeld || !pair) return;
    const wrong = wrongWith(comment, this.#rules);
    if (wrong) return this.#view.refuseReason(wrong, { longest: this.#rules.longest_comment });
    await this.#held(async () => {
      if (!(await this.#keep(pair, { kind: "answer", value, comment, key }))) {
        return this.#byForm(this.#view.form, { ...pair, key, value });
      }
      state.sends(comment);
      if (state.isWhole) return this.#rest();
      state.answered(pair, { value, comment });
      await this.#next(pair);
    });
  }

  async undo() {
    const state = this.#state, pair = state.last, key = newKey();
    if (state.isHeld || !pair) return;
    await this.#held(async () => {
      if (!(await this.#keep(pair, { kind: "undo", value: "", comment: "", key }))) {
        return this.#byForm(this.#view.undoForm, { ...pair, key });
      }
      state.undone();
      if (state.isWhole) this.#showFar();
      else this.show(pair);
    });
  }

  /**
   * The answer of the round before, kept with one tap; the server has nothing to say to it but the next pair.
   *
   * @param {HTMLFormElement} form
   */
  async again(form) {
    const state = this.#state, pair = state.asked, place = field(form, "key"), key = place.value;
    if (state.isHeld || !pair) return;
    await this.#held(async () => {
      state.gives(key, { isKept: true });
      if (!(await this.#keep(pair, { kind: "answer", value: form.dataset.value ?? "", comment: "", key }))) {
        return this.#byForm(form, { ...pair, key });
      }
      place.value = newKey();
      this.#rest();
    });
  }

  /** @param {() => Promise<void>} work during which nothing else begins */
  async #held(work) {
    this.#state.isBusy = true;
    try {
      await work();
    } finally {
      this.#state.isBusy = false;
    }
  }

  /**
   * @param {Pair} pair
   * @param {Pick<Given, "kind" | "value" | "comment" | "key">} what
   * @returns {Promise<boolean>} false where this device keeps nothing
   */
  async #keep(pair, what) {
    const { first, second, node, version } = pair;
    this.#state.gives(what.key);
    try {
      /** @type {[string, string]} */
      const names = [this.#view.item(first).name, this.#view.item(second).name];
      const words = this.#view.wordsOf(what.value);
      this.#state.saw(pair, await this.#queue.add({ ...what, first, second, node, version, names, words }));
    } catch {
      return false;
    }
    const { total } = this.#state.far;
    if (this.#queue.trouble()) this.#view.announce("kept", { done: this.#state.doneWith(pair, what.kind), total });
    void this.#queue.flush();
    return true;
  }

  /**
   * Where the device cannot keep it, the server is sent the form as if there were no script.
   *
   * @param {HTMLFormElement} form
   * @param {Pair & {key: string}} facts
   */
  #byForm(form, facts) {
    this.#state.isLeaving = true;
    this.#view.submit(form, facts);
  }

  // --- what comes then ----------------------------------------------------------------------------------------------

  /**
   * @param {Pair} pair
   * @param {{isFocused?: boolean}} [how]
   */
  show(pair, { isFocused = true } = {}) {
    this.#state.shows(pair);
    this.#showFar();
    this.#view.showPair(pair, this.#state.node(pair.node).name, { isFocused });
    this.#taps.shown();
  }

  #showFar() {
    this.#view.showFar(this.#state.far, this.#state.last);
  }

  /** The pair is answered, and the next one is the server's to show: nothing more is asked until it has this answer. */
  #rest() {
    this.#view.rest({ isAnnounced: this.#queue.trouble() });
  }

  /**
   * The next pair at once; where a question ends or a long one begins, the server may have something to say first.
   *
   * @param {Pair} done
   */
  async #next(done) {
    const following = this.#state.asked;
    const isCrossing = following?.node !== done.node;
    if (isCrossing && !this.#queue.trouble() && navigator.onLine) await Promise.race([this.#queue.flush(), pause(PATIENCE)]);
    if (this.#state.isLeaving) return;
    const entries = await this.#queue.all().catch(() => []);
    const isSent = !entries.some((entry) => entry.state === "waiting");
    if (following) {
      if (isSent && this.#state.node(following.node).awaits_choice) return this.#leave(this.#question(following.node));
      this.#state.goesOnTo(following);
      return this.show(following);
    }
    this.#showFar();
    this.#view.hide();
    if (isSent) return this.#leave(this.#addresses.review);
    this.#queue.onIdle(() => this.#state.isLeaving || this.#leave(this.#addresses.review));
  }

  /** @param {string} address */
  #leave(address) {
    this.#state.isLeaving = true;
    location.assign(address);
  }

  get #addresses() {
    return { review: `${this.#base}review/`, pair: `${this.#base}pair/` };
  }

  /** @param {string} node */
  #question(node) {
    return `${this.#base}question/${encodeURIComponent(node)}/`;
  }

  // --- what was before, what the server says ------------------------------------------------------------------------

  async catchUp() {
    if (!this.#state.catchUp(await this.#queue.all())) return;
    const { asked, last } = this.#state;
    if (asked) this.show(asked, { isFocused: false });
    else if (last) await this.#next(last);
  }

  /** Listen to what becomes of the answers; show how far she is. */
  begin() {
    this.#queue.onReply((entry, reply) => this.#told(entry, reply));
    this.#queue.onIdle(() => this.#idle());
    if (!this.#state.isWhole) this.#showFar();
  }

  /**
   * @param {Entry} entry
   * @param {Reply} reply
   */
  #told(entry, reply) {
    if (reply.state === "saved") {
      this.#view.showSaved(reply.time);
      this.#view.announce("announced", { done: reply.answered, total: reply.total });
    } else this.#view.wake();
    this.#state.told(entry, reply, this.#addresses);
  }

  #idle() {
    const address = this.#state.leadsTo(this.#view.comment, (node) => this.#question(node));
    if (address) this.#leave(address);
  }
}

/** @param {number} milliseconds */
const pause = (milliseconds) =>
  new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });
