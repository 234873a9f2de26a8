"""Handing work to the workers: after the commit, once, and never in the way of who hands it over."""

import time

import pytest
from django.db import transaction

from accounts import workers
from config.celery import app
from surveys.tasks import close_due_rounds, send_mail

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def waiting(own_broker):
    """How many tasks wait in the broker."""
    import redis  # noqa: PLC0415

    def count():
        with redis.Redis.from_url(own_broker.url) as client:
            return client.llen("celery")

    return count


def test_work_is_queued_once_its_rows_are_committed(waiting):
    with transaction.atomic():
        workers.queue(send_mail.si(1), send_mail.si(2))
        before = waiting()
    assert (before, waiting()) == (0, 2)


def test_work_of_rows_that_were_not_kept_is_not_queued(waiting):
    with transaction.atomic():
        workers.queue(send_mail.si(1))
        transaction.set_rollback(True)
    assert waiting() == 0


def test_no_work_is_nothing_to_queue(waiting, caplog):
    workers.queue()
    workers.revoke([])
    assert (waiting(), caplog.records) == (0, [])


def test_absent_broker_is_one_line_of_the_log(own_broker, caplog):
    own_broker.stop()
    workers.queue(send_mail.si(1), send_mail.si(2), close_due_rounds.si())
    workers.revoke(["one"])
    own_broker.start()
    assert [(record.name, record.getMessage().partition(":")[0]) for record in caplog.records] == [
        (
            "accounts.workers",
            "the broker is out of reach, surveys.close_due_rounds, surveys.send_mail waits for the sweep",
        ),
        ("accounts.workers", "the broker is out of reach, revoked tasks are not told"),
    ]


def test_broker_that_is_back_is_told_again(own_broker, waiting):
    workers.queue(send_mail.si(1))
    own_broker.stop()
    workers.queue(send_mail.si(1))
    own_broker.start()
    workers.queue(send_mail.si(1))
    assert waiting() == 1


def test_silent_broker_is_waited_for_half_a_second(silent_redis, caplog):
    before = time.monotonic()
    workers.queue(send_mail.si(1), send_mail.si(2))
    workers.revoke(["one"])
    assert time.monotonic() - before < 3  # twice half a second; a busy machine is late
    assert [record.name for record in caplog.records] == ["accounts.workers"] * 2


def test_health_says_soon_that_a_silent_broker_is_away(silent_redis, client):
    client.get("/healthz")  # the first request of a process reads the addresses
    before = time.monotonic()
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"database": True, "broker": False})
    assert time.monotonic() - before < 2


def test_mistake_is_not_taken_for_an_absent_broker(own_broker):
    with pytest.raises(TypeError):
        workers.queue(send_mail.si())
    assert app.conf.broker_connection_max_retries is None
