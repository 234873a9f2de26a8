// Everything of the pair page that is seen: shows what it is given, and remembers nothing.

/**
 * @import {Ahead, Item, Pair, Step} from "../answers/protocol.js"
 * @import {Far} from "./state.js"
 */

import { newKey } from "../answers/protocol.js";
import { every, find, make, need } from "../dom.js";
import { fill } from "../words.js";

/** @typedef {Record<string, string>} Words */
/** @typedef {{base: string, words: Words, items: Ahead["items"], scale: Ahead["scale"]}} Given */

export class PairView {
  form = need("form[data-answer-at-once]", HTMLFormElement);
  undoForm = need("form[data-undo]", HTMLFormElement);
  keepForm = find("form#keep", HTMLFormElement); // gives the answer of the round before again
  heading = need("#question", HTMLElement);
  five = every("input", HTMLInputElement, need(".answers", HTMLElement, this.form));
  #finer = every(".finer .answer input", HTMLInputElement, this.form);
  #items = every(".item", HTMLElement, this.form);
  #comment = need("textarea[name=comment]", HTMLTextAreaElement, this.form);
  #announcer = find("[data-announce]", HTMLElement);
  #saved = find("[data-saved]", HTMLElement);
  #progress = need(".progress", HTMLElement);
  #given;

  /** @param {Given} given */
  constructor(given) {
    this.#given = given;
    if (this.keepForm) field(this.keepForm, "key").value = newKey();
  }

  get isWhole() {
    return "wholePages" in this.form.dataset;
  }

  get comment() {
    return this.#comment.value;
  }

  /** What is chosen; empty: nothing. */
  get value() {
    return find("input[name=value]:checked", HTMLInputElement, this.form)?.value ?? "";
  }

  /** The answers that can be seen. */
  get radios() {
    return this.#allRadios.filter((radio) => radio.checkVisibility?.() ?? radio.offsetParent);
  }

