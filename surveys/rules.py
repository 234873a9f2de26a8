"""Who may: asked at the doors of the surveys' pages and API."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accounts.rules import may_act, moderates
from surveys.states import who_may

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser
    from django.contrib.auth.models import AnonymousUser

    from accounts.models import Series


def may_run_rounds(user: AbstractBaseUser | AnonymousUser, series: Series, *acts: str) -> bool:
    """Say whether the user may see how rounds of the series go, and do all of these acts."""
    return moderates(user, series) and all(may_act(user, series, by=who_may(act)) for act in acts)
