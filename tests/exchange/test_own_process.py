"""A reading in a process of its own: what comes back is what is read here, and whatever happens there ends there."""

import os
from functools import partial
from pathlib import Path

import pytest

from exchange.layouts import Layout
from exchange.limits import MEMORY, SECONDS
from exchange.options import FileReading, ReadingOptions
from exchange.own_process import ReaderFailedError, in_own_process
from exchange.problems import FileProblemsError
from exchange.sheets import read_sheet
from tests.exchange import readers

LAYOUT = Layout(("uCode",))


def refusal(work, **limits):
    with pytest.raises(FileProblemsError) as refused:
        in_own_process(work, FileReading(), **limits)
    (problem,) = refused.value.problems
    return problem


def outcome(read, name, content):
    """What a reading gives, finds or notes."""
    reading = FileReading(ReadingOptions())
    try:
        found = read(partial(read_sheet, name, content, LAYOUT), reading)
    except FileProblemsError as error:
        found = error.problems
    return found, reading.notes, reading.rows, reading.sheets


@pytest.mark.parametrize(
    "content",
    [
        b"uCode;GDP\nU1;1,5\n",
        b"\xef\xbb\xbftitle\nuCode,GDP\nU1,\n",
        "uCode;Nom\nU1;Cité\n".encode("windows-1252"),
        b"uCode,GDP\nU1,\0\n",
        b"",
        b"%PDF-1.7",
    ],
)
def test_what_comes_back_is_what_is_read_here(content):
    here = outcome(lambda work, reading: work(reading=reading), "sent.csv", content)

    assert outcome(in_own_process, "sent.csv", content) == here


def test_workbooks_come_back_too():
    files = sorted(path for path in (Path(__file__).parent / "files").iterdir() if path.suffix in {".xls", ".ods"})
    assert files
    for path in files:
        here = outcome(lambda work, reading: work(reading=reading), path.name, path.read_bytes())
        assert outcome(in_own_process, path.name, path.read_bytes()) == here


def test_reading_that_takes_too_long_is_refused_by_the_file_it_was_at():
    problem = refusal(readers.endless, seconds=6)  # it needs one or two to begin

    assert (problem.file, problem.code, problem.facts) == ("long.csv", "reading_time", {"most": 6})


def test_reading_that_does_not_even_compute_is_not_waited_for():
    assert refusal(readers.sleeping, seconds=2).code == "reading_time"


def test_reading_goes_on_while_its_worker_is_stopped():
    assert in_own_process(readers.told_to_stop, FileReading()) == "done"


@pytest.mark.parametrize("work", [readers.greedy, readers.ended_by_the_system, readers.greedy_at_last])
def test_reading_that_takes_too_much_memory_is_refused(work):
    problem = refusal(work)

    assert (problem.file, problem.code, problem.facts) == ("wide.csv", "reading_memory", {"most": "1024 MB"})


def test_mistake_of_the_program_is_no_fault_of_the_file(capfd):
    with pytest.raises(ReaderFailedError, match=r"the reading of odd\.csv ended with status 1"):
        in_own_process(readers.broken, FileReading())
    assert "ZeroDivisionError" in capfd.readouterr().err


def test_refusal_brings_what_was_noted():
    reading = FileReading()
    with pytest.raises(FileProblemsError):
        in_own_process(readers.refusing, reading)
    assert [note.code for note in reading.notes] == ["row_names"]


def test_it_may_take_what_is_allowed_and_is_heard_now_and_then(capfd):
    heard = []
    reading = FileReading(on_step=lambda *step: heard.append(step))

    assert in_own_process(readers.talking, reading) == [SECONDS, MEMORY, 0]
    assert (heard[0], heard[-1]) == (("a.csv", 0, 1000), ("b.csv", 0, 0))
    assert len(heard) < 20
    assert "something" in capfd.readouterr().err
    assert reading.on_step is not None


def test_process_ends_when_nobody_wants_its_answer():
    class NotWantedError(Exception):
        pass

    numbers = []

    def hear(file, _done, _total):
        numbers.append(int(file))
        raise NotWantedError

    with pytest.raises(NotWantedError):
        in_own_process(readers.telling_its_number, FileReading(on_step=hear))
    with pytest.raises(ProcessLookupError):
        os.kill(numbers[0], 0)


def test_process_that_is_gone_before_it_is_told_anything_is_not_waited_for():
    """With no memory at all it does not even start."""
    with pytest.raises((ReaderFailedError, FileProblemsError)):
        in_own_process(partial(readers.talking, b"x" * (1 << 20)), FileReading(), memory=1 << 20)
