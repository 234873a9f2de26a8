"""A reading in a process of its own: it has so much time and memory and no more, and takes nobody down with it."""

from __future__ import annotations

import os
import pickle
import resource
import signal
import subprocess
import sys
import threading
import time
from typing import IO, TYPE_CHECKING, Any, Final, TypeVar

import django

from exchange.limits import MEMORY, SECONDS
from exchange.problems import FileProblem, FileProblemsError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from exchange.options import FileReading

T = TypeVar("T")

ONE_THREAD: Final = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
"""A thread more wants memory of its own, and nothing here is faster for it."""
PAUSE: Final = 0.5  # seconds between two steps that are told
WAITED: Final = 5  # times as long by the clock, for a process that does not even compute
NO_MEMORY: Final = 3
OUT_OF_MEMORY: Final = (NO_MEMORY, -signal.SIGABRT, -signal.SIGKILL)
"""How a process ends that says so, whose library gives up without memory, or that the system ends for want of it."""


class ReaderFailedError(RuntimeError):
    """The process ended by a mistake of the program; its traceback is in the log."""


def in_own_process(work: Callable[..., T], reading: FileReading, *, seconds: int = SECONDS, memory: int = MEMORY) -> T:
    """Call ``work(reading=reading)`` in a process of its own; ``reading`` says afterwards what it says there.

    The process ends with this call, however that ends; where this process is killed, with its next word or its time.

    Parameters
    ----------
    work : Callable[..., T]
        A function of a module, or a `functools.partial` of one; it, what it takes and what it returns can be pickled.
    reading : FileReading
        Its ``on_step`` is told here how far the reading is; what it raises ends the process.
    seconds, memory : int
        Seconds of processor time, and bytes, that the process may take.

    Raises
    ------
    FileProblemsError
        What ``work`` raises; or the time or the memory were not enough.
    ReaderFailedError
        Anything else went wrong.
    """
    command = [sys.executable, "-m", "exchange.own_process", str(seconds), str(memory)]
    told, reading.on_step = reading.on_step, None
    file = ""
    with subprocess.Popen(  # noqa: S603 - ourselves
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=os.environ | ONE_THREAD
    ) as process:
        assert process.stdin is not None and process.stdout is not None  # noqa: S101, PT018 - for the type checker
        clock = threading.Timer(seconds * WAITED, process.send_signal, [signal.SIGXCPU])
        clock.start()
        try:
            _hand_over(process.stdin, (work, reading))
            for kind, *facts in _heard(process.stdout):
                if kind == "step":
                    file = facts[0]
                    if told is not None:
                        told(*facts)
                    continue
                reading.notes, reading.rows, reading.sheets = facts[1:]
                if kind == "refused":
                    raise FileProblemsError(facts[0])
                result: T = facts[0]
                return result
            ended = process.wait()
        finally:
            clock.cancel()
            reading.on_step = told
            process.kill()
    if ended == -signal.SIGXCPU:
        raise FileProblemsError([FileProblem(file, "reading_time", facts={"most": seconds})])
    if ended in OUT_OF_MEMORY:
        raise _without_memory(file, memory)
    raise ReaderFailedError(f"the reading of {file or 'what was sent'} ended with status {ended}")


def _without_memory(file: str, memory: int) -> FileProblemsError:
    return FileProblemsError([FileProblem(file, "reading_memory", facts={"most": f"{memory // 2**20} MB"})])


def _hand_over(to: IO[bytes], what: object) -> None:
    try:
        with to:
            pickle.dump(what, to, pickle.HIGHEST_PROTOCOL)
    except BrokenPipeError:
        pass  # it has ended already: how, its status tells


def _heard(source: IO[bytes]) -> Iterator[tuple[Any, ...]]:
    """Yield what the process says, until it ends."""
    while True:
        try:
            yield pickle.load(source)  # noqa: S301 - from ourselves
        except (EOFError, pickle.UnpicklingError):
            return


# --- the process itself -------------------------------------------------------------------------------------------------


def main(seconds: int, memory: int) -> None:
    """Do the one work that stands at the input, within the limits, and say what came of it."""
    for stop in (signal.SIGTERM, signal.SIGINT):
        signal.signal(stop, signal.SIG_IGN)  # who stops the worker lets it finish, and this is a part of its work
    for kind, most in ((resource.RLIMIT_CPU, seconds), (resource.RLIMIT_DATA, memory), (resource.RLIMIT_CORE, 0)):
        hardest = resource.getrlimit(kind)[1]
        resource.setrlimit(kind, (most if hardest == resource.RLIM_INFINITY else min(most, hardest), hardest))
    with os.fdopen(os.dup(sys.stdout.fileno()), "wb") as out:
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what a library prints is no answer
        work, reading = pickle.load(sys.stdin.buffer)  # noqa: S301 - from ourselves
        django.setup()  # the words that a file may hold are those of every language
        steps = _Steps(out)
        reading.on_step = steps.tell
        try:
            answer: tuple[str, object] = ("done", work(reading=reading))
        except FileProblemsError as error:
            answer = ("refused", error.problems)
        except MemoryError:
            answer = ("refused", _without_memory(steps.file, memory).problems)
        pickle.dump((*answer, reading.notes, reading.rows, reading.sheets), out, pickle.HIGHEST_PROTOCOL)


class _Steps:
    """Tells how far the reading is: every file that is begun, and from then on not too often."""

    def __init__(self, out: IO[bytes]) -> None:
        self.out, self.file, self.next = out, "", 0.0

    def tell(self, file: str, done: int, total: int) -> None:
        now = time.monotonic()
        if file == self.file and now < self.next:
            return
        self.file, self.next = file, now + PAUSE
        pickle.dump(("step", file, done, total), self.out)
        self.out.flush()


if __name__ == "__main__":
    try:
        main(*map(int, sys.argv[1:]))
    except MemoryError:  # while what was sent or is answered goes through the pipe
        sys.exit(NO_MEMORY)
