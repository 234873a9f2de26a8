// The pair page: a tap or click answers at once and shows the next pair; storing goes on behind it, also without network.
// The keyboard chooses with digits and arrows and saves with Enter; a click that the keyboard made (detail 0) sends nothing.
// A form marked data-whole-pages lets the server show each pair, once it has the answer; without storage the forms do it all.
import * as queue from "./queue.js";

const form = document.querySelector("form[data-answer-at-once]");
const undoForm = document.querySelector("form[data-undo]");
const keepForm = document.getElementById("keep"); // gives the answer of the round before again
const words = JSON.parse(document.getElementById("device-words").textContent);
const ahead = JSON.parse(document.getElementById("ahead").textContent);
const base = location.pathname.match(/^\/p\/[^/]+\//)[0];
const page = {
  heading: document.getElementById("question"),
  items: [...form.querySelectorAll(".item")],
  five: [...form.querySelectorAll(".answers")][0].querySelectorAll(".answer"),
  finer: form.querySelectorAll(".finer .answer"),
  comment: form.elements.comment,
  announce: document.querySelector("[data-announce]"),
  saved: document.querySelector("[data-saved]"),
  progress: document.querySelector(".progress"),
};
const ADDRESS = /[^\s@]+@[^\s@]+\.[^\s@]+/;
const LONGEST = 2000, SECONDS_A_PAIR = 15, DOUBLE_TAP = 400, PATIENCE = 3000, PASSED_ON = 100, PRESS = 1000;
const isWhole = "wholePages" in form.dataset;
const isRtl = document.documentElement.dir === "rtl";
const coming = ahead.pairs;
const undoable = ahead.latest ? [ahead.latest] : [];
const mine = new Set(); // keys of answers given on this page
const keptAgain = new Set(); // of these, the ones kept from the round before
let { answered, total } = ahead, shownAt = 0, busy = false, goto = null, leaving = false;
let untold = null; // the question whose length she was not told, since the server could not be asked
let keptComment = "", pressedOn = null, tapped = null;

const fill = (text, facts) => text.replace(/\{(\w+)\}/g, (whole, name) => facts[name] ?? whole);
const radios = () => [...form.querySelectorAll('input[type="radio"]')].filter((radio) => radio.checkVisibility?.() ?? radio.offsetParent);
const name = (code) => ahead.items[code].name;
const has = (one, other) => one.first === other.first && one.second === other.second;
const isOf = (one, other) => has(one, other) || (one.first === other.second && one.second === other.first);
const isTyping = () => page.comment.value !== "" && page.comment.value !== keptComment;

// --- showing --------------------------------------------------------------------------------------------------------

function show(pair, { focus = true } = {}) {
  const { first, second } = pair;
  for (const field of ["first", "second", "node", "version"]) form.elements[field].value = pair[field];
  form.elements.key.value = queue.uuid();
  page.heading.textContent = fill(words.question, { node: ahead.nodes[pair.node].name });
  document.title = `${name(first)} – ${name(second)} · Steelyard`;
  page.items.forEach((item, at) => showItem(item, ahead.items[at ? second : first]));
  showAnswers(page.five, ahead.scale.five, pair);
  showAnswers(page.finer, ahead.scale.finer, pair);
  const chosen = radios().find((radio) => radio.value === pair.value);
  if (chosen) chosen.checked = true;
  form.querySelector(".finer").open = false;
  form.querySelector(".reason").open = Boolean(pair.comment);
  page.comment.value = pair.comment;
  keptComment = "";
  for (const error of form.querySelectorAll(".error")) error.hidden = true;
  document.getElementById("skip").action = `${base}question/${encodeURIComponent(pair.node)}/`;
  history.replaceState(null, "", `${base}pair/`);
  for (const next of document.querySelectorAll("input[name=next]")) next.value = `${base}pair/`; // of the language switch
  far();
  shownAt = performance.now();
  if (focus) page.heading.focus({ preventScroll: true });
  window.scrollTo(0, 0);
}

function showItem(item, { name: itsName, definition, name_language, definition_language }) {
  put(item.querySelector("b"), itsName, name_language);
  const details = item.querySelector("details");
  details.open = false;
  details.hidden = !definition;
  put(details.querySelector("span"), definition, definition_language);
}

// A text that is not in the page's language says which it is in.
function put(element, text, language) {
  element.textContent = text;
  language ? element.setAttribute("lang", language) : element.removeAttribute("lang");
}

function showAnswers(labels, scale, pair) {
  scale.forEach(({ value, parts }, at) => {
    const item = ahead.items[value.startsWith("1/") ? pair.second : pair.first];
    const said = parts.map(([bold, text]) => {
      const part = document.createElement(bold ? "b" : "span");
      const [before, after] = text.split("{item}");
      part.append(before);
      if (after === undefined) return part;
      const named = document.createElement("bdi");
      put(named, item.name, item.name_language);
      part.append(named, after);
      return part;
    });
    labels[at].querySelector("span").replaceChildren(...said);
    labels[at].querySelector("input").checked = false;
  });
}

function far() {
  const minutes = Math.ceil((Math.max(total - answered, 0) * SECONDS_A_PAIR) / 60);
  const node = ahead.nodes[form.elements.node.value];
  const said = fill(words.far, { here: node.answered, here_total: node.total, done: answered, total, minutes });
  const bar = page.progress.querySelector("progress");
  [bar.value, bar.max] = [answered, total];
  bar.setAttribute("aria-label", said);
  page.progress.querySelector("span").textContent = said;
  undoForm.hidden = !undoable.length;
  const last = undoable.at(-1);
  const undone = last && fill(words.undo, { first: name(last.first), second: name(last.second) });
  if (last) undoForm.querySelector("button").setAttribute("aria-label", undone);
}

function wrong(place, text) {
  const error = form.querySelector(place);
  error.textContent = text;
  error.hidden = false;
}

// --- answering ------------------------------------------------------------------------------------------------------

async function answer(value) {
  if (busy || leaving) return;
  const pair = coming[0], comment = page.comment.value;
  if (ADDRESS.test(comment.normalize("NFKC")) || comment.length > LONGEST) {
    form.querySelector(".reason").open = true;
    wrong("[data-reason-error]", comment.length > LONGEST ? words.too_long : words.no_address);
    page.comment.focus();
    return;
  }
  const key = queue.uuid();
  busy = true;
  try {
    if (!(await keep(pair, { kind: "answer", value, comment, key }))) return byForm(form, { ...pair, key, value });
    keptComment = comment;
    if (isWhole) return rest();
    if (!pair.value) count(pair, 1);
    Object.assign(pair, { value, comment });
    coming.shift();
    undoable.push(pair);
    await next(pair);
  } finally {
    busy = false;
  }
}

async function undo() {
  if (busy || leaving || !undoable.length) return;
  const pair = undoable.at(-1), key = queue.uuid();
  busy = true;
  try {
    if (!(await keep(pair, { kind: "undo", value: "", comment: "", key }))) return byForm(undoForm, { ...pair, key });
    undoable.pop();
    if (pair.value) count(pair, -1);
    if (isWhole) return far();
    Object.assign(pair, { value: "", comment: "" });
    coming.unshift(pair);
    show(pair);
  } finally {
    busy = false;
  }
}

// The answer of the round before, kept with one tap; the server has nothing to say to it but the next pair.
async function again() {
  if (busy || leaving) return;
  const pair = coming[0], { value } = keepForm.dataset, { key } = keepForm.elements;
  busy = true;
  keptAgain.add(key.value);
  try {
    if (!(await keep(pair, { kind: "answer", value, comment: "", key: key.value }))) return byForm(keepForm, { ...pair, key: key.value });
    key.value = queue.uuid();
    rest();
  } finally {
    busy = false;
  }
}

// The pair is answered, and the next one is the server's to show: nothing more is asked until it has this answer.
function rest() {
  form.querySelector("fieldset").disabled = true;
  form.querySelector(".next").disabled = true;
  const later = document.querySelector("[data-later]");
  later.hidden = false;
  if (queue.trouble()) page.announce?.replaceChildren(later.textContent);
}

function wake() {
  form.querySelector("fieldset").disabled = false;
  form.querySelector(".next").disabled = false;
  document.querySelector("[data-later]").hidden = true;
}

// Where the device cannot keep it, the server is sent the form as if there were no script.
function byForm(itsForm, facts) {
  leaving = true;
  for (const field of ["first", "second", "node", "version", "key"]) if (itsForm.elements[field]) itsForm.elements[field].value = facts[field];
  const radio = itsForm === form && [...form.querySelectorAll('input[type="radio"]')].find((one) => one.value === facts.value);
  if (radio) radio.checked = true;
  HTMLFormElement.prototype.submit.call(itsForm);
}

function count(pair, more) {
  answered += more;
  ahead.nodes[pair.node].answered += more;
}

// False where this device keeps nothing.
async function keep(pair, what) {
  const said = [...form.querySelectorAll(".answer")].find((label) => label.querySelector("input").value === what.value);
  const { first, second, node, version } = pair;
  mine.add(what.key);
  try {
    const names = [name(first), name(second)];
    pair.version = await queue.add({ ...what, first, second, node, version, names, words: said?.textContent.trim() ?? "" });
  } catch {
    return false;
  }
  if (queue.trouble()) page.announce?.replaceChildren(fill(words.kept, { done: answered + (what.kind === "undo" ? -1 : pair.value ? 0 : 1), total }));
  queue.flush();
  return true;
}

// The next pair at once; where a question ends or a long one begins, the server may have something to say first.
async function next(done) {
  const following = coming[0];
  const isCrossing = !following || following.node !== done.node;
  if (isCrossing && !queue.trouble() && navigator.onLine) await Promise.race([queue.flush(), pause(PATIENCE)]);
  if (leaving) return;
  const isSent = !(await queue.all().catch(() => [])).some((record) => record.state === "waiting");
  if (following && isSent && ahead.nodes[following.node].awaits_choice) return leave(`${base}question/${encodeURIComponent(following.node)}/`);
  if (following) {
    if (ahead.nodes[following.node].awaits_choice) untold = following.node; // without network she simply goes on
    ahead.nodes[following.node].awaits_choice = false;
    return show(following);
  }
  far();
  form.hidden = true;
  if (isSent) return leave(`${base}review/`);
  queue.events.addEventListener("idle", () => leaving || leave(`${base}review/`));
}

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

function leave(address) {
  leaving = true;
  location.assign(address);
}

// --- what the server said -------------------------------------------------------------------------------------------

function told({ detail: { record, reply } }) {
  if (reply.state === "saved") {
    page.saved?.replaceChildren(fill(words.saved, { time: reply.time }));
    page.announce?.replaceChildren(fill(words.announced, { done: reply.answered, total: reply.total }));
    for (const pair of [...coming, ...undoable]) if (has(pair, record)) pair.version = Math.max(pair.version, reply.version);
  } else {
    // what she did since is of an answer that the server does not have: she has seen what she saw before it
    for (const pair of [...coming, ...undoable]) if (isOf(pair, record)) pair.version = record.version;
    wake();
    if (reply.state === "closed" || reply.state === "handed_in") goto = `${base}review/`; // nothing is asked any more
  }
  if (mine.has(record.key) && reply.goto && !keptAgain.has(record.key)) ({ goto } = reply);
  else if (isWhole && reply.state === "saved") showsNext(record);
}

function showsNext({ kind, first, second }) {
  if (kind === "undo") goto = `${base}pair/?${new URLSearchParams({ first, second })}`;
  else if (isOf(coming[0], { first, second })) goto = `${base}pair/`;
}

// Not while she writes a reason: then once that answer is sent.
function idle() {
  if (!goto && untold && coming[0]?.node === untold) goto = `${base}question/${encodeURIComponent(untold)}/`;
  if (goto && !leaving && !isTyping()) leave(goto);
}

// --- taps -----------------------------------------------------------------------------------------------------------

// A tap on an answer reaches its radio as a second click, which WebKit gives the detail 0 as if the keyboard had made it.
function clicked(event) {
  const now = performance.now(), label = event.target.closest(".answer");
  if (!label) return;
  if (!event.target.matches('input[type="radio"]')) {
    const isPressed = pressedOn?.label === label && now - pressedOn.at < PRESS;
    tapped = event.detail > 0 || isPressed ? { label, at: now, detail: event.detail || 1 } : null;
    return;
  }
  const isPassedOn = tapped?.label === label && now - tapped.at < PASSED_ON;
  const detail = event.detail || (isPassedOn ? tapped.detail : 0);
  tapped = null;
  if (detail < 1) return;
  if (detail > 1 && now - shownAt < DOUBLE_TAP) return event.preventDefault(); // meant for the pair before
  if (!page.comment.value) answer(event.target.value);
}

// --- keys -----------------------------------------------------------------------------------------------------------

function pressed(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("textarea")) return;
  if (/^[1-5]$/.test(event.key)) {
    event.preventDefault();
    return choose(page.five[event.key - 1].querySelector("input"));
  }
  const isRadio = event.target.matches('input[type="radio"]');
  const isResting = event.target === page.heading || event.target === document.body;
  if (event.key === "Enter" && isResting) return form.requestSubmit();
  if (isResting && event.key === "ArrowDown") return take(event, radios()[0]);
  if (isResting && event.key === "ArrowUp") return take(event, radios().at(-1));
  // browsers take the left key for the answer before also where the page runs from right to left
  if (isRadio && isRtl && (event.key === "ArrowLeft" || event.key === "ArrowRight")) {
    const all = radios(), step = event.key === "ArrowLeft" ? 1 : -1;
    take(event, all[(all.indexOf(event.target) + step + all.length) % all.length]);
  }
}

