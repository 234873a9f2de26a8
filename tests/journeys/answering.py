"""What journeys of a panelist who answers share."""

from surveys.models import Judgement

LABELS = ".answers"
LEFT_OUT = 66  # pairs of the long question, which count as settled


def begin(page, link):
    """Open the link, begin on this device, and go to the first open pair."""
    page.goto(link)
    page.locator("form[action$='start/'] button").first.click()
    page.goto(link + "pair/")
    page.wait_for_selector("[data-ready]", state="attached")


def key_of(page):
    return page.locator("input[name=key]").first.get_attribute("value")


def tap(page, at, wait=2000):
    """Tap one of the five answers; the next pair is there at once, whatever the network does."""
    before = key_of(page)
    page.locator(LABELS).first.locator("label").nth(at).click()
    page.wait_for_function(
        """before => {
          const form = document.querySelector("form[data-answer-at-once]");
          return !form || (!form.hidden && "ready" in form.dataset && form.elements.key.value !== before);
        }""",
        arg=before,
        timeout=wait,
    )
    if "/question/" in page.url:  # a question that has something to say at its end
        page.goto(page.url.partition("/question/")[0] + "/pair/")
        page.wait_for_selector("[data-ready]", state="attached")


def stored(panelist):
    """Her standing answers by pair."""
    answers = {}
    for row in Judgement.objects.filter(panelist=panelist).order_by("version").select_related("comparison"):
        answers[row.comparison_id] = row.value
    return {pair: value for pair, value in answers.items() if value is not None}
