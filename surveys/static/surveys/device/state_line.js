// What the page says of the answers on this device: how many wait, what was not taken, and that all is saved.

/** @import {Entry, Reply} from "../answers/protocol.js" */

import { fill, plural } from "../words.js";

/**
 * @typedef {object} Facts
 * @property {Entry[]} entries hers, on this device
 * @property {boolean} isTroubled the last try to send failed
 * @property {boolean} isHandingIn on this page she hands in: there all that waits matters
 * @property {string} allSaved what to say when nothing waits; empty: nothing
 */

/**
 * @param {Facts} facts
 * @param {{waiting: Record<string, string>}} words
 * @param {string} language
 */
export function stateLine({ entries, isTroubled, isHandingIn, allSaved }, words, language) {
  const refused = entries.filter((entry) => entry.state !== "waiting");
  const waiting = entries.length - refused.length;
  const isWaiting = waiting > 0 && (isTroubled || isHandingIn);
  const isSaved = waiting === 0 && refused.length === 0;
  const text = isWaiting ? plural(words.waiting, waiting, language) : isSaved ? allSaved : "";
  return { text, isWaiting, refused };
}

/**
 * What to say when nothing waits any more, for a page that opened while something waited.
 *
 * @param {Reply} reply
 * @param {{all_saved: string}} words
 */
export const allSaved = (reply, words) =>
  reply.state === "saved" ? fill(words.all_saved, { done: reply.answered, total: reply.total }) : null;

/**
 * What may be done about an answer that was not taken.
 *
 * @param {Entry} entry
 * @returns {"decide" | "retry" | "drop"} "retry" goes with changing it; where nothing is asked any more it can only be dropped
 */
export function wayOut({ state, goto }) {
  if (state === "conflict" && goto) return "decide";
  return state === "refused" || state === "elsewhere" || state === "conflict" ? "retry" : "drop";
}

/**
 * Whether entries hold back handing in: after it no answer is taken. What is refused since the round is over does not.
 *
 * @param {Entry[]} entries
 */
export const holdsBack = (entries) => entries.some(({ state }) => state !== "closed" && state !== "handed_in");

/**
 * Whether the round's end is told with a reply or with how the round stands, and in which words: the server's, since the
 * device may know other rules of her time zone.
 *
 * @param {{state: string, closing?: string | null, closing_time?: string | null}} told
 * @param {{closing: string, closed: string}} words
 * @returns {{name: "closing" | "closed", text: string}[]}
 */
export function endOfRound({ state, closing, closing_time: time = null }, words) {
  /** @type {{name: "closing" | "closed", text: string}[]} */
  const banners = [];
  if (closing) banners.push({ name: "closing", text: fill(words.closing, { time }) });
  if (state === "closed") banners.push({ name: "closed", text: words.closed });
  return banners;
}
