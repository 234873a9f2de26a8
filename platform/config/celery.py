"""The Celery application: ``celery -A config worker`` and ``celery -A config beat``."""

from __future__ import annotations

import os

from celery import Celery
from celery.signals import setup_logging

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("steelyard")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect
def keep_logging(**_facts: object) -> None:
    """Leave the log as the settings configure it; without a receiver Celery would set it up anew."""
