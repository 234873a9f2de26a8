"""Migrations that move what people wrote, on rows as they stood before."""

import pytest
from django.db import DatabaseError, transaction

from surveys.models import Comment, Judgement
from surveys.usecases.judgements import record_judgement

pytestmark = pytest.mark.django_db(transaction=True)


def test_reasons_move_apart_and_those_of_the_withdrawn_go(migrate, opened, panelists, now):
    for code, reason in (("P1", "because"), ("P2", ""), ("P3", "gone with her")):
        record_judgement(panelists[code], opened, a="A", b="B", value=3, comment=reason, at=now)

    old = migrate.before("surveys", "0009_comments_apart")
    kept = old.get_model("surveys", "Judgement").objects.order_by("panelist__code").values_list("comment", flat=True)
    assert list(kept) == ["because", "", "gone with her"]
    old.get_model("surveys", "Panelist").objects.filter(code="P3").update(withdrawn_at=now)
    migrate.on()

    assert [(one.judgement.panelist.code, one.text) for one in Comment.objects.all()] == [("P1", "because")]
    assert Judgement.objects.count() == 3
    with pytest.raises(DatabaseError, match="immutable"), transaction.atomic():
        Judgement.objects.update(value=1)
