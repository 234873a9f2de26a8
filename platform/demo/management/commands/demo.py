"""``manage.py demo``: the running product with the demonstration data, in the foreground until Ctrl-C."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from accounts.models import Series
from accounts.queries import is_begun
from config.site import Interrupted, PartEndedError, Site, is_success
from demo import role_addresses

if TYPE_CHECKING:
    from argparse import ArgumentParser


class Command(BaseCommand):
    """Start broker, web, worker and beat; seed an empty database; print the addresses; stop all with one Ctrl-C."""

    help = "Run the demonstration at PUBLIC_URL."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Read the options."""
        parser.add_argument(
            "--check", action="store_true", help="start, open every printed address, stop, and say how it went"
        )
        parser.add_argument("--empty", action="store_true", help="seed nothing: begin with the first account")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Run until asked to stop."""
        address = urlsplit(settings.PUBLIC_URL)
        self._refuse_taken_port(address.hostname or "127.0.0.1", address.port or 80)
        try:
            with Site(settings.VAR / "demo") as site:
                self._start(site, address.netloc, is_empty=options["empty"])
                pages = self._tell()
                if options["check"]:
                    self._open(site, pages)
                    return
                self.stdout.write("\nCtrl-C stops everything; the data stay.")
                self.stdout.flush()
                site.watch()
        except PartEndedError as error:
            raise CommandError(str(error)) from error
        except Interrupted:
            self.stdout.write("\nStopped.")

    def _refuse_taken_port(self, host: str, port: int) -> None:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError as error:
                raise CommandError(f"Port {port} is taken. Choose another one: make demo PORT={port + 1}") from error

    def _start(self, site: Site, bind: str, *, is_empty: bool) -> None:
        site.start_broker()
        call_command("migrate", verbosity=0)
        site.start("worker", "celery", "-A", "config", "worker", "--concurrency=2")
        if not is_empty:
            self._seed(site)
        site.start("beat", "celery", "-A", "config", "beat", "--pidfile=")
        site.start(
            "web", "gunicorn", "config.wsgi", "--bind", bind, "--workers=4", "--threads=2", "--no-control-socket"
        )
        site.wait_for_log("worker", " ready.")
        site.wait_for_page("web", f"{settings.PUBLIC_URL}/healthz")

    def _seed(self, site: Site) -> None:
        """Build the demonstration once; one that was interrupted half-way is refused, not shown."""
        unfinished = settings.VAR / "demo" / "unfinished"
        if unfinished.exists():
            raise CommandError(
                f"The demonstration was interrupted while it was built. Remove {settings.VAR} and start again."
            )
        if Series.objects.exists():
            return
        self.stdout.write("Building the demonstration; about a minute, once.")
        unfinished.touch()
        site.run("seed_demo", "django", "seed_demo")
        unfinished.unlink()

    def _tell(self) -> list[str]:
        pages = [("Site", settings.PUBLIC_URL), ("API", f"{settings.PUBLIC_URL}/api/v1/"), *role_addresses()]
        if not is_begun():
            self.stdout.write("")
            call_command("first_owner", stdout=self.stdout)
        width = max(len(name) for name, _ in pages)
        self.stdout.write("")
        for name, url in pages:
            self.stdout.write(f"  {name:<{width}}  {url}")
        self.stdout.flush()
        return [url for _, url in pages]

    def _open(self, site: Site, pages: list[str]) -> None:
        """Open every address; a slow machine is waited for, an answer that is no success is not."""
        wrong = [url for url in pages if not is_success(site.wait_for_answer("web", url))]
        if wrong:
            raise CommandError(f"No page at {', '.join(wrong)}")
        self.stdout.write(f"\nAll {len(pages)} addresses answer.")
