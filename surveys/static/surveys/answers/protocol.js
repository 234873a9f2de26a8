// What a panelist's page and the server say to each other; docs/answering.md says it in sentences.

/**
 * An answer ("answer") or its undoing ("undo"), as it is given.
 *
 * @typedef {object} Given
 * @property {"answer" | "undo"} kind
 * @property {string} first code of the item named first
 * @property {string} second
 * @property {string} node code of the question
 * @property {string} value the list it is taken from and how many times `first` matters as much as `second`: "five 3", "finer 1/3"; empty when undone
 * @property {string} comment her reason
 * @property {number} version the pair's version before her eyes; 0: none
 * @property {string} key the sender's own name of this answer: sent twice, it is stored once
 * @property {[string, string]} names of the items, to tell her which answer this is
 * @property {string} words of the answer, for the same
 *
 * What a device adds: `scope` names panelist and round, since another person may use the same device.
 *
 * @typedef {object} Kept
 * @property {string} scope
 * @property {"waiting" | Refusal} state
 * @property {string} at when she gave it, on the clock of the device; told to nobody
 * @property {string} [message] of the refusal
 * @property {string | null} [goto] the page that settles it
 *
 * @typedef {Given & Kept} Unnumbered
 * @typedef {Unnumbered & {id: number}} Entry
 *
 * @typedef {"refused" | "conflict" | "closed" | "handed_in" | "elsewhere"} Refusal
 */

/**
 * @typedef {object} Saved
 * @property {"saved"} state
 * @property {number} version the pair's new version
 * @property {string} at when it was stored, ISO 8601
 * @property {number} answered pairs settled, of `total`
 * @property {number} total
 * @property {string | null} goto the page that has something to say now
 * @property {string} time `at` on her clock
 * @property {string | null} closing until when she may finish a round whose end is announced, ISO 8601
 * @property {string | null} closing_time `closing` on her clock
 *
 * @typedef {object} Refused
 * @property {Refusal} state
 * @property {string} message in her language
 * @property {string | null} goto
 *
 * @typedef {Saved | Refused} Reply
 *
 * @typedef {object} Standing
 * @property {"open" | "closed" | "handed_in"} state
 * @property {string} scope
 * @property {number} answered
 * @property {number} total
 * @property {string | null} closing
 * @property {string | null} closing_time
 */

/**
 * What the pair page carries: the shown pair and all that follow.
 *
 * @typedef {object} Ahead
 * @property {string} scope
 * @property {number} answered
 * @property {number} total
 * @property {Record<string, Item>} items by code
 * @property {Record<string, Node>} nodes by code
 * @property {Pair[]} pairs
 * @property {Pair | null} latest what undo takes back
 * @property {{five: Step[], finer: Step[]}} scale
 * @property {Rules} rules
 *
 * @typedef {object} Item
 * @property {string} name
 * @property {string} definition
 * @property {string} name_language empty where it is the page's
 * @property {string} definition_language
 *
 * @typedef {object} Node
 * @property {string} name
 * @property {boolean} awaits_choice her way through a long question is not chosen yet
 * @property {number} answered
 * @property {number} total
 *
 * @typedef {object} Pair
 * @property {string} node
 * @property {string} first
 * @property {string} second
 * @property {number} version
 * @property {string} value
 * @property {string} comment
 *
 * @typedef {object} Step
 * @property {string} value
 * @property {[boolean, string][]} parts of its words, bold or not; {item} where the item is named
 *
 * @typedef {object} Rules
 * @property {number} seconds_a_pair
 * @property {number} longest_comment
 * @property {string} address pattern of an e-mail address
 */

export const FIELDS = /** @type {const} */ (["first", "second", "node", "value", "comment", "version", "key"]);
const PATIENCE = 15_000;

/** @typedef {{first: string, second: string}} Codes */

/**
 * @param {Codes} one
 * @param {Codes} other
 */
export const isSameOrder = (one, other) => one.first === other.first && one.second === other.second;

/**
 * @param {Codes} one
 * @param {Codes} other
 */
export const isSamePair = (one, other) =>
  isSameOrder(one, other) || (one.first === other.second && one.second === other.first);

/**
 * Send one entry. Resolves to the server's reply; to null where there is none worth keeping: no network, a server that is
 * down, too many requests.
 *
 * @param {Given} entry
 * @param {{base: string, token: string, fetch?: typeof globalThis.fetch}} way
 * @returns {Promise<Reply | null>}
 */
export async function post(entry, { base, token, fetch = globalThis.fetch }) {
  const patience = new AbortController();
  const limit = setTimeout(() => patience.abort(), PATIENCE);
  try {
    const response = await fetch(base + (entry.kind === "undo" ? "take-back/" : "pair/"), {
      method: "POST",
      body: new URLSearchParams(FIELDS.map((name) => [name, String(entry[name])])),
      headers: { Accept: "application/json", "X-CSRFToken": token },
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

/**
 * @param {{base: string, fetch?: typeof globalThis.fetch}} way
 * @returns {Promise<Standing | null>} null where the server does not say; rejects without network
 */
export async function standing({ base, fetch = globalThis.fetch }) {
  const response = await fetch(`${base}state/`, { headers: { Accept: "application/json" } });
  return response.ok ? response.json() : null;
}

/** A new key; randomUUID is missing where the page did not come through HTTPS. */
export function newKey() {
  if ("randomUUID" in crypto) return crypto.randomUUID();
  const bytes = /** @type {Crypto} */ (crypto).getRandomValues(new Uint8Array(16));
  const marked = bytes.map((byte, position) => (position === 6 ? (byte & 0x0f) | 0x40 : position === 8 ? (byte & 0x3f) | 0x80 : byte));
  const digits = [...marked].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}
