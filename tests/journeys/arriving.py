"""What journeys of a panelist who arrives share."""

import re

from django.core import mail as outbox
from django.utils import timezone
from playwright.sync_api import expect

from surveys.models import Mail, Panelist
from surveys.queries.panelist.links import personal_token
from surveys.usecases import mails


def panelist(code):
    return Panelist.objects.select_related("panel__series").get(code=code)


def link(code):
    return f"/p/{personal_token(panelist(code))}/"


def deliver(code, kind="invitation"):
    """Send what waits for a panelist; return the latest message of the kind."""
    for mail in Mail.objects.filter(panelist__code=code, kind=kind, state="queued"):
        mails.send_mail(mail.pk, now=timezone.now)
    return outbox.outbox[-1]


def html_of(message):
    return next(one.content for one in message.alternatives if one.mimetype == "text/html")


def addresses(message):
    """The links of a mail, start, decline and stop mails, as paths."""
    return [re.sub(r"^https?://[^/]+", "", one) for one in re.findall(r"^https?://\S+$", message.body, re.MULTILINE)]


def press(button):
    """Press what must be there."""
    expect(button).to_be_visible()
    button.click()


def begin(page, address):
    """Press the button of the first page."""
    page.goto(address)
    press(page.locator("form[action$='start/'] button"))
