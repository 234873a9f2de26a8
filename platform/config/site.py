"""Run the whole product on this machine: Redis, web, a worker and beat, started together and stopped together."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import suppress
from http.client import HTTPException
from typing import TYPE_CHECKING, Self

from config.broker import start_redis

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from types import FrameType, TracebackType

READY_WITHIN_SECONDS = 90.0
STOPS_WITHIN_SECONDS = 15.0
ASK_TO_STOP = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class PartEndedError(Exception):
    """A part of the site ended, or was not ready in time; the message names it and holds the end of its log."""


class Interrupted(BaseException):
    """Someone asks the site to stop: Ctrl-C, SIGTERM or a closed terminal."""


def interrupt(_number: int, _frame: FrameType | None) -> None:
    """Handle a signal by stopping wherever we are."""
    raise Interrupted


class Site:
    """The parts that run, in the order they were started; a context manager that leaves none behind.

    Every part leads a process group of its own, so Ctrl-C reaches this process alone and each part is then stopped
    in order with all its children.
    """

    def __init__(self, folder: Path) -> None:
        """Keep logs under the folder; nothing starts yet."""
        self.folder = folder
        self.environment = {"OPENBLAS_NUM_THREADS": "1"} | dict(os.environ)  # small matrices gain nothing from threads
        self.parts: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> Self:
        """Stop on the first signal that asks for it."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self._handlers = {number: signal.signal(number, interrupt) for number in ASK_TO_STOP}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop every part, the last one first; further signals cannot interrupt that."""
        for number in ASK_TO_STOP:
            signal.signal(number, signal.SIG_IGN)
        for part in reversed(self.parts.values()):
            stop(part)
        for number, handler in self._handlers.items():
            signal.signal(number, handler)

    def start_broker(self) -> None:
        """Use the Redis of REDIS_URL, or start one and name it to all later parts."""
        if not self.environment.get("REDIS_URL"):
            self.parts["redis"], self.environment["REDIS_URL"] = start_redis(self.folder)

    def start(self, name: str, *command: str) -> None:
        """Start a part that stays: a Python module with its words; its output goes to ``<name>.log``."""
        with self._log(name).open("wb") as output:
            self.parts[name] = subprocess.Popen(  # noqa: S603
                [sys.executable, "-m", *command],
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def run(self, name: str, *command: str) -> None:
        """Run a part that ends, such as the seed, and refuse to go on where it fails."""
        self.start(name, *command)
        if self.parts[name].wait() != 0:
            raise self._ended(name)
        del self.parts[name]

    def wait_for_log(self, name: str, words: str) -> None:
        """Return when the part wrote the words."""
        self._wait(name, lambda: words in self._log(name).read_text(errors="replace"))

    def wait_for_page(self, name: str, url: str) -> None:
        """Return when the part answers at the address with a success."""
        self._wait(name, lambda: is_success(status_of(url)))

    def wait_for_answer(self, name: str, url: str) -> int:
        """Return the status that the part answers with, whichever it is, however long a busy machine takes over it."""
        told: list[int] = []

        def is_told() -> bool:
            if (status := status_of(url)) is not None:
                told.append(status)
            return bool(told)

        self._wait(name, is_told)
        return told[0]

    def watch(self) -> None:
        """Return never; raise when a part ends."""
        while True:
            for name, part in self.parts.items():
                if part.poll() is not None:
                    raise self._ended(name)
            time.sleep(0.5)

    def _wait(self, name: str, is_ready: Callable[[], bool]) -> None:
        deadline = time.monotonic() + READY_WITHIN_SECONDS
        while not is_ready():
            if self.parts[name].poll() is not None or time.monotonic() > deadline:
                raise self._ended(name)
            time.sleep(0.1)

    def _ended(self, name: str) -> PartEndedError:
        tail = self._log(name).read_text(errors="replace")[-3000:]
        return PartEndedError(f"{name} ended or was not ready in time; its log ends with:\n\n{tail}")

    def _log(self, name: str) -> Path:
        return self.folder / f"{name}.log"


def stop(part: subprocess.Popen[bytes]) -> None:
    """Ask the part to end, wait, and end whatever of its group is left."""
    part.terminate()
    with suppress(subprocess.TimeoutExpired):
        part.wait(STOPS_WITHIN_SECONDS)
    with suppress(ProcessLookupError):
        os.killpg(part.pid, signal.SIGKILL)
    part.wait()


def status_of(url: str) -> int | None:
    """Return the status that the address answers with; None where nothing answers."""
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(url, timeout=READY_WITHIN_SECONDS) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as answer:
        with answer:
            return answer.code
    except (OSError, HTTPException):
        return None


def is_success(status: int | None) -> bool:
    """Say whether a status is one of success."""
    return status is not None and status < 400