  get #allRadios() {
    return every('input[type="radio"]', HTMLInputElement, this.form);
  }

  /**
   * The radio of an answer; one whose list is not known is the first with its ratio.
   *
   * @param {string} value
   */
  #radioOf(value) {
    return value ? this.#allRadios.find((radio) => radio.value === value || radio.value.endsWith(` ${value}`)) : undefined;
  }

  /**
   * What an answer is called on this page.
   *
   * @param {string} value
   */
  wordsOf(value) {
    return this.#radioOf(value)?.closest(".answer")?.textContent?.trim() ?? "";
  }

  /** @param {string} code */
  item(code) {
    const found = this.#given.items[code];
    if (!found) throw new RangeError(`no item ${code}`);
    return found;
  }

  // --- a pair -------------------------------------------------------------------------------------------------------

  /**
   * @param {Pair} pair
   * @param {string} question its name
   * @param {{isFocused: boolean}} how
   */
  showPair(pair, question, { isFocused }) {
    const { base, words, scale } = this.#given;
    const [first, second] = [this.item(pair.first), this.item(pair.second)];
    for (const name of /** @type {const} */ (["first", "second", "node", "version"])) field(this.form, name).value = String(pair[name]);
    field(this.form, "key").value = newKey();
    this.heading.textContent = fill(words.question ?? "", { node: question });
    document.title = `${first.name} – ${second.name} · Steelyard`;
    this.#items.forEach((place, position) => showItem(place, position ? second : first));
    showAnswers(this.five, scale.five, first, second);
    showAnswers(this.#finer, scale.finer, first, second);
    const chosen = this.#radioOf(pair.value);
    if (chosen) chosen.checked = true;
    need(".finer", HTMLDetailsElement, this.form).open = Boolean(chosen?.closest(".finer"));
    this.#reason.open = Boolean(pair.comment);
    this.#comment.value = pair.comment;
    for (const error of every(".error", HTMLElement, this.form)) error.hidden = true;
    need("#skip", HTMLFormElement).action = `${base}question/${encodeURIComponent(pair.node)}/`;
    history.replaceState(null, "", `${base}pair/`);
    for (const next of every("input[name=next]", HTMLInputElement)) next.value = `${base}pair/`; // of the language switch
    if (isFocused) this.heading.focus({ preventScroll: true });
    window.scrollTo(0, 0);
  }

  /**
   * @param {Far} far
   * @param {Pair | undefined} last what undo takes back
   */
  showFar(far, last) {
    const said = fill(this.#given.words.far ?? "", { ...far });
    const bar = need("progress", HTMLProgressElement, this.#progress);
    [bar.value, bar.max] = [far.done, far.total];
    bar.setAttribute("aria-label", said);
    need("span", HTMLElement, this.#progress).textContent = said;
    this.undoForm.hidden = !last;
    if (!last) return;
    const undone = fill(this.#given.words.undo ?? "", { first: this.item(last.first).name, second: this.item(last.second).name });
    need("button", HTMLElement, this.undoForm).setAttribute("aria-label", undone);
  }

  // --- what is said -------------------------------------------------------------------------------------------------

  get #reason() {
    return need(".reason", HTMLDetailsElement, this.form);
  }

  /**
   * @param {string} word why the reason is not taken
   * @param {{longest: number}} facts
   */
  refuseReason(word, facts) {
    this.#reason.open = true;
    this.#complain("[data-reason-error]", word, facts);
    this.#comment.focus();
  }

  askToChoose() {
    this.#complain("[data-error]", "choose");
    this.radios[0]?.focus();
  }

  /**
   * @param {string} selector
   * @param {string} word
   * @param {Record<string, number>} [facts]
   */
  #complain(selector, word, facts = {}) {
    const place = need(selector, HTMLElement, this.form);
    place.textContent = fill(this.#given.words[word] ?? "", facts);
    place.hidden = false;
  }

  /**
   * Tell who does not see it.
   *
   * @param {string} word
   * @param {{done: number, total: number}} facts
   */
  announce(word, facts) {
    this.#announcer?.replaceChildren(fill(this.#given.words[word] ?? "", facts));
  }

  /** @param {string} time on her clock */
  showSaved(time) {
    this.#saved?.replaceChildren(fill(this.#given.words.saved ?? "", { time }));
  }

  // --- at work, at rest ---------------------------------------------------------------------------------------------

  showReady() {
    this.form.dataset.ready = "";
  }

  showKeys() {
    need(".keys", HTMLElement, this.form).hidden = false;
  }

  /** @param {{isAnnounced: boolean}} how */
  rest({ isAnnounced }) {
    this.#able(false);
    const later = need("[data-later]", HTMLElement);
    later.hidden = false;
    if (isAnnounced) this.#announcer?.replaceChildren(later.textContent?.trim() ?? "");
  }

  wake() {
    this.#able(true);
    need("[data-later]", HTMLElement).hidden = true;
  }

  /** @param {boolean} isAble */
  #able(isAble) {
    need("fieldset", HTMLFieldSetElement, this.form).disabled = !isAble;
    need("button.next", HTMLButtonElement, this.form).disabled = !isAble;
  }

  hide() {
    this.form.hidden = true;
  }

  /**
   * Send a form as if there were no script.
   *
   * @param {HTMLFormElement} form
   * @param {Pair & {key: string}} facts
   */
  submit(form, facts) {
    for (const name of /** @type {const} */ (["first", "second", "node", "version", "key"])) {
      const place = form.elements.namedItem(name);
      if (place instanceof HTMLInputElement) place.value = String(facts[name]);
    }
    const radio = form === this.form ? this.#radioOf(facts.value) : undefined;
    if (radio) radio.checked = true;
    HTMLFormElement.prototype.submit.call(form);
  }
}

/**
 * @param {HTMLFormElement} form
 * @param {string} name
 */
export const field = (form, name) => need(`[name=${name}]`, HTMLInputElement, form);

/**
 * @param {HTMLElement} place
 * @param {Item} item
 */
function showItem(place, { name, definition, name_language, definition_language }) {
  put(need("b", HTMLElement, place), name, name_language);
  const details = need("details", HTMLDetailsElement, place);
  details.open = false;
  details.hidden = !definition;
  put(need("span", HTMLElement, details), definition, definition_language);
}

/**
 * A text that is not in the page's language says which it is in.
 *
 * @param {HTMLElement} element
 * @param {string} text
 * @param {string} language
 */
function put(element, text, language) {
  element.textContent = text;
  if (language) element.setAttribute("lang", language);
  else element.removeAttribute("lang");
}

/**
 * @param {HTMLInputElement[]} radios
 * @param {Step[]} steps
 * @param {Item} first
 * @param {Item} second
 */
function showAnswers(radios, steps, first, second) {
  steps.forEach(({ value, parts }, position) => {
    const radio = radios[position];
    if (!radio) return;
    const item = value.includes("1/") ? second : first;
    radio.parentElement?.querySelector("span")?.replaceChildren(...parts.map((part) => wordsWith(item, part)));
    radio.checked = false;
  });
}

/**
 * @param {Item} item
 * @param {[boolean, string]} part
 */
function wordsWith(item, [isBold, text]) {
  const made = make(isBold ? "b" : "span");
  const [before = "", after] = text.split("{item}");
  made.append(before);
  if (after === undefined) return made;
  const named = make("bdi");
  put(named, item.name, item.name_language);
  made.append(named, after);
  return made;
}
