"""How often somebody may knock at a page's door."""

from __future__ import annotations

import hashlib
import math
from typing import TYPE_CHECKING, Any

from django.conf import settings
from rest_framework.throttling import SimpleRateThrottle

if TYPE_CHECKING:
    from django.http import HttpRequest


class DoorThrottle(SimpleRateThrottle):
    """So many knocks of a kind for one subject, or from one network address where none is given."""

    def __init__(self, kind: str, subject: str) -> None:
        """Read the kind's rate from DOOR_RATES."""
        self.scope, self.subject, self.rate = kind, subject, settings.DOOR_RATES[kind]
        super().__init__()

    def get_cache_key(self, request: Any, view: Any) -> str:  # noqa: ARG002  # the signature is REST framework's
        """Return the counter's name, which tells neither address."""
        subject = self.subject or self.get_ident(request)
        return f"door_{self.scope}_{hashlib.sha256(subject.encode()).hexdigest()}"


def seconds_to_wait(request: HttpRequest, kind: str, subject: str = "") -> int:
    """Count a knock; return how long to wait, 0 when it is let in. Without the counter everybody is let in."""
    throttle = DoorThrottle(kind, subject)
    let_in = throttle.allow_request(request, None)  # type: ignore[arg-type]  # it reads the request's META alone
    return 0 if let_in else math.ceil(throttle.wait() or 1)
