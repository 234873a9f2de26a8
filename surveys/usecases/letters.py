"""A mail as the panelist reads it: in her language, as plain text and as HTML, answered by a person."""

from __future__ import annotations

from email.utils import parseaddr
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils.translation import get_language_bidi, override

from surveys.models import Mail
from surveys.queries.panelist.invitation import invitation_summary
from surveys.queries.panelist.links import personal_token
from surveys.queries.panelist.sheet import panelist_sheet
from surveys.queries.standing import handed_in

if TYPE_CHECKING:
    from collections.abc import Mapping

# these ask her to answer, so they say who asks, how long it takes and until when
ASKS = (Mail.Kind.INVITATION, Mail.Kind.REMINDER, Mail.Kind.END_MOVED, Mail.Kind.ENDING, Mail.Kind.REOPENED)


def letter(mail: Mail) -> EmailMultiAlternatives:
    """Write the mail in the panelist's language, dates on her clock; no name stands in it.

    Mail programs find how to stop mails in its header (RFC 2369), by one click without signing in (RFC 8058).

    Raises
    ------
    UnknownLinkError
        Every link of hers has ended.
    """
    panelist = mail.panelist
    links = _links(mail)
    with override(panelist.language):
        page = invitation_summary(panelist, mail.round)
        context: dict[str, object] = {"mail": mail, "page": page, "asks": _asks(mail), **links, **_work(mail)}
        context |= {"language": panelist.language, "direction": "rtl" if get_language_bidi() else "ltr"}
        subject = " ".join(render_to_string(f"email/{mail.kind}_subject.txt", context).split())
        context |= {"subject": subject, "lead": render_to_string(f"email/{mail.kind}_lead.txt", context).strip()}
        text, html = (render_to_string(f"email/letter.{kind}", context) for kind in ("txt", "html"))
    sender = parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
    contact = page.contact or settings.CONTACT
    message = EmailMultiAlternatives(
        subject=subject,
        body=text,
        to=[panelist.email],
        reply_to=[contact],
        headers={
            "Auto-Submitted": "auto-generated",
            "Content-Language": panelist.language,
            "List-Unsubscribe": f"<{links['stop']}>, <mailto:{contact}?subject=stop>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            "Message-ID": f"<{mail.uid}@{sender.rpartition('@')[2]}>",
        },
    )
    message.attach_alternative(html, "text/html")
    return message


def _links(mail: Mail) -> Mapping[str, str]:
    """Return the addresses behind her link."""
    start = f"{settings.PUBLIC_URL}/p/{personal_token(mail.panelist)}/"
    return {"start": start, "decline": f"{start}decline/", "stop": f"{start}stop-mails/"}


def _asks(mail: Mail) -> bool:
    """Say whether the mail asks her to answer; once the end is announced, who has not started may not."""
    return mail.kind in ASKS and (mail.round.finish_until is None or mail.panelist.started_at is not None)


def _work(mail: Mail) -> Mapping[str, object]:
    """Return what is left to answer, or what was handed in."""
    if _asks(mail):
        sheet = panelist_sheet(mail.panelist, mail.round)
        return {"pairs": len(sheet.coming), "minutes": sheet.minutes_left, "receipt": ""}
    if mail.kind == Mail.Kind.RECEIPT:
        submission = handed_in(mail.round).filter(panelist=mail.panelist).first()
        return {"pairs": 0, "minutes": 0, "receipt": submission.receipt if submission else ""}
    return {"pairs": 0, "minutes": 0, "receipt": ""}
