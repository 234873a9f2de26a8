// On every panelist page: send what waits on this device, say how it stands, and tell that the round closes.
import * as queue from "./queue.js";

const POLL = 60_000;
const words = JSON.parse(document.getElementById("device-words")?.textContent ?? "null");
const base = location.pathname.match(/^\/p\/[^/]+\//)?.[0];
const ahead = document.getElementById("ahead"); // the pair page names the scope; elsewhere the server is asked
const box = document.querySelector("[data-device]");
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
  const isWaiting = waiting > 0 && queue.trouble();
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
  if (document.querySelector(`[data-${name}]`)) return;
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

// --- begin ----------------------------------------------------------------------------------------------------------

async function begin() {
  await queue.ready();
  queue.events.addEventListener("change", show);
  queue.events.addEventListener("reply", ({ detail: { reply } }) => {
    if (reply.closing) closing(reply.closing_time);
    if (reply.state === "saved" && box.dataset.before) box.dataset.allSaved = fill(words.all_saved, { done: reply.answered, total: reply.total });
  });
  box.querySelector("[data-device-retry]").addEventListener("click", () => queue.flush());
  if (ahead) queue.start(base, JSON.parse(ahead.textContent).scope);
  else {
    if (await queue.isEmpty()) return; // nothing to send: no need to ask whose it would be
    const now = await standing();
    if (!now) return;
    queue.start(base, now.scope);
  }
  if ((await queue.all()).length) box.dataset.before = "yes";
  await queue.retry("conflict", "elsewhere");
  await show();
}

if (words && base && box) begin().catch(() => {}); // without storage on this device the pages' forms do it all
if (ahead) setInterval(look, POLL);
