"""Make accounts, and change what one has: nobody signs up by herself, everybody's address was mailed or is the first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from allauth.mfa.base.internal.flows import delete_dangling_recovery_codes
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.db import transaction

from accounts.acts import note
from accounts.errors import AddressTakenError, NotFirstError
from accounts.models import User
from accounts.queries import has_account, is_begun

if TYPE_CHECKING:
    from datetime import datetime

    from allauth.mfa.models import Authenticator

BEGINS_SERIES: Final = "add_series"


def make_account(*, email: str, name: str, password: str, language: str) -> User:
    """Make the account of somebody who signs in with her mail address; call it inside a transaction.

    Raises
    ------
    AddressTakenError
        Somebody signs in with this address already, in capital letters or small ones.
    """
    _wait_for_others()
    if has_account(email):
        raise AddressTakenError("somebody signs in with this address")
    user = User(username=email.lower(), email=email, first_name=name, language=language)
    user.set_password(password)
    user.save(force_insert=True)
    return user


@transaction.atomic
def begin_installation(*, email: str, name: str, password: str, language: str, at: datetime) -> User:
    """Make the first account: hers who may begin series, and owns those that she begins.

    Raises
    ------
    NotFirstError
        There is an account; of two who begin at once, the second one hears it too.
    """
    _wait_for_others()
    if is_begun():
        raise NotFirstError("there is an account")
    user = make_account(email=email, name=name, password=password, language=language)
    let_begin_series(user)
    note("began", f"the installation as user {user.pk}", by=user.get_username(), at=at)
    return user


@transaction.atomic
def choose_language(user: User, *, language: str, by: str, at: datetime) -> User:
    """Keep in which language the site writes to a user."""
    held = User.objects.select_for_update().get(pk=user.pk)
    held.language = language
    held.save(update_fields=["language"])
    note("chose", f"language {language} for user {held.pk}", by=by, at=at)
    return held


@transaction.atomic
def choose_daily_mail(user: User, *, is_wanted: bool, by: str, at: datetime) -> User:
    """Keep whether a user is mailed once a day what waits on her."""
    held = User.objects.select_for_update().get(pk=user.pk)
    held.daily_mail = is_wanted
    held.save(update_fields=["daily_mail"])
    note("chose", f"{'a' if is_wanted else 'no'} daily mail for user {held.pk}", by=by, at=at)
    return held


@transaction.atomic
def remove_second_factor(factor: Authenticator, *, by: str, at: datetime) -> None:
    """Remove a user's app, passkey or recovery codes; codes without any other factor go too, since nothing asks for them."""
    user = User.objects.select_for_update().get(pk=factor.user_id)
    factor.delete()
    delete_dangling_recovery_codes(user)
    note("removed", f"{factor.type} of user {user.pk}", by=by, at=at)


def let_begin_series(user: User) -> None:
    """Give a user Django's permission to add a series."""
    user.user_permissions.add(Permission.objects.get_by_natural_key(BEGINS_SERIES, "accounts", "series"))


def _wait_for_others() -> None:
    """Let two who make accounts at once do so one after the other: no constraint knows letters of both sizes."""
    kind = ContentType.objects.get_for_model(User)  # a row that is there before any other
    ContentType.objects.select_for_update().get(pk=kind.pk)
