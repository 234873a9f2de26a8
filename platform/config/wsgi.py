"""The web application for gunicorn: ``gunicorn config.wsgi``."""

from __future__ import annotations

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup(set_prefix=False)

from config.handler import Handler  # noqa: E402  # it needs the settings

application = Handler()
