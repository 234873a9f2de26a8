"""The demonstration starts every part, says what is wrong, and leaves nothing behind."""

import os
import signal
import socket
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from config.broker import free_port
from config.site import PartEndedError, Site
from demo.management.commands.demo import Command

SITE = """
import sys
from pathlib import Path
from config.broker import free_port
from config.site import Interrupted, Site

port = str(free_port())
try:
    with Site(Path(sys.argv[1])) as site:
        site.start_broker()
        site.start("web", "http.server", port, "--bind", "127.0.0.1")
        site.wait_for_page("web", f"http://127.0.0.1:{port}/")
        print(*(part.pid for part in site.parts.values()), flush=True)
        site.watch()
except Interrupted:
    print("stopped", flush=True)
"""


def lives(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_site_leaves_no_process_behind_after_a_signal(number, tmp_path):
    environment = {name: value for name, value in os.environ.items() if name != "REDIS_URL"}
    with subprocess.Popen(
        [sys.executable, "-c", SITE, str(tmp_path)], stdout=subprocess.PIPE, text=True, env=environment
    ) as site:
        pids = [int(pid) for pid in site.stdout.readline().split()]
        running = [lives(pid) for pid in pids]
        site.send_signal(number)
        said = site.stdout.read()
    assert (running, [lives(pid) for pid in pids], said, site.returncode) == ([True] * 2, [False] * 2, "stopped\n", 0)


def test_site_names_the_part_that_ended_and_the_end_of_its_log(tmp_path):
    with Site(tmp_path) as site, pytest.raises(PartEndedError, match=r"(?s)^calendar ended .*IndexError"):
        site.run("calendar", "calendar", "2000", "13")


def test_demo_says_which_port_is_taken_and_what_to_do(settings):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        settings.PUBLIC_URL = f"http://127.0.0.1:{port}"
        with pytest.raises(CommandError) as refusal:
            call_command("demo")
    assert str(refusal.value) == f"Port {port} is taken. Choose another one: make demo PORT={port + 1}"


@pytest.fixture
def pages():
    """Pages of a server that is not itself yet: it drops who asks, a few times; one page of it is broken."""
    dropped = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            if len(dropped) < 3:
                dropped.append(self.path)
                self.close_connection = True
                return
            self.send_response(500 if self.path == "/broken" else 200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *words):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_demo_check_waits_for_pages_and_names_those_that_are_broken(pages, tmp_path):
    said = StringIO()
    with Site(tmp_path) as site:
        site.start("web", "http.server", str(free_port()), "--bind", "127.0.0.1")  # a part that lives
        Command(stdout=said)._open(site, [f"{pages}/", f"{pages}/api/"])
        with pytest.raises(CommandError) as refusal:
            Command(stdout=said)._open(site, [f"{pages}/", f"{pages}/broken"])

    assert said.getvalue() == "\nAll 2 addresses answer.\n"
    assert str(refusal.value) == f"No page at {pages}/broken"


def test_demo_check_does_not_wait_for_a_part_that_ended(tmp_path):
    nowhere = f"http://127.0.0.1:{free_port()}/"
    with Site(tmp_path) as site:
        site.start("web", "calendar", "2000", "13")
        with pytest.raises(PartEndedError, match=r"^web ended"):
            Command()._open(site, [nowhere])
