"""The panel as HTTP clients: each opens her pair page, then answers pair after pair as the page's own script does."""

from __future__ import annotations

import asyncio
import contextlib
import html
import json
import random
import re
import secrets
import time
import uuid
from dataclasses import dataclass, field
from urllib.parse import urlencode

PATIENCE = 15.0  # as the page's script
IDLE = 1.5  # gunicorn closes a quiet connection after two seconds


@dataclass(frozen=True)
class Told:
    """An answer that a client was told is stored: the first item matters ``value`` times as much as the other."""

    key: str
    first: str
    value: float
    version: int


@dataclass
class Result:
    """What clients were told, and how many milliseconds each waited."""

    told: list[Told] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)
    broken: int = 0
    late: int = 0

    def percentile(self, share: float) -> float:
        """Return the wait that this share stays within."""
        return sorted(self.waits)[min(int(share * len(self.waits)), len(self.waits) - 1)]


class Connection:
    """One kept-alive connection that sends a request and reads its reply."""

    def __init__(self, port: int) -> None:
        self.port, self.used = port, 0.0
        self.reader: asyncio.StreamReader | None = None
        self.writer: asyncio.StreamWriter | None = None

    async def send(self, request: bytes) -> None:
        """Write the request, on a new connection where the old one has been quiet for too long."""
        if self.writer is None or time.monotonic() - self.used > IDLE:
            self.close()
            self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)
        self.writer.write(request)
        await self.writer.drain()

    async def receive(self) -> tuple[int, dict[str, list[str]], bytes]:
        """Read status, headers and body."""
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers: dict[str, list[str]] = {}
        for line in head[1:]:
            name, _, value = line.partition(": ")
            headers.setdefault(name.lower(), []).append(value)
        body = await self.reader.readexactly(int(headers.get("content-length", ["0"])[0]))
        self.used = time.monotonic()
        if "close" in headers.get("connection", []):
            self.close()
        return int(head[0].split()[1]), headers, body

    def close(self) -> None:
        """Leave."""
        if self.writer is not None:
            self.writer.close()
        self.writer = None


class Panelist:
    """One panelist at her device."""

    def __init__(self, port: int, link: str, result: Result, rng: random.Random) -> None:
        self.connection, self.link, self.result, self.rng = Connection(port), link, result, rng
        self.cookies = {"csrftoken": secrets.token_hex(16)}
        self.pairs: list[dict[str, object]] = []

    def request(
        self, method: str, address: str, fields: dict[str, object] | None = None, accept: str = "text/html"
    ) -> bytes:
        """Return the bytes of a request."""
        body = urlencode(fields or {}).encode()
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        lines = [
            f"{method} {self.link}{address} HTTP/1.1",
            "Host: 127.0.0.1",
            f"Accept: {accept}",
            f"Cookie: {cookies}",
        ]
        lines += ["Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(body)}"]
        lines += [f"X-CSRFToken: {self.cookies['csrftoken']}", "", ""]
        return "\r\n".join(lines).encode() + body

    async def ask(self, request: bytes) -> tuple[int, dict[str, list[str]], bytes]:
        """Send a request and read its reply."""
        await self.connection.send(request)
        return await asyncio.wait_for(self.connection.receive(), PATIENCE)

    async def begin(self) -> None:
        """Begin on this device and read the order of pairs from the page."""
        _status, headers, _body = await self.ask(self.request("POST", "start/"))
        for cookie in headers.get("set-cookie", []):
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        status, _headers, body = await self.ask(self.request("GET", "pair/"))
        found = re.search(r'<script id="ahead" type="application/json">(.*?)</script>', body.decode())
        if found is None:
            raise RuntimeError(f"no pair page for a panelist, but {status}: {html.unescape(body.decode()[:500])}")
        self.pairs = json.loads(found[1])["pairs"]

    async def answer(self, pair: dict[str, object], *, breaks: bool) -> None:
        """Answer one pair; whatever goes wrong on the way, it is sent again under the same key until it is told as stored."""
        step, key = self.rng.randint(1, 9), str(uuid.uuid4())
        is_first = self.rng.random() < 0.5
        value = str(step) if is_first else f"1/{step}"
        fields = {**pair, "value": value, "comment": "", "key": key}
        request = self.request("POST", "pair/", fields, accept="application/json")
        if breaks:
            self.result.broken += 1
            await self.connection.send(request)
            await asyncio.sleep(self.rng.uniform(0, 0.02))
            self.connection.close()
        began = time.perf_counter()
        while True:
            with contextlib.suppress(OSError, EOFError, TimeoutError, asyncio.IncompleteReadError):
                status, _headers, body = await self.ask(request)
                if status == 200:
                    break
                if status < 500:
                    raise RuntimeError(f"{status}: {body[:300]!r}")
            self.result.late += 1
            self.connection.close()
            await asyncio.sleep(0.5)
        self.result.waits.append(1000 * (time.perf_counter() - began))
        ratio = step if is_first else 1 / step
        self.result.told.append(Told(key, str(pair["first"]), ratio, json.loads(body)["version"]))

    async def stay(self, until: float, every: float, broken: float) -> None:
        """Answer about every so many seconds, in a rhythm of her own."""
        await asyncio.sleep(self.rng.uniform(0, every))
        for pair in self.pairs:
            if time.monotonic() > until:
                break
            due = time.monotonic() + self.rng.uniform(0.75, 1.25) * every
            await self.answer(pair, breaks=self.rng.random() < broken)
            await asyncio.sleep(max(0.0, due - time.monotonic()))
        self.connection.close()


async def panel(port: int, links: list[str], *, seconds: float, every: float, broken: float) -> Result:
    """Let everybody open her page, a few at a time, and then answer together."""
    result = Result()
    people = [Panelist(port, link, result, random.Random(seed)) for seed, link in enumerate(links)]
    few = asyncio.Semaphore(8)

    async def begin(person: Panelist) -> None:
        async with few:
            await person.begin()

    await asyncio.gather(*(begin(person) for person in people))
    until = time.monotonic() + seconds
    await asyncio.gather(*(person.stay(until, every, broken) for person in people))
    return result
