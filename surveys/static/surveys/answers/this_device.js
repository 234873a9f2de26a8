// The one queue of this page, with the browser's means: its disk, its network, one sending page at a time.
import { find } from "../dom.js";
import { post, standing as ask } from "./protocol.js";
import { AnswerQueue } from "./queue.js";
import { Store } from "./store.js";

export const base = location.pathname.match(/^\/p\/[^/]+\//)?.[0] ?? "";

const token = () =>
  document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1] ?? find("[name=csrfmiddlewaretoken]", HTMLInputElement)?.value ?? "";

/** @param {() => Promise<void>} work */
async function alone(work) {
  if ("locks" in navigator) await navigator.locks.request("steelyard answers", work);
  else await work();
}

export const queue = new AnswerQueue({
  store: new Store(() => indexedDB),
  post: (entry) => post(entry, { base, token: token() }),
  alone,
});

export const standing = () => ask({ base });

let isStarted = false;

/** @param {string} scope whose answers go from here on */
export function start(scope) {
  queue.start(scope);
  if (isStarted) return;
  isStarted = true;
  window.addEventListener("online", () => void queue.flush());
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible" && queue.trouble()) void queue.flush();
  });
}
