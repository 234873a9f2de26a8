"""Gather panels and give panelists their personal links."""

from __future__ import annotations

from itertools import chain, count
from typing import TYPE_CHECKING, Final
from zoneinfo import available_timezones

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.text import slugify

from accounts.acts import note
from accounts.models import Series
from surveys.errors import BadPanelError
from surveys.models import Link, Panel, Panelist
from surveys.queries.panelist.links import link_token, token_hash
from surveys.queries.willing import willing_people

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

KEPT: Final = ("code", "name", "email", "group", "language", "time_zone", "field", "weight")
"""What a panelist is known by, in a panel that is repeated."""
BALANCED: Final = ("group", "field", "language")
"""By what a panel may be planned."""
MOST_PLANNED: Final = 10_000
LONGEST_PLANNED: Final = 100
LONGEST_STEM: Final = 40  # of a slug's 50 characters, so that a number has room


@transaction.atomic
def begin_panel(series: Series, *, names: Mapping[str, str], names_shown: bool = False, by: str, at: datetime) -> Panel:
    """Begin a panel under a slug that is made from its name; texts that are empty in a language are none in it.

    Raises
    ------
    BadPanelError
        It has no name, or one in a language that is not offered.
    """
    said = {language: text.strip() for language, text in names.items() if text.strip()}
    if not said:
        raise BadPanelError("a panel needs a name", field="names")
    if strange := {*said} - {*dict(settings.LANGUAGES)}:
        raise BadPanelError(f"{min(strange)} is not offered", field="names", allowed=sorted(dict(settings.LANGUAGES)))
    Series.objects.select_for_update(no_key=True).get(pk=series.pk)  # so that no other panel takes the slug meanwhile
    stem = slugify(said.get("en") or next(iter(said.values())))[:LONGEST_STEM].strip("-") or "panel"
    slug = _free_slug(series, stem)
    return create_panel(series, slug=slug, names=said, names_shown=names_shown, by=by, at=at)


def _free_slug(series: Series, stem: str) -> str:
    """Return the stem, with a number where another panel of the series has it."""
    taken = set(Panel.objects.filter(series=series).values_list("slug", flat=True))
    return next(slug for slug in chain([stem], (f"{stem}-{number}" for number in count(2))) if slug not in taken)


@transaction.atomic
def plan_balance(panel: Panel, *, plan: Mapping[str, Mapping[str, int]], by: str, at: datetime) -> Panel:
    """Say how many people are wanted of each group, field and language; what is not named is not planned.

    Raises
    ------
    BadPanelError
        It is planned by something else, for a name that is empty or too long, for a language that is not offered, or for a
        number that no panel has.
    """
    kept: dict[str, dict[str, int]] = {}
    for kind, wanted in plan.items():
        if kind not in BALANCED:
            raise BadPanelError(f"a panel is not planned by {kind}", field="plan", allowed=list(BALANCED))
        for name, number in wanted.items():
            if not name.strip() or len(name) > LONGEST_PLANNED:
                raise BadPanelError("a name is empty or too long", field=kind, allowed=LONGEST_PLANNED)
            if kind == "language" and name not in dict(settings.LANGUAGES):
                raise BadPanelError(f"{name} is not offered", field=kind, allowed=sorted(dict(settings.LANGUAGES)))
            if not 0 <= number <= MOST_PLANNED:
                raise BadPanelError(f"{number} people are not planned", field=kind, allowed=MOST_PLANNED)
        kept[kind] = {name.strip(): number for name, number in wanted.items() if number}
    held = Panel.objects.select_for_update(no_key=True).get(pk=panel.pk)
    held.plan = kept
    held.save(update_fields=["plan"])
    note("planned", f"who is wanted in panel {held.uid}", by=by, at=at)
    return held


