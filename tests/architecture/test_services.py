"""The services that the suite starts are the real ones."""

import os

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.urls import reverse

from config.celery import app


@pytest.mark.django_db
def test_database_is_the_chosen_one():
    assert connection.vendor == ("sqlite" if os.environ.get("DB") == "sqlite" else "postgresql")


@pytest.mark.django_db
def test_health_says_that_database_and_broker_answer(client):
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"database": True, "broker": True})


@pytest.mark.django_db
def test_health_tells_of_a_broker_that_is_away_and_keeps_the_site_in_service(client, settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"database": True, "broker": False})


def test_worker_answers_and_is_back_after_a_kill(celery_worker_process):

    def names(seconds=60):
        answers = app.control.ping(timeout=seconds, limit=1)  # it listens no longer once one has answered
        return [name.split("@")[0] for answer in answers for name in answer]

    first = names()
    celery_worker_process.kill()
    gone = names(seconds=1)
    celery_worker_process.start()
    assert (first, gone, names()) == ([f"test-{os.getpid()}-1"], [], [f"test-{os.getpid()}-2"])


@pytest.mark.django_db(transaction=True)
def test_flush_empties_the_tables_and_keeps_the_triggers(django_user_model):

    def triggers():
        names = {"sqlite": ("name", "sqlite_master WHERE type = 'trigger'"), "postgresql": ("tgname", "pg_trigger")}
        column, table = names[connection.vendor]
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {column} FROM {table}")
            return sorted(name for (name,) in cursor.fetchall() if name.startswith("immutable_"))

    before = triggers()
    django_user_model.objects.create_user("someone")
    call_command("flush", verbosity=0, interactive=False)
    assert (len(before) > 0, triggers(), django_user_model.objects.count()) == (True, before, 0)


def test_page_reads_the_site_in_chromium(page):
    page.goto(reverse("admin:login"))
    assert page.locator("input[name=username]").count() == 1


def test_mail_stays_on_this_machine():
    assert settings.EMAIL_BACKEND == "django.core.mail.backends.locmem.EmailBackend"
