"""The demonstration's mail box: mails are files there, and a person reads them at /mails/. Nowhere else does it exist."""

from __future__ import annotations

import email.policy
from dataclasses import dataclass
from email.parser import BytesParser
from email.utils import parsedate_to_datetime
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache

from accounts.methods import require_safe

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime
    from email.message import EmailMessage

    from django.http import HttpRequest

SHOWN = 100
BETWEEN = b"-" * 79 + b"\n"  # what Django's file backend writes after each mail
ONE_S_OWN_MACHINE = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True)
class Letter:
    """One mail as it was written to its file."""

    key: str
    subject: str
    to: str
    language: str
    at: datetime
    headers: tuple[tuple[str, str], ...]
    text: str
    html: str


def is_open() -> bool:
    """Say whether there is a box: mails are files, and the site runs on one's own machine."""
    backend = settings.EMAIL_BACKEND == "config.mail_files.EmailBackend"
    return backend and not settings.PRODUCTION and urlsplit(settings.PUBLIC_URL).hostname in ONE_S_OWN_MACHINE


def where_there_is_a_box(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Keep a page where there is a box."""

    @require_safe
    @never_cache
    @wraps(view)
    def shown(request: HttpRequest, **more: str) -> HttpResponse:
        if not is_open():
            raise Http404
        return view(request, **more)

    return shown


@where_there_is_a_box
def box(request: HttpRequest) -> HttpResponse:
    """List the latest mails."""
    return render(request, "mails/box.html", {"letters": letters()})


@where_there_is_a_box
def mail(request: HttpRequest, *, key: str) -> HttpResponse:
    """Show one mail: its header and its plain text, and the way to its HTML."""
    return render(request, "mails/one.html", {"letter": _find(key)})


@where_there_is_a_box
def mail_as_html(request: HttpRequest, *, key: str) -> HttpResponse:  # noqa: ARG001  # the site's policy holds here too
    """Show the HTML part of a mail as a page of its own."""
    return HttpResponse(_find(key).html)


def letters() -> list[Letter]:
    """Read the latest mails, newest first."""
    files = sorted(Path(settings.EMAIL_FILE_PATH).glob("*.log"), reverse=True)[:SHOWN]
    found = [letter for path in files for letter in _read(path)]
    return sorted(found, key=lambda letter: letter.at, reverse=True)[:SHOWN]


def _find(key: str) -> Letter:
    found = next((letter for letter in letters() if letter.key == key), None)
    if found is None:
        raise Http404
    return found


def _read(path: Path) -> Iterator[Letter]:
    """Read the mails of one file."""
    for raw in path.read_bytes().split(BETWEEN):
        if not raw.strip():
            continue
        mail = BytesParser(policy=email.policy.default).parsebytes(raw)
        yield Letter(
            key=str(mail["Message-ID"]).strip("<>").partition("@")[0],
            subject=str(mail["Subject"]),
            to=str(mail["To"]),
            language=str(mail["Content-Language"] or ""),
            at=parsedate_to_datetime(mail["Date"]),
            headers=tuple((name, str(value)) for name, value in mail.items()),
            text=_part(mail, "plain"),
            html=_part(mail, "html"),
        )


def _part(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body(preferencelist=(kind,))
    return str(part.get_content()) if part is not None else ""
