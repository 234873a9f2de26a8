"""EMAIL_URL: the mail server as one address."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

PORTS: Final = {"smtp": 25, "smtp+tls": 587, "smtp+ssl": 465}


@dataclass(frozen=True)
class MailServer:
    """Where mails go: in the clear, in the clear until STARTTLS, or through TLS from the first byte."""

    host: str
    port: int
    user: str
    password: str
    starts_tls: bool
    is_tls: bool


def mail_server(url: str) -> MailServer:
    """Return the mail server of an address such as ``smtp+tls://user:password@host:587``.

    Raises
    ------
    ImproperlyConfigured
        It names none; what was given is not repeated, since it may hold a password.
    """
    try:
        parts = urlsplit(url)
        port = parts.port or PORTS[parts.scheme]
    except (KeyError, ValueError):
        raise _names_none() from None
    if parts.scheme not in PORTS or not parts.hostname:
        raise _names_none()
    return MailServer(
        host=parts.hostname,
        port=port,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        starts_tls=parts.scheme == "smtp+tls",
        is_tls=parts.scheme == "smtp+ssl",
    )


def _names_none() -> ImproperlyConfigured:
    return ImproperlyConfigured(
        "EMAIL_URL must name a mail server: smtp://host, smtp+tls://user:password@host:587 or "
        "smtp+ssl://user:password@host:465, with % codes for signs that addresses do not hold. In production it is "
        "needed: without a mail server no invitation, fresh link or receipt reaches anybody."
    )
