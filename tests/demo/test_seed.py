"""The demonstration is built through the use-cases, up to any moment, and says what it is."""

import pytest
from django.core.management import CommandError, call_command

from demo import role_addresses
from scoring.models import Edition, Release, ReleaseUnit
from surveys.models import Comment, Judgement, Panel, Panelist, Round, Submission

pytestmark = pytest.mark.django_db(transaction=True)  # computations keep their own transactions


@pytest.mark.parametrize(
    ("stage", "round_state", "parts"),
    [
        ("judging", "open", set()),
        ("closed", "closed", set()),
        ("consensus", "closed", {"consensus"}),
        ("frozen", "closed", {"consensus", "freeze"}),
        ("released", "closed", {"consensus", "freeze", "dataset", "release"}),
    ],
)
def test_stage_is_built_and_nothing_beyond_it(stage, round_state, parts):
    call_command("seed_demo", stage=stage, series=["brics"])

    edition = Edition.objects.get()
    found = {name for name in ("consensus", "dataset") if getattr(edition, f"{name}_id")}
    found |= {"freeze"} if edition.freezes.exists() else set()
    found |= {"release"} if edition.releases.exists() else set()
    assert found == parts
    assert Round.objects.get().state == round_state


def test_release_is_a_demonstration_by_simulated_people():
    call_command("seed_demo", stage="released", series=["brics"], seed=3)

    release = Release.objects.get()

    assert release.edition.series.is_demonstration
    assert Panel.objects.get().is_simulated
    assert not Panelist.objects.exclude(name__regex=r"^Panelist \d+$").exists()
    assert ReleaseUnit.objects.filter(release=release, rank__isnull=False).count() == 98
    assert Submission.objects.count() == 36


def test_second_seed_is_refused_and_changes_nothing():
    call_command("seed_demo", stage="judging", series=["asean"])
    before = Judgement.objects.count()

    with pytest.raises(CommandError, match="empty database"):
        call_command("seed_demo")

    assert Judgement.objects.count() == before


def test_link_of_a_frozen_panel_opens_and_withdraws(client, settings):
    settings.PUBLIC_URL = "http://testserver"
    settings.LINK_DAYS = 36_500
    call_command("seed_demo", stage="frozen", series=["brics"])
    link = dict(role_addresses())["Panelist, after the freeze"]
    reasons, answers = Comment.objects.count(), Judgement.objects.count()

    client.post(f"{link}start/")
    assert client.get(f"{link}withdraw/").status_code == 200
    client.post(f"{link}withdraw/", {"sure": "yes"})

    assert client.get(link).status_code == 404
    assert (Comment.objects.count(), Judgement.objects.count()) == (reasons - 1, answers)
    assert dict(role_addresses())["Panelist, after the freeze"] != link


def test_link_that_no_longer_opens_is_not_told(settings):
    settings.LINK_DAYS = 1
    call_command("seed_demo", stage="frozen", series=["brics"])

    assert "Panelist, after the freeze" not in dict(role_addresses())


def test_doors_lead_in(client, settings):
    settings.PUBLIC_URL = "http://testserver"
    call_command("seed_demo", stage="judging", series=["asean"])

    ways = dict(role_addresses())

    assert client.get(ways["Panelist"]).status_code == 200
    assert len(ways) == 3
