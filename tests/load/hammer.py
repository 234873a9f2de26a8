"""Fifty clients that try passwords, or read the page of the form, as fast as they are answered; prints how often each status was
the answer, as JSON.

A process of its own, so that who measures another page meanwhile does not wait for these clients.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
import sys
import time
from collections import Counter
from pathlib import Path
from urllib.parse import urlencode

sys.path.insert(0, str(Path(__file__).parent))
import client

CLIENTS = 50


def guess(name: str, token: str) -> bytes:
    """Return the request that tries a password of an account."""
    body = urlencode({"username": name, "password": secrets.token_hex(8), "csrfmiddlewaretoken": token}).encode()
    lines = ["POST /sign-in/ HTTP/1.1", "Host: 127.0.0.1", f"Cookie: csrftoken={token}"]
    lines += ["Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(body)}", "", ""]
    return "\r\n".join(lines).encode() + body


def look(_name: str, token: str) -> bytes:
    """Return the request that reads the page where passwords are typed."""
    return f"GET /sign-in/ HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: csrftoken={token}\r\n\r\n".encode()


REQUESTS = {"guess": guess, "look": look}


async def ask(port: int, what: str, name: str, until: float, answers: Counter[int]) -> None:
    """Ask the same again and again on one connection."""
    connection, token = client.Connection(port), secrets.token_hex(16)
    while time.monotonic() < until:
        with contextlib.suppress(OSError, EOFError, asyncio.IncompleteReadError):
            await connection.send(REQUESTS[what](name, token))
            status, _headers, _body = await connection.receive()
            answers[status] += 1
            continue
        connection.close()
    connection.close()


async def hammer(port: int, what: str, seconds: float) -> Counter[int]:
    """Let all of them ask at once."""
    answers: Counter[int] = Counter()
    until = time.monotonic() + seconds
    await asyncio.gather(*(ask(port, what, f"name {number}", until, answers) for number in range(CLIENTS)))
    return answers


if __name__ == "__main__":
    print(json.dumps(asyncio.run(hammer(int(sys.argv[1]), sys.argv[2], float(sys.argv[3])))))
