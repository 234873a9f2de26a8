// On every panelist page: send what waits on this device, say how it stands, and tell that the round closes.
import { base, queue, standing, start } from "./answers/this_device.js";
import { allSaved, endOfRound, holdsBack, stateLine } from "./device/state_line.js";
import { DeviceBox, showBanner } from "./device/view.js";
import { data, find } from "./dom.js";
import { plural } from "./words.js";

/** @import {Reply} from "./answers/protocol.js" */

const POLL = 60_000;
const words = data("device-words");
const ahead = data("ahead"); // the pair page names the scope; elsewhere the server is asked
const box = find("[data-device]", HTMLElement);
const handIn = find("form[data-hand-in]", HTMLFormElement);
const withdrawal = find("form[data-withdraw]", HTMLFormElement);
const language = document.documentElement.lang;
let isKnown = false, hasWaited = false, saved = box?.dataset.allSaved ?? "";

/** Begin to send for the panelist whose page this is; false where the server cannot be asked. */
async function knowsWhose() {
  if (isKnown) return true;
  const now = ahead ?? (await standing().catch(() => null));
  if (!now) return false;
  if (!isKnown) start(now.scope);
  isKnown = true;
  return true;
}

// --- saying how it stands -------------------------------------------------------------------------------------------

/** @param {DeviceBox} view */
async function show(view) {
  const facts = { entries: await queue.all(), isTroubled: queue.trouble(), isHandingIn: Boolean(handIn), allSaved: saved };
  view.show(stateLine(facts, words, language));
}

/** @param {Reply} reply */
function replied(reply) {
  for (const note of endOfRound(reply, words)) showBanner(note);
  if (hasWaited) saved = allSaved(reply, words) ?? saved;
}

async function look() {
  if (document.visibilityState !== "visible") return;
  const now = await standing().catch(() => null);
  if (now) for (const note of endOfRound(now, words)) showBanner(note);
}

// --- handing in, withdrawing ----------------------------------------------------------------------------------------

/**
 * After handing in no answer is taken: what this device still keeps goes first, and what is not taken holds it back.
 *
 * @param {DeviceBox} view
 */
async function isAllSent(view) {
  if (await queue.isEmpty()) return true;
  if (!(await knowsWhose())) {
    const waiting = (await queue.everything()).filter((entry) => entry.state === "waiting").length;
    view.showText(plural(words.waiting, waiting, language));
    return waiting === 0;
  }
  await queue.flush();
  await show(view);
  return !holdsBack(await queue.all());
}

/**
 * @param {HTMLFormElement} form
 * @param {DeviceBox} view
 */
async function handsIn(form, view) {
  if (await isAllSent(view).catch(() => true)) HTMLFormElement.prototype.submit.call(form); // without storage nothing waits
  else view.bringIntoView();
}

/**
 * Who withdraws leaves nothing on the device either.
 *
 * @param {HTMLFormElement} form
 */
async function withdraws(form) {
  if (await knowsWhose().catch(() => false)) await queue.forget().catch(() => {});
  HTMLFormElement.prototype.submit.call(form);
}

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

// --- begin ----------------------------------------------------------------------------------------------------------

/** @param {HTMLElement} place */
async function begin(place) {
  const view = new DeviceBox(place, words, {
    change: ({ first, second }) => `${base}pair/?${new URLSearchParams({ first, second })}`,
    retry: (entry) => void queue.retry(entry.id),
    remove: (entry) => void queue.remove(entry.id),
  });
  let isHandingIn = false;
  instead(handIn, (form) => {
    if (isHandingIn) return;
    isHandingIn = true;
    void handsIn(form, view).finally(() => {
      isHandingIn = false;
    });
  });
  instead(withdrawal, (form) => void withdraws(form));
  await queue.ready();
  queue.onChange(() => void show(view).catch(() => {}));
  queue.onReply((_entry, reply) => replied(reply));
  view.retry.addEventListener("click", () => void queue.flush());
  if (!ahead && (await queue.isEmpty())) return; // nothing to send: no need to ask whose it would be
  if (!(await knowsWhose())) return;
  if ((await queue.all()).length) hasWaited = true;
  await queue.retry("conflict", "elsewhere");
  await show(view);
}

const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
const secure = location.protocol === "https:" ? "; secure" : "";
if (timeZone) document.cookie = `zone=${timeZone}; path=/p/; samesite=lax${secure}`;
if (words && base && box) begin(box).catch(() => {}); // without storage on this device the pages' forms do it all
if (ahead) setInterval(() => void look(), POLL);
