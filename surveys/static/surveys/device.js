// On every panelist page: send what waits on this device, say how it stands, and tell that the round closes.
import * as queue from "./queue.js";

const POLL = 60_000;
const words = JSON.parse(document.getElementById("device-words")?.textContent ?? "null");
const base = location.pathname.match(/^\/p\/[^/]+\//)?.[0];
const ahead = document.getElementById("ahead"); // the pair page names the scope; elsewhere the server is asked
const box = document.querySelector("[data-device]");
const handIn = document.querySelector("form[data-hand-in]");
const withdrawal = document.querySelector("form[data-withdraw]");
const language = document.documentElement.lang;

const fill = (text, facts) => text.replace(/\{(\w+)\}/g, (whole, name) => facts[name] ?? whole);
const plural = (forms, n) => fill(forms[new Intl.PluralRules(language).select(n)], { n });

async function standing() {
  const response = await fetch(`${base}state/`, { headers: { Accept: "application/json" } });
  return response.ok ? response.json() : null;
}

// --- what waits, what was not taken ---------------------------------------------------------------------------------

function button(text, act) {
  const made = Object.assign(document.createElement("button"), { type: "button", className: "link-button", textContent: text });
  made.addEventListener("click", act);
  return made;
}

function link(text, href) {
  return Object.assign(document.createElement("a"), { href, textContent: text });
}

function entry(record) {
  const made = document.createElement("li");
  const [first, second] = record.names;
  for (const [tag, text] of [["span", fill(words.not_saved, { first, second })], ["b", record.words], ["span", record.message || words.no_reply]]) {
    if (text) made.append(Object.assign(document.createElement(tag), { textContent: text }));
  }
  const change = new URLSearchParams({ first: record.first, second: record.second });
  const ways = document.createElement("span");
  ways.className = "cluster";
  if (record.state === "conflict" && record.goto) ways.append(link(words.decide, record.goto));
  else if (record.state === "refused" || record.state === "elsewhere" || record.state === "conflict") {
    ways.append(button(words.retry, () => queue.retry(record.id)), link(words.change, `${base}pair/?${change}`));
  } else ways.append(button(words.drop, () => queue.remove(record.id)));
  made.append(ways);
  return made;
}

async function show() {
  const records = await queue.all();
  const waiting = records.filter((record) => record.state === "waiting").length;
  const refused = records.filter((record) => record.state !== "waiting");
  const state = box.querySelector("[data-device-state]");
  const isWaiting = waiting > 0 && (queue.trouble() || Boolean(handIn)); // before handing in all of it matters
  if (isWaiting) state.textContent = plural(words.waiting, waiting);
  else if (waiting === 0 && box.dataset.allSaved && !refused.length) state.textContent = box.dataset.allSaved;
  else state.textContent = "";
  box.querySelector("[data-device-retry]").hidden = !isWaiting;
  const list = box.querySelector("[data-device-list]");
  list.replaceChildren(...refused.map(entry));
  list.hidden = refused.length === 0;
  box.hidden = !state.textContent && list.hidden;
  box.toggleAttribute("data-waiting", isWaiting);
}

// --- the round closes -----------------------------------------------------------------------------------------------

function banner(name, text) {
  if (name === "closed") document.querySelector("[data-closing]")?.remove();
  const there = document.querySelector(`[data-${name}]`);
  if (there) {
    const said = there.querySelector("p") ?? there;
    if (name === "closing" && said.textContent.trim() !== text) said.textContent = text; // the end has moved
    return;
  }
  const note = document.createElement("div");
  note.className = "note note-warning";
  note.setAttribute(`data-${name}`, "");
  note.append(Object.assign(document.createElement("p"), { textContent: text }));
  note.setAttribute("role", "status");
  document.getElementById("main").prepend(note);
}

function closing(time) {
  banner("closing", fill(words.closing, { time }));
}

async function look() {
  if (document.visibilityState !== "visible") return;
  const now = await standing().catch(() => null);
  if (now?.closing) closing(now.closing_time);
  if (now?.state === "closed" && ahead) banner("closed", words.closed);
}

// --- handing in -----------------------------------------------------------------------------------------------------

// After handing in no answer is taken: what this device still keeps goes first, and what is not taken holds it back.
async function isAllSent() {
  if (await queue.isEmpty()) return true;
  if (!(await knowsWhose())) {
    const waiting = (await queue.everything()).filter((record) => record.state === "waiting").length;
    box.querySelector("[data-device-state]").textContent = plural(words.waiting, waiting);
    box.hidden = false;
    return waiting === 0;
  }
  await queue.flush();
  const records = await queue.all();
  await show();
  return !records.some((record) => ["waiting", "refused", "conflict", "elsewhere"].includes(record.state));
}

let isHandingIn = false;

async function handsIn(event) {
  event.preventDefault();
  if (isHandingIn) return;
  isHandingIn = true;
  try {
    if (await isAllSent().catch(() => true)) HTMLFormElement.prototype.submit.call(handIn); // without storage nothing waits
    else box.scrollIntoView({ block: "center" });
  } finally {
    isHandingIn = false;
  }
}

// Who withdraws leaves nothing on the device either.
async function withdraws(event) {
  event.preventDefault();
  if (await knowsWhose().catch(() => false)) await queue.forget().catch(() => {});
  HTMLFormElement.prototype.submit.call(withdrawal);
}

// --- begin ----------------------------------------------------------------------------------------------------------

let isKnown = false;

// Begin to send for the panelist whose page this is; false where the server cannot be asked.
async function knowsWhose() {
  if (isKnown) return true;
  const now = ahead ? JSON.parse(ahead.textContent) : await standing().catch(() => null);
  if (!now) return false;
  if (!isKnown) queue.start(base, now.scope);
  isKnown = true;
  return true;
}

async function begin() {
  handIn?.addEventListener("submit", handsIn);
  withdrawal?.addEventListener("submit", withdraws);
  await queue.ready();
  queue.events.addEventListener("change", () => show().catch(() => {}));
  queue.events.addEventListener("reply", ({ detail: { reply } }) => {
    if (reply.closing) closing(reply.closing_time);
    if (reply.state === "closed") banner("closed", words.closed);
    if (reply.state === "saved" && box.dataset.before) box.dataset.allSaved = fill(words.all_saved, { done: reply.answered, total: reply.total });
  });
  box.querySelector("[data-device-retry]").addEventListener("click", () => queue.flush());
  if (!ahead && (await queue.isEmpty())) return; // nothing to send: no need to ask whose it would be
  if (!(await knowsWhose())) return;
  if ((await queue.all()).length) box.dataset.before = "yes";
  await queue.retry("conflict", "elsewhere");
  await show();
}

const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
if (timeZone) document.cookie = `zone=${timeZone}; path=/p/; samesite=lax`;
if (words && base && box) begin().catch(() => {}); // without storage on this device the pages' forms do it all
if (ahead) setInterval(look, POLL);
