"""The accounts app: users, series and roles."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Users, series, roles per series, sign-in."""

    name = "accounts"
    default_auto_field = "django.db.models.BigAutoField"
