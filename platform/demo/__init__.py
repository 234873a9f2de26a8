"""The demonstration: its data, how they are built, and the ways in."""

from __future__ import annotations

from django.conf import settings
from django.utils import timezone


def role_addresses() -> list[tuple[str, str]]:
    """Return one way in per role, as (role, address)."""
    from accounts.models import Series  # noqa: PLC0415
    from demo import mails, seed  # noqa: PLC0415  # this package is imported before the models are
    from surveys.models import Panelist, Round  # noqa: PLC0415
    from surveys.queries.panelist.links import opening_rounds, personal_token  # noqa: PLC0415
    from surveys.queries.standing import handed_in  # noqa: PLC0415

    base = settings.PUBLIC_URL
    if not Series.objects.filter(is_demonstration=True).exists():
        return [("Sign in", f"{base}/sign-in/")]
    found = [
        ("Partner", f"{base}/s/las/2024/"),
        (f"Moderator ({seed.MODERATOR} / {seed.PASSWORD})", f"{base}/sign-in/"),
    ]
    here = Panelist.objects.filter(withdrawn_at=None).order_by("code", "pk")
    opening = opening_rounds(at=timezone.now())
    open_ones = Round.objects.filter(state=Round.State.OPEN)
    done = [panelist for row in open_ones for panelist in handed_in(row).values_list("panelist", flat=True)]
    asked = {
        "Panelist": here.filter(panel__rounds__in=open_ones).exclude(pk__in=done),
        # from her own page she can withdraw, and see what stays of what is frozen
        "Panelist, after the freeze": here.filter(panel__rounds__in=opening.filter(locked_at__isnull=False)),
    }
    for role, panelists in asked.items():
        if panelist := panelists.first():
            found.append((role, f"{base}/p/{personal_token(panelist)}/"))
    if mails.is_open():
        found.append(("Mails", f"{base}/mails/"))
    return found
