// Which clicks are taps on an answer: neither what the keyboard made nor the second click of a double tap on the pair before.
const DOUBLE_TAP = 400, PASSED_ON = 100, PRESS = 1000; // milliseconds

/** @typedef {object} Label what a tap falls on; only told apart */

export class Taps {
  #clock;
  #shownAt = 0;
  /** @type {{label: Label | null, at: number} | null} */
  #pressed = null;
  /** @type {{label: Label, at: number, detail: number} | null} */
  #tapped = null;

  /** @param {() => number} clock milliseconds that only grow */
  constructor(clock) {
    this.#clock = clock;
  }

  /** Another pair stands there from now on. */
  shown() {
    this.#shownAt = this.#clock();
  }

  /** @param {Label | null} label on which a pointer went down */
  pressed(label) {
    this.#pressed = { label, at: this.#clock() };
  }

  /**
   * A tap on an answer reaches its radio as a second click, which WebKit gives the detail 0 as if the keyboard had made it.
   *
   * @param {{label: Label, isOfRadio: boolean, detail: number}} click
   * @returns {"answers" | "of the pair before" | null} null: it chooses, and sends nothing
   */
  clicked({ label, isOfRadio, detail }) {
    const now = this.#clock();
    if (!isOfRadio) {
      const isPressed = this.#pressed?.label === label && now - this.#pressed.at < PRESS;
      this.#tapped = detail > 0 || isPressed ? { label, at: now, detail: detail || 1 } : null;
      return null;
    }
    const passedOn = this.#tapped?.label === label && now - this.#tapped.at < PASSED_ON ? this.#tapped.detail : 0;
    this.#tapped = null;
    const times = detail || passedOn;
    if (times < 1) return null;
    return times > 1 && now - this.#shownAt < DOUBLE_TAP ? "of the pair before" : "answers";
  }
}
