"""The scoring app: what the numbers are."""

from django.apps import AppConfig


class ScoringConfig(AppConfig):
    """What the numbers are, and what was published."""

    name = "scoring"
    default_auto_field = "django.db.models.BigAutoField"
