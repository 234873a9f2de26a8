"""``manage.py replace_owner``: make somebody owner of a series whose owner cannot be reached any more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.errors import RoleError
from accounts.models import Series
from accounts.queries import user_of
from accounts.usecases.roles import replace_owner

if TYPE_CHECKING:
    from argparse import ArgumentParser

    from accounts.models import User


class Command(BaseCommand):
    """Give the role, and take it from the owner who is lost, where one is named."""

    help = "Make somebody with an account owner of a series whose owner is lost. It stands in the log of acts."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the series and who is to own it."""
        parser.add_argument("series", help="the series' short name, as in its address")
        parser.add_argument("owner", help="mail address or user name of who is to own it")
        parser.add_argument("--lost", default="", help="mail address or user name of the owner who loses the role")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Replace her."""
        series = Series.objects.filter(slug=options["series"]).first()
        if series is None:
            known = ", ".join(Series.objects.values_list("slug", flat=True)) or "none yet"
            raise CommandError(f"There is no series {options['series']}. Series here: {known}.")
        user, lost = _account(options["owner"]), _account(options["lost"]) if options["lost"] else None
        if not user.is_active:
            raise CommandError(f"The account of {user.get_username()} is closed; nothing is changed.")
        if user == lost:
            raise CommandError("Both are the same account; nothing is changed.")
        try:
            replace_owner(series, user=user, lost=lost, at=timezone.now())
        except RoleError:
            raise CommandError(f"{options['lost']} does not own {series.slug}; nothing is changed.") from None
        self.stdout.write(f"{user.get_username()} owns {series.slug} from now on.")


def _account(name: str) -> User:
    user = user_of(name)
    if user is None:
        raise CommandError(f"Nobody signs in as {name}; nothing is changed. An owner is somebody with an account.")
    return user
