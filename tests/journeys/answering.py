"""What journeys of a panelist who answers share."""

from playwright.sync_api import Error

from surveys.models import Judgement

LABELS = ".answers"
NEXT = """before => {
  const form = document.querySelector("form[data-answer-at-once]");
  if (!form) return document.readyState === "complete";
  return !form.hidden && "ready" in form.dataset && form.elements.key.value !== before;
}"""
SETTLED = """async () => {
  const read = () => new Promise((resolve, reject) => {
    const asked = indexedDB.open("steelyard", 1);
    asked.onerror = () => reject(asked.error);
    asked.onsuccess = () => {
      const all = asked.result.transaction("answers").objectStore("answers").getAll();
      all.onsuccess = () => resolve(asked.result.close());
    };
  });
  await navigator.locks.request("steelyard answers", () => {});
  for (let round = 0; round < 10; round += 1) await read();
}"""
ONLY_WHEN_TOLD = """
  const wait = window.setTimeout;
  window.setTimeout = (act, pause, ...more) => wait(act, pause >= 1000 ? 2 ** 31 - 1 : pause, ...more);
"""
LEFT_OUT = 66  # pairs of the long question, which count as settled


def only_when_told(page):
    """Let the page try again when its button is pressed, and at no time of its own; ask for it before the page opens.

    Otherwise what waits may be on its way before the press, and the button gone.
    """
    page.add_init_script(ONLY_WHEN_TOLD)


def begin(page, link):
    """Open the link, begin on this device, and go to the first open pair."""
    page.goto(link)
    page.locator("form[action$='start/'] button").first.click()
    page.goto(link + "pair/")
    page.wait_for_selector("[data-ready]", state="attached")


def key_of(page):
    return page.locator("input[name=key]").first.get_attribute("value")


def settled(page):
    """Return when the page has sent and stored all it had begun to: each of its steps on the disk stands before ours.

    An answer may tell the page to go elsewhere while we wait: then it is the next page that is waited for.
    """
    while True:
        try:
            return page.evaluate(SETTLED)
        except Error as left:
            if "Execution context was destroyed" not in left.message:
                raise
            page.wait_for_load_state()


def tap(page, at):
    """Tap one of the five answers; the next pair is there at once, whatever the network does."""
    before = key_of(page)
    page.locator(LABELS).first.locator("label").nth(at).click()
    page.wait_for_function(NEXT, arg=before)
    if "/question/" in page.url:  # a question that has something to say at its end
        page.goto(page.url.partition("/question/")[0] + "/pair/")
        page.wait_for_selector("[data-ready]", state="attached")


def stored(panelist):
    """Her standing answers by pair."""
    answers = {}
    for row in Judgement.objects.filter(panelist=panelist).order_by("version").select_related("comparison"):
        answers[row.comparison_id] = row.value
    return {pair: value for pair, value in answers.items() if value is not None}
