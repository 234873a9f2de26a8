// Shows how far long work is, as it moves; when a piece of it ends, the page is read again.

/** @typedef {{id: string, done: number, total: number, words: string}} Job */

const EVERY = 1500;
/** @type {HTMLElement | null} */
const place = document.querySelector("[data-progress]");
/** @type {NodeListOf<HTMLElement>} */
const places = document.querySelectorAll("[data-job]");
const shown = new Map([...places].map((job) => [job.dataset.job ?? "", job]));

/**
 * @param {HTMLElement | undefined} job
 * @param {Job} state
 */
function show(job, { done, total, words }) {
  const bar = job?.querySelector("progress"), text = job?.querySelector("span");
  if (!bar || !text) return;
  if (total) {
    bar.max = total;
    bar.value = done;
  }
  bar.setAttribute("aria-label", words);
  if (text.textContent !== words) text.textContent = words;
}

/** @param {string} address */
async function look(address) {
  try {
    const answer = await fetch(address, { headers: { Accept: "application/json" } });
    /** @type {{jobs: Job[]}} */
    const { jobs } = await answer.json();
    if (jobs.length !== shown.size || jobs.some(({ id }) => !shown.has(id))) {
      location.reload();
      return;
    }
    for (const job of jobs) show(shown.get(job.id), job);
  } catch {
    // the next look may get through
  }
  setTimeout(() => void look(address), EVERY);
}

const address = place?.dataset.progress;
if (address) setTimeout(() => void look(address), EVERY);
