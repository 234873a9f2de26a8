// Alt and an arrow put the chosen criterion one place up or down, as its buttons do.

/** @type {Record<string, string>} */
const STEPS = { ArrowUp: "up", ArrowDown: "down" };
let isSent = false;

document.addEventListener("keydown", (event) => {
  const { key, target } = event;
  const step = STEPS[key];
  if (!step || isSent || !event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
  // there these keys have a meaning of their own
  if (target instanceof Element && target.matches("input, select, textarea")) return;
  const button = document.querySelector(`[data-shift] button[value=${step}]`);
  if (!(button instanceof HTMLButtonElement) || button.disabled) return;
  event.preventDefault();
  isSent = true;
  button.click();
});
