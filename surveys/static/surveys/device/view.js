// The box that tells of the answers on this device, and the banners that tell of the round's end.

/** @import {Entry} from "../answers/protocol.js" */

import { find, make, need } from "../dom.js";
import { fill } from "../words.js";
import { wayOut } from "./state_line.js";

export class DeviceBox {
  #box;
  #words;
  #ways;

  /**
   * @param {HTMLElement} box
   * @param {Record<string, string>} words
   * @param {{change: (entry: Entry) => string, retry: (entry: Entry) => void, remove: (entry: Entry) => void}} ways
   */
  constructor(box, words, ways) {
    this.#box = box;
    this.#words = words;
    this.#ways = ways;
  }

  get retry() {
    return need("[data-device-retry]", HTMLElement, this.#box);
  }

  /** @param {{text: string, isWaiting: boolean, refused?: Entry[]}} line */
  show({ text, isWaiting, refused = [] }) {
    this.showText(text);
    this.retry.hidden = !isWaiting;
    const list = need("[data-device-list]", HTMLElement, this.#box);
    list.replaceChildren(...refused.map((entry) => this.#item(entry)));
    list.hidden = refused.length === 0;
    this.#box.hidden = !text && list.hidden;
    this.#box.toggleAttribute("data-waiting", isWaiting);
  }

  /** @param {string} text */
  showText(text) {
    need("[data-device-state]", HTMLElement, this.#box).textContent = text;
    this.#box.hidden = false;
  }

  bringIntoView() {
    this.#box.scrollIntoView({ block: "center" });
  }

  /** @param {Entry} entry one that was not taken */
  #item(entry) {
    const made = make("li");
    const [first, second] = entry.names;
    const said = make("span", { textContent: fill(this.#word("not_saved"), { first, second }) });
    const why = make("span", { textContent: entry.message || this.#word("no_reply") });
    made.append(said, ...(entry.words ? [make("b", { textContent: entry.words })] : []), why);
    const ways = make("span", { className: "cluster" });
    ways.append(...this.#waysOut(entry));
    made.append(ways);
    return made;
  }

  /** @param {Entry} entry */
  #waysOut(entry) {
    const way = wayOut(entry);
    if (way === "decide") return [make("a", { href: entry.goto ?? "", textContent: this.#word("decide") })];
    if (way === "drop") return [this.#button("drop", () => this.#ways.remove(entry))];
    const change = make("a", { href: this.#ways.change(entry), textContent: this.#word("change") });
    return [this.#button("retry", () => this.#ways.retry(entry)), change];
  }

  /**
   * @param {string} word
   * @param {() => void} act
   */
  #button(word, act) {
    const made = make("button", { type: "button", className: "link-button", textContent: this.#word(word) });
    made.addEventListener("click", act);
    return made;
  }

  /** @param {string} name */
  #word(name) {
    return this.#words[name] ?? "";
  }
}

/** @param {{name: "closing" | "closed", text: string}} note */
export function showBanner({ name, text }) {
  if (name === "closed") find("[data-closing]", HTMLElement)?.remove();
  const there = find(`[data-${name}]`, HTMLElement);
  if (there) {
    const said = there.querySelector("p") ?? there;
    if (name === "closing" && said.textContent.trim() !== text) said.textContent = text; // the end has moved
    return;
  }
  const note = make("div", { className: "note note-warning" });
  note.setAttribute(`data-${name}`, "");
  note.append(make("p", { textContent: text }));
  note.setAttribute("role", "status");
  document.getElementById("main")?.prepend(note);
}
