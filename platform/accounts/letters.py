"""Mails about accounts as their readers see them: in their language, as plain text and as HTML."""

from __future__ import annotations

from email.utils import parseaddr
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import get_language_bidi, override

from accounts.links import invitation_address, password_address
from accounts.models import Role
from accounts.role_words import DUTIES, NAMES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from accounts.models import AccountMail, Invitation, User


def invitation_letter(mail: AccountMail, invitation: Invitation) -> EmailMultiAlternatives:
    """Write what is offered, by whom and until when, with the link that takes it up."""
    inviter = invitation.invited_by
    kind = Role.Kind(invitation.kind)
    facts = {
        "series": invitation.series,
        "inviter": (inviter.get_full_name() or inviter.get_username()) if inviter else "",
        "role": NAMES[kind],
        "duties": DUTIES[kind],
        "until": invitation.ends_at,
        "address": invitation_address(invitation),
    }
    return _letter(mail, facts, reply_to=invitation.series.contact)


def password_letter(mail: AccountMail, users: Sequence[User]) -> EmailMultiAlternatives:
    """Write the way to a new password, for each account of the address; in the language that its owner chose, if she did."""
    accounts = [(user.get_username(), password_address(user)) for user in users]
    facts = {"accounts": accounts, "hours": settings.PASSWORD_RESET_TIMEOUT // 3600}
    return _letter(mail, facts, language=users[0].language)


def daily_letter(mail: AccountMail, user: User, matters: Sequence[object]) -> EmailMultiAlternatives:
    """Write what waits on a user, with the page that takes each; in the language that she chose, if she did."""
    facts = {
        "matters": matters,
        "root": settings.PUBLIC_URL,
        "account": f"{settings.PUBLIC_URL}{reverse('mfa_index')}#daily",
    }
    return _letter(mail, facts, language=user.language)


def _letter(
    mail: AccountMail, facts: Mapping[str, Any], *, language: str = "", reply_to: str = ""
) -> EmailMultiAlternatives:
    sender = parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
    spoken = language or mail.language
    with override(spoken):
        context = {
            **facts,
            "site": urlsplit(settings.PUBLIC_URL).hostname,
            "language": spoken,
            "direction": "rtl" if get_language_bidi() else "ltr",
        }
        subject = " ".join(render_to_string(f"email/account_{mail.kind}_subject.txt", context).split())
        context["subject"] = subject
        text, html = (render_to_string(f"email/account_{mail.kind}.{form}", context) for form in ("txt", "html"))
    message = EmailMultiAlternatives(
        subject=subject,
        body=text,
        to=[mail.email],
        reply_to=[reply_to or settings.CONTACT],
        headers={
            "Auto-Submitted": "auto-generated",
            "Content-Language": spoken,
            "Message-ID": f"<{mail.uid}@{sender.rpartition('@')[2]}>",
        },
    )
    message.attach_alternative(html, "text/html")
    return message
