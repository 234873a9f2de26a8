"""What a process of its own may be asked to do, and not survive."""

import os
import resource
import signal
import time

from exchange.problems import FileProblem, FileProblemsError


def endless(reading):
    """Never end."""
    reading.step("long.csv", 1, 3)
    while True:
        pass


def greedy(reading):
    """Ask for more memory than there is."""
    reading.step("wide.csv")
    return len(bytearray(3 << 30))


def ended_by_the_system(reading):
    """End as a process does that the system takes the memory from."""
    reading.step("wide.csv")
    os.abort()


def broken(reading):
    """Fail by a mistake of the program."""
    reading.step("odd.csv")
    raise ZeroDivisionError


def refusing(reading):
    """Refuse the file, having noted something."""
    reading.note("a.csv", "row_names")
    raise FileProblemsError([FileProblem("a.csv", "empty_file")])


def talking(reading):
    """Print, as a library may; say how far it is more often than anybody wants to hear; return what it may take."""
    print("something" * 1000)  # noqa: T201 - as a library may
    for number in range(1000):
        reading.step("a.csv", number, 1000)
    reading.step("b.csv")
    return [resource.getrlimit(kind)[0] for kind in (resource.RLIMIT_CPU, resource.RLIMIT_DATA, resource.RLIMIT_CORE)]


def telling_its_number(reading):
    """Say which process it is, and go on for ever."""
    reading.step(str(os.getpid()))
    endless(reading)


def sleeping(reading):
    """Neither compute nor end."""
    reading.step("asleep.csv")
    time.sleep(600)


def told_to_stop(reading):
    """Be told to stop, as by who stops the worker and all that belongs to it."""
    for stop in (signal.SIGTERM, signal.SIGINT):
        os.kill(os.getpid(), stop)
    return "done"


class Greedy:
    """What takes more memory than there is once it is written down."""

    def __reduce__(self):
        """Ask for it."""
        return int, (len(bytearray(3 << 30)),)


def greedy_at_last(reading):
    """Run out of memory while the answer is told."""
    reading.step("wide.csv")
    return Greedy()