@transaction.atomic
def create_panel(
    series: Series,
    *,
    slug: str,
    names: Mapping[str, str],
    is_simulated: bool = False,
    names_shown: bool = False,
    by: str,
    at: datetime,
) -> Panel:
    """Create a panel of a series; ``is_simulated`` says on every page that its judgements are.

    ``names_shown`` lets moderators see names beside progress. It is told to panelists when they are asked, so it is chosen
    here and never changed.

    Raises
    ------
    BadPanelError
        The series has a panel of this slug.
    """
    if Panel.objects.filter(series=series, slug=slug).exists():
        raise BadPanelError(f"the series has a panel {slug}", field="slug")
    note("created", f"panel {slug} of {series.slug}", by=by, at=at)
    return Panel.objects.create(
        series=series,
        slug=slug,
        names=dict(names),
        is_simulated=is_simulated,
        names_shown=names_shown,
        created_at=at,
    )


@transaction.atomic
def repeat_panel(panel: Panel, *, label: str, by: str, at: datetime) -> Panel:
    """Gather the willing people of a panel in a new one, with fresh links and nothing of what they answered.

    ``label`` becomes its slug, with a number where another panel of the series has it, and ends its names, in the place of
    that of the panel. Nobody is mailed.
    """
    made = create_panel(
        panel.series,
        slug=_free_slug(panel.series, label),
        names={language: f"{name.removesuffix(f' {panel.slug}')} {label}" for language, name in panel.names.items()},
        is_simulated=panel.is_simulated,
        names_shown=panel.names_shown,
        by=by,
        at=at,
    )
    for one in willing_people(Panel.objects.filter(pk=panel.pk)):
        kept = {name: getattr(one, name) for name in KEPT}
        add_panelist(made, **kept, by=by, at=at)
    return made


@transaction.atomic
def add_panelist(
    panel: Panel,
    *,
    code: str,
    email: str = "",
    name: str = "",
    group: str = "",
    language: str = "en",
    time_zone: str = "",
    field: str = "",
    weight: float = 1.0,
    by: str,
    at: datetime,
) -> Panelist:
    """Add a panelist to a panel; nobody is mailed before a round opens.

    Raises
    ------
    BadPanelError
        The code is empty or taken, the address is none, the language or time zone is not known, the weight is negative.
    """
    languages = dict(settings.LANGUAGES)
    if not code.strip():
        raise BadPanelError("a panelist needs a code", field="code")
    if language not in languages:
        raise BadPanelError(f"{language} is not offered", field="language", allowed=sorted(languages))
    if time_zone and time_zone not in available_timezones():
        raise BadPanelError(f"{time_zone} is no time zone", field="time_zone", allowed="such as Africa/Casablanca")
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
        time_zone=time_zone,
        field=field,
        weight=weight,
        added_at=at,
    )
    try:
        with transaction.atomic():
            panelist.save(force_insert=True)
    except IntegrityError as error:
        raise BadPanelError(f"the panel has a panelist {code}", field="code") from error
    add_link(panelist, at=at)
    note("added", f"panelist {panelist.uid}", by=by, at=at)
    return panelist


@transaction.atomic
def add_link(panelist: Panelist, *, at: datetime) -> Link:
    """Give the panelist one more link; the earlier ones go on."""
    Panelist.objects.select_for_update(no_key=True).get(pk=panelist.pk)
    number = 1 + (panelist.links.aggregate(last=Max("number"))["last"] or 0)
    token = link_token(panelist.uid, number, panelist.language)
    return Link.objects.create(
        panelist=panelist, number=number, language=panelist.language, token_hash=token_hash(token), made_at=at
    )


@transaction.atomic
def renew_link(panelist: Panelist, *, by: str, at: datetime) -> Link:
    """Give the panelist a fresh link; the earlier ones end, and no device is known any more."""
    panelist.links.filter(ended_at__isnull=True).update(ended_at=at)
    panelist.devices.all().delete()
    note("renewed", f"link of panelist {panelist.uid}", by=by, at=at)
    return add_link(panelist, at=at)
