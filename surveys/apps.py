"""The surveys app: who is asked what."""

from django.apps import AppConfig


class SurveysConfig(AppConfig):
    """Who is asked what, and what they answered."""

    name = "surveys"
    default_auto_field = "django.db.models.BigAutoField"
