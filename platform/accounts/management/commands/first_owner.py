"""``manage.py first_owner``: where the first account of an installation is made, and with which key."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.urls import reverse
from django.utils import timezone

from accounts.links import first_owner_key
from accounts.queries import is_begun


class Command(BaseCommand):
    """Print address and key; where there is an account, say so."""

    help = "Print where the first account is made, and the key that it takes. The key is good today and tomorrow (UTC)."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Print them."""
        if is_begun():
            self.stdout.write("There is an account; owners invite everybody else.")
            return
        self.stdout.write(
            "Nobody has an account yet. The first owner begins here, today or tomorrow (UTC):\n\n"
            f"  Address  {settings.PUBLIC_URL}{reverse('first_start')}\n"
            f"  Key      {first_owner_key(timezone.now())}\n"
        )
