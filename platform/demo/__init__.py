"""The demonstration: its data, how they are built, and the ways in."""

from __future__ import annotations

from django.conf import settings


def role_addresses() -> list[tuple[str, str]]:
    """Return one way in per role, as (role, address)."""
    from demo import mails, seed  # noqa: PLC0415  # this package is imported before the models are
    from surveys.models import Panelist  # noqa: PLC0415
    from surveys.queries.panelist.links import personal_token  # noqa: PLC0415

    base = settings.PUBLIC_URL
    found = [
        ("Partner", f"{base}/s/las/2024/"),
        (f"Moderator ({seed.MODERATOR} / {seed.PASSWORD})", f"{base}/sign-in/"),
    ]
    waiting = Panelist.objects.filter(panel__rounds__state="open", submissions__isnull=True).order_by("code").first()
    if waiting is not None:
        found.append(("Panelist", f"{base}/p/{personal_token(waiting)}/"))
    if mails.is_open():
        found.append(("Mails", f"{base}/mails/"))
    return found
