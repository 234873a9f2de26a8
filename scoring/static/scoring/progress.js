// Shows how far long work is, as it moves; when a piece of it ends, the page is read again.
const EVERY = 1500;
const place = document.querySelector("[data-progress]");
const shown = new Map([...document.querySelectorAll("[data-job]")].map((job) => [job.dataset.job, job]));

function show(job, { done, total, words }) {
  const bar = job.querySelector("progress");
  if (total) {
    bar.max = total;
    bar.value = done;
  }
  bar.setAttribute("aria-label", words);
  const text = job.querySelector("span");
  if (text.textContent !== words) text.textContent = words;
}

async function look() {
  try {
    const answer = await fetch(place.dataset.progress, { headers: { Accept: "application/json" } });
    const { jobs } = await answer.json();
    if (jobs.length !== shown.size || jobs.some(({ id }) => !shown.has(id))) {
      location.reload();
      return;
    }
    for (const job of jobs) show(shown.get(job.id), job);
  } catch {
    // the next look may get through
  }
  setTimeout(look, EVERY);
}

if (place) setTimeout(look, EVERY);
