"""Gather panels and give panelists their personal links."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction

from accounts.acts import note
from surveys.errors import BadPanelError
from surveys.models import Panel, Panelist
from surveys.queries.links import personal_token, token_hash

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from accounts.models import Series


@transaction.atomic
def create_panel(
    series: Series, *, slug: str, names: Mapping[str, str], is_simulated: bool = False, by: str, at: datetime
) -> Panel:
    """Create a panel of a series; ``is_simulated`` says on every page that its judgements are.

    Raises
    ------
    BadPanelError
        The series has a panel of this slug.
    """
    if Panel.objects.filter(series=series, slug=slug).exists():
        raise BadPanelError(f"the series has a panel {slug}", field="slug")
    note("created", f"panel {slug} of {series.slug}", by=by, at=at)
    return Panel.objects.create(series=series, slug=slug, names=dict(names), is_simulated=is_simulated, created_at=at)


@transaction.atomic
def add_panelist(
    panel: Panel,
    *,
    code: str,
    email: str = "",
    name: str = "",
    group: str = "",
    language: str = "en",
    field: str = "",
    weight: float = 1.0,
    by: str,
    at: datetime,
) -> Panelist:
    """Add a panelist to a panel; nobody is mailed before a round opens.

    Raises
    ------
    BadPanelError
        The code is empty or taken, the address is none, the language is not offered, the weight is negative.
    """
    languages = dict(settings.LANGUAGES)
    if not code.strip():
        raise BadPanelError("a panelist needs a code", field="code")
    if language not in languages:
        raise BadPanelError(f"{language} is not offered", field="language", allowed=sorted(languages))
    if not 0 <= weight < float("inf"):
        raise BadPanelError(f"the weight {weight} is not 0 or more", field="weight")
    if email:
        try:
            validate_email(email)
        except ValidationError as error:
            raise BadPanelError("this is no e-mail address", field="email") from error
    panelist = Panelist(
        panel=panel,
        code=code.strip(),
        email=email,
        name=name,
        group=group,
        language=language,
        field=field,
        weight=weight,
    )
    panelist.token_hash = token_hash(personal_token(panelist))
    try:
        with transaction.atomic():
            panelist.save(force_insert=True)
    except IntegrityError as error:
        raise BadPanelError(f"the panel has a panelist {code}", field="code") from error
    note("added", f"panelist {panelist.uid}", by=by, at=at)
    return panelist


@transaction.atomic
def renew_link(panelist: Panelist, *, by: str, at: datetime) -> Panelist:
    """Give the panelist a fresh link; the old one ends."""
    locked = Panelist.objects.select_for_update().get(pk=panelist.pk)
    locked.token_version += 1
    locked.token_hash = token_hash(personal_token(locked))
    locked.save(update_fields=["token_version", "token_hash"])
    note("renewed", f"link of panelist {locked.uid}", by=by, at=at)
    return locked
