"""A site with something at every address: a release, a round that is open, a panelist with her link, one who may do all."""

import uuid

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Role, User
from accounts.usecases.roles import give_role
from scoring.usecases.editions import create_edition
from surveys.models import LinkRequest
from surveys.queries.panelist.links import personal_token
from surveys.usecases.panels import add_panelist, create_panel
from surveys.usecases.rounds import open_round, plan_round
from tests.addresses import Site
from tests.scoring.conftest import (  # noqa: F401 - pytest finds them here
    _links_last,
    closed,
    consensus,
    dataset,
    edition,
    freeze,
    frozen,
    method,
    now,
    opened,
    panel,
    release,
    scored,
    series,
    version,
)

BY = {"by": "mo"}


@pytest.fixture
def site(release, series, version, now, settings):  # noqa: F811 - fixtures
    """The site, and somebody who is owner, moderator, administrator and, by her link, panelist."""
    settings.DOOR_RATES = dict.fromkeys(settings.DOOR_RATES, "1000000/hour")
    by = BY | {"at": now()}
    panel = create_panel(series, slug="asked", names={"en": "Asked"}, **by)  # noqa: F811
    panelist = add_panelist(panel, code="P01", name="Nadia Naim", email="p01@example.org", **by)
    round_ = open_round(plan_round(panel, version=version, seed=7, **by), **by)
    silent = add_panelist(panel, code="P02", name="Without an address", **by)
    asked = LinkRequest.objects.create(panelist=silent, kind=LinkRequest.Kind.NO_ADDRESS, asked_at=now())
    create_edition(series, slug="2027", framework_uid=version.uid, panel_uids=[panel.uid], **by)
    token = personal_token(panelist)
    user = User.objects.create_superuser("all")
    for kind in (Role.Kind.OWNER, Role.Kind.MODERATOR):
        give_role(user, series=series, kind=kind, **by)
    client = Client(raise_request_exception=False)
    client.force_login(user)
    client.post(reverse("surveys:start", args=[token]))
    places = {
        "series": "las",
        "edition": "2026",
        "number": "1.0",
        "release": "v1.0",
        "code": "U1",
        "token": token,
        "node": "A",
        "uid": str(round_.uid),
        "request_uid": str(asked.uid),
        "person": str(silent.uid),
        "name": "ranks",
        "kind": "json",
        "form": "long",
        "account": str(user.pk),
        "role": "owner",
        "key": uuid.uuid4().hex,
    }
    return Site(client, (places, places | {"edition": "2027"}))
