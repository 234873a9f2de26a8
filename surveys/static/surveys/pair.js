// The pair page: a tap or click answers at once and shows the next pair; storing goes on behind it, also without network.
// A click that the keyboard made (detail 0) sends nothing. A form marked data-whole-pages lets the server show each pair,
// once it has the answer; without storage the forms do it all.
import { base, queue, start } from "./answers/this_device.js";
import { data } from "./dom.js";
import { Answering } from "./pair/answering.js";
import { pressed } from "./pair/keyboard.js";
import { PairState } from "./pair/state.js";
import { Taps } from "./pair/taps.js";
import { PairView } from "./pair/view.js";

/** @import {Ahead} from "./answers/protocol.js" */

/** @param {Event} event */
const labelOf = ({ target }) => (target instanceof Element ? target.closest(".answer") : null);

/**
 * @param {HTMLFormElement | null} form
 * @param {(form: HTMLFormElement) => void} act
 */
function instead(form, act) {
  form?.addEventListener("submit", (event) => {
    event.preventDefault();
    act(form);
  });
}

async function begin() {
  /** @type {Ahead} */
  const { items, scale, scope, rules, ...ahead } = data("ahead");
  const view = new PairView({ base, words: data("device-words"), items, scale });
  const state = new PairState({ ...ahead, rules }, { isWhole: view.isWhole });
  const taps = new Taps(() => performance.now());
  const answering = new Answering({ state, view, queue, taps, rules, base });
  await queue.ready();
  start(scope);
  if (!state.isWhole) await answering.catchUp();
  answering.begin();
  view.form.addEventListener("pointerdown", (event) => taps.pressed(labelOf(event)));
  view.form.addEventListener("click", (event) => clicked(event, { taps, view, answering }));
  instead(view.form, () => (view.value ? void answering.answer(view.value) : view.askToChoose()));
  view.showReady();
  instead(view.undoForm, () => void answering.undo());
  if (state.isWhole) return instead(view.keepForm, (form) => void answering.again(form));
  const isRtl = document.documentElement.dir === "rtl";
  document.addEventListener("keydown", (event) => pressed(event, view, { isRtl }));
  view.showKeys();
}

/**
 * @param {MouseEvent} event
 * @param {{taps: Taps, view: PairView, answering: Answering}} page
 */
function clicked(event, { taps, view, answering }) {
  const label = labelOf(event), radio = event.target;
  if (!label) return;
  const isOfRadio = radio instanceof HTMLInputElement && radio.type === "radio";
  const tap = taps.clicked({ label, isOfRadio, detail: event.detail });
  if (tap === "of the pair before") event.preventDefault();
  else if (tap === "answers" && isOfRadio && !view.comment) void answering.answer(radio.value);
}

begin().catch(() => {}); // without storage on this device the page's forms do it all
window.addEventListener("pageshow", (event) => event.persisted && location.reload());