function take(event, radio) {
  event.preventDefault();
  choose(radio);
}

function choose(radio) {
  radio.focus();
  radio.checked = true;
}

// --- begin ----------------------------------------------------------------------------------------------------------

// What waits on the device is answered already, whatever the server knew when it wrote the page.
async function catchUp() {
  let moved = false;
  for (const record of await queue.all()) {
    const pair = coming.find((one) => has(one, record));
    if (!pair || record.state === "closed" || record.state === "handed_in") continue;
    if (record.state !== "waiting") {
      if (pair === coming[0]) [pair.value, pair.comment, moved] = [record.value, record.comment, true];
      continue;
    }
    if (record.kind === "undo") continue;
    if (!pair.value) count(pair, 1);
    Object.assign(pair, { value: record.value, comment: record.comment, version: pair.version + 1 });
    coming.splice(coming.indexOf(pair), 1);
    undoable.push(pair);
    moved = true;
  }
  if (moved && coming.length) show(coming[0], { focus: false });
  else if (moved) await next(undoable.at(-1));
}

async function begin() {
  await queue.ready();
  queue.start(base, ahead.scope);
  if (!isWhole) await catchUp();
  queue.events.addEventListener("reply", told);
  queue.events.addEventListener("idle", idle);
  form.addEventListener("pointerdown", (event) => {
    pressedOn = { label: event.target.closest(".answer"), at: performance.now() };
  });
  form.addEventListener("click", clicked);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const { value } = form.elements.value;
    if (value) return answer(value);
    wrong("[data-error]", words.choose);
    radios()[0].focus();
  });
  form.dataset.ready = "";
  undoForm.addEventListener("submit", (event) => {
    event.preventDefault();
    undo();
  });
  if (isWhole) {
    return keepForm?.addEventListener("submit", (event) => {
      event.preventDefault();
      again();
    });
  }
  document.addEventListener("keydown", pressed);
  form.querySelector(".keys").hidden = false;
  far();
}

if (keepForm) keepForm.elements.key.value = queue.uuid();
begin().catch(() => {});
window.addEventListener("pageshow", (event) => event.persisted && location.reload());
