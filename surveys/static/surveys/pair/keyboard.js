// The keyboard chooses with digits and arrows and saves with Enter.

/** @import {PairView} from "./view.js" */

/**
 * @param {KeyboardEvent} event
 * @param {PairView} view
 * @param {{isRtl: boolean}} page
 */
export function pressed(event, view, { isRtl }) {
  const { key, target } = event;
  if (event.ctrlKey || event.metaKey || event.altKey || !(target instanceof Element) || target.matches("textarea")) return;
  const isResting = target === view.heading || target === document.body;
  if (key === "Enter" && isResting) return view.form.requestSubmit();
  const chosen = digit(key, view) ?? (isResting ? end(key, view) : isRtl ? mirrored(key, target, view) : null);
  if (!chosen) return;
  event.preventDefault();
  chosen.focus();
  chosen.checked = true;
}

/**
 * @param {string} key
 * @param {PairView} view
 */
const digit = (key, view) => (/^[1-5]$/.test(key) ? view.five[Number(key) - 1] : null);

/**
 * Where nothing is chosen yet, the arrows begin at the ends.
 *
 * @param {string} key
 * @param {PairView} view
 */
const end = (key, view) => (key === "ArrowDown" ? view.radios[0] : key === "ArrowUp" ? view.radios.at(-1) : null);

/**
 * Browsers take the left key for the answer before also where the page runs from right to left.
 *
 * @param {string} key
 * @param {Element} target
 * @param {PairView} view
 */
function mirrored(key, target, view) {
  const step = key === "ArrowLeft" ? 1 : key === "ArrowRight" ? -1 : 0;
  if (!step || !(target instanceof HTMLInputElement) || target.type !== "radio") return null;
  const all = view.radios;
  return all[(all.indexOf(target) + step + all.length) % all.length];
}
