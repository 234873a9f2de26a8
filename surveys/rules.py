"""Who may: asked at the doors of the surveys' pages and API."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accounts.rules import moderates

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser
    from django.contrib.auth.models import AnonymousUser

    from accounts.models import Series


def may_run_rounds(user: AbstractBaseUser | AnonymousUser, series: Series) -> bool:
    """Say whether the user may see how a round of the series goes, and close it."""
    return moderates(user, series)
