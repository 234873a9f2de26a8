"""The processes that `docs/operating.md` has systemd run, read from there, and a supervisor that keeps them as it says."""

from __future__ import annotations

import os
import re
import shlex
import signal
import subprocess
import sys
import textwrap
import threading
from configparser import ConfigParser
from contextlib import suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PROGRAMS = "/srv/steelyard/.venv/bin/"
BLOCK = re.compile(
    r"^    # /etc/systemd/system/steelyard-(\w+)\.service\n((?:    (?!# ).*\n|\n(?=    (?!# )))+)", flags=re.MULTILINE
)


def documented_units():
    """Every unit of the document by its part of the product: ``web``, ``worker``, ``beat``."""
    text = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")
    return {name: _parsed(textwrap.dedent(block)) for name, block in BLOCK.findall(text)}


def _parsed(text):
    unit = ConfigParser(interpolation=None, delimiters=("=",))
    unit.optionxform = str
    unit.read_string(text)
    return unit


def words_of(unit):
    """The command that systemd runs, with the program's name alone."""
    program, *words = shlex.split(unit["Service"]["ExecStart"].replace("%%", "%"))
    assert program.startswith(PROGRAMS)
    return [program.removeprefix(PROGRAMS), *words]


class Kept:
    """A process that is started again whenever it ends, as its unit says; nobody else touches it."""

    def __init__(self, name, environment, folder):
        unit = documented_units()[name]
        assert unit["Service"]["Restart"] == "always"
        self.pause = float(unit["Service"]["RestartSec"])
        self.command = [sys.executable, "-m", *words_of(unit)]
        self.environment, self.folder, self.starts = environment, folder, 0
        self.log_file = folder / f"{name}.log"
        self.log_file.touch()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._keep, name=f"systemd of {name}")

    @property
    def log(self):
        """What it wrote, through all its lives."""
        return self.log_file.read_text(errors="replace")

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_error):
        self._ended.set()
        self.kill()
        self._thread.join()

    def kill(self):
        """End its main process at once; what that leaves behind is ended as systemd does."""
        with suppress(AttributeError, ProcessLookupError):
            os.kill(self.process.pid, signal.SIGKILL)

    def _keep(self):
        while not self._ended.is_set():
            with self.log_file.open("ab") as log:
                self.process = subprocess.Popen(
                    self.command,
                    env=self.environment,
                    cwd=self.folder,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
            self.starts += 1
            if self._ended.is_set():  # it was asked to end while it was started
                self.kill()
            self.process.wait()
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self._ended.wait(self.pause)
