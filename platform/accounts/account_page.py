"""What somebody reads of her own account: who she is here, and how she signs in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from allauth.mfa.models import Authenticator

if TYPE_CHECKING:
    from datetime import datetime

    from accounts.models import User


@dataclass(frozen=True)
class OwnPasskey:
    """A passkey; ``opens_alone`` where no password goes before it, None where its device does not tell."""

    pk: int
    name: str
    opens_alone: bool | None
    added_at: datetime
    used_at: datetime | None


@dataclass(frozen=True)
class AccountPage:
    """An account as its owner sees it; ``app_since`` and ``codes_left`` are None where there is no app, and are no codes."""

    name: str
    user_name: str
    mail: str
    has_password: bool
    app_since: datetime | None
    codes_left: int | None
    passkeys: tuple[OwnPasskey, ...]

    @property
    def has_second_factor(self) -> bool:
        """Say whether a password alone no longer opens the account."""
        return self.app_since is not None or bool(self.passkeys)


def account_page(user: User) -> AccountPage:
    """Read an account with its ways to sign in; one query."""
    factors = list(Authenticator.objects.filter(user_id=user.pk).order_by("created_at", "pk"))
    app = [one.created_at for one in factors if one.type == Authenticator.Type.TOTP]
    codes = [one.wrap() for one in factors if one.type == Authenticator.Type.RECOVERY_CODES]
    return AccountPage(
        name=user.get_full_name(),
        user_name=user.get_username(),
        mail=user.email,
        has_password=user.has_usable_password(),
        app_since=app[0] if app else None,
        codes_left=len(codes[0].get_unused_codes()) if codes else None,
        passkeys=tuple(map(_passkey, (one for one in factors if one.type == Authenticator.Type.WEBAUTHN))),
    )


def _passkey(factor: Authenticator) -> OwnPasskey:
    key = factor.wrap()
    return OwnPasskey(factor.pk, key.name, key.is_passwordless, factor.created_at, factor.last_used_at)
