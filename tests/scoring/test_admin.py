"""The admin shows what use-cases guard, and changes nothing of it."""

import pytest
from django.contrib import admin
from django.urls import reverse

from accounts.models import User
from scoring import models

pytestmark = pytest.mark.django_db
GUARDED = [
    models.Consensus,
    models.Dataset,
    models.Edition,
    models.Freeze,
    models.Recipe,
    models.Release,
    models.ReleaseUnit,
    models.Scoring,
    models.Bundle,
]


@pytest.fixture
def chief(client):
    client.force_login(User.objects.create_superuser("chief"))
    return client


@pytest.mark.parametrize("model", GUARDED, ids=lambda model: model.__name__)
def test_even_a_superuser_only_looks(chief, release, model):
    row, name = model.objects.first(), f"admin:scoring_{model._meta.model_name}"
    before = list(model.objects.order_by("pk").values())
    change = reverse(f"{name}_change", args=[row.pk])
    assert chief.get(reverse(f"{name}_changelist")).status_code == 200
    page = chief.get(change)
    assert (page.status_code, 'name="_save"' in page.content.decode()) == (200, False)
    assert chief.post(change, {"state": "queued", "slug": "other"}).status_code == 403
    assert chief.post(reverse(f"{name}_delete", args=[row.pk]), {"post": "yes"}).status_code == 403
    assert chief.get(reverse(f"{name}_add")).status_code == 403
    chief.post(reverse(f"{name}_changelist"), {"action": "delete_selected", "_selected_action": row.pk, "post": "yes"})
    assert list(model.objects.order_by("pk").values()) == before


def test_rows_with_answers_of_people_are_not_in_the_admin():
    assert not admin.site.is_registered(models.ExpertConsistency)
    assert not admin.site.is_registered(models.ReleaseFile)
