"""Migrations that move what people wrote, on rows as they stood before."""

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.migrations.executor import MigrationExecutor

from surveys.models import Comment, Judgement
from surveys.usecases.judgements import record_judgement

pytestmark = pytest.mark.django_db(transaction=True)


def migrate(*targets):
    """Migrate to these, or to the last ones, and return the models as they are there."""
    executor = MigrationExecutor(connection)
    executor.migrate(list(targets) or executor.loader.graph.leaf_nodes())
    return executor.loader.project_state(list(targets) or executor.loader.graph.leaf_nodes()).apps


@pytest.fixture
def before():
    """Go back to what a migration found, and in the end to the last one, whatever happened."""

    def go(app, name):
        return migrate(*MigrationExecutor(connection).loader.get_migration(app, name).dependencies)

    yield go
    migrate()


def test_reasons_move_apart_and_those_of_the_withdrawn_go(before, opened, panelists, now):
    for code, reason in (("P1", "because"), ("P2", ""), ("P3", "gone with her")):
        record_judgement(panelists[code], opened, a="A", b="B", value=3, comment=reason, at=now)

    old = before("surveys", "0009_comments_apart")
    kept = old.get_model("surveys", "Judgement").objects.order_by("panelist__code").values_list("comment", flat=True)
    assert list(kept) == ["because", "", "gone with her"]
    old.get_model("surveys", "Panelist").objects.filter(code="P3").update(withdrawn_at=now)
    migrate()

    assert [(one.judgement.panelist.code, one.text) for one in Comment.objects.all()] == [("P1", "because")]
    assert Judgement.objects.count() == 3
    with pytest.raises(DatabaseError, match="immutable"), transaction.atomic():
        Judgement.objects.update(value=1)
