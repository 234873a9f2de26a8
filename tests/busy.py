"""Run a command while every core has something else to do: ``python tests/busy.py pytest tests/journeys``."""

from __future__ import annotations

import os
import subprocess
import sys

EACH = 2  # busy processes a core
BUSY = "while True: sum(range(10_000))"


def main(command: list[str]) -> int:
    """Return what the command returns; the busy processes end with it."""
    others = [subprocess.Popen([sys.executable, "-c", BUSY]) for _ in range(EACH * (os.cpu_count() or 1))]
    try:
        return subprocess.run(command, check=False).returncode
    finally:
        for other in others:
            other.kill()
            other.wait()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
