"""Named refusals of accounts: each carries a code and facts; the wording lives with pages and translations."""

from __future__ import annotations


class AccountError(Exception):
    """A use-case refuses: ``code`` names the refusal, ``facts`` hold what and where."""

    code = "account"

    def __init__(self, message: str, **facts: object) -> None:
        """Keep the English sentence for logs and commands, and the facts for translated pages."""
        super().__init__(message)
        self.facts = facts


class InvitationStateError(AccountError):
    """The invitation is taken up, withdrawn or over: facts["state"], facts["allowed"]."""

    code = "wrong_state"


class AlreadyInvitedError(AccountError):
    """An invitation to this role waits at the address already, or whoever has the address has the role."""

    code = "already_invited"


class AddressTakenError(AccountError):
    """Somebody signs in with this mail address: she takes the role up with her account."""

    code = "address_taken"


class LastOwnerError(AccountError):
    """A series keeps an owner: the last one cannot lose the role."""

    code = "last_owner"


class RoleError(AccountError):
    """A role cannot end so, be passed on to her or have this deputy: facts["field"]."""

    code = "role"


class NotFirstError(AccountError):
    """There is an account: the first one is made once."""

    code = "not_first"


class BadSeriesError(AccountError):
    """A series cannot be changed so: facts["field"]."""

    code = "bad_series"


class UnitKindFixedError(AccountError):
    """A release speaks of this kind of unit, so the series keeps it: facts["kind"]."""

    code = "unit_kind_fixed"


class SlugTakenError(AccountError):
    """Another series has this address: facts["slug"]."""

    code = "slug_taken"
