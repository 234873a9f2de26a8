"""What a role is called, and what whoever has it does, in the reader's language."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _

from accounts.models import Role

NAMES: Final = {
    Role.Kind.OWNER: _("owner"),
    Role.Kind.MODERATOR: _("moderator"),
}
DUTIES: Final = {
    Role.Kind.OWNER: _("gives roles to others, and takes them away"),
    Role.Kind.MODERATOR: _("works on panels, method, data and releases"),
}
