"""Reasons stand in a table of their own, so that they go with whoever withdraws, also beside answers that are frozen."""

import django.db.models.deletion
from django.db import migrations, models

from accounts.immutable import Lift, Refuse

LOCKED_ROUND = (
    "EXISTS (SELECT 1 FROM surveys_comparison c JOIN surveys_round r ON r.id = c.round_id "
    "WHERE c.id = OLD.comparison_id AND r.locked_at IS NOT NULL)"
)
REFUSED = (("surveys_judgement", "UPDATE", "1 = 1"), ("surveys_judgement", "DELETE", LOCKED_ROUND))
# the reasons of those who have withdrawn already are left behind, and go with the column
MOVE = """
    INSERT INTO surveys_comment (judgement_id, text)
    SELECT j.id, j.comment FROM surveys_judgement j JOIN surveys_panelist p ON p.id = j.panelist_id
    WHERE j.comment <> '' AND p.withdrawn_at IS NULL
"""
MOVE_BACK = """
    UPDATE surveys_judgement SET comment = (SELECT c.text FROM surveys_comment c WHERE c.judgement_id = surveys_judgement.id)
    WHERE id IN (SELECT judgement_id FROM surveys_comment)
"""


class Migration(migrations.Migration):
    dependencies = [("surveys", "0008_facts_of_closed_rounds")]

    operations = [
        *(Lift(*refused) for refused in REFUSED),
        migrations.CreateModel(
            name="Comment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("text", models.TextField()),
                (
                    "judgement",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="reason", to="surveys.judgement"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("text", ""), _negated=True), name="comment_says_something"
                    )
                ],
            },
        ),
        migrations.RunSQL(MOVE, MOVE_BACK),
        migrations.RemoveField(model_name="judgement", name="comment"),
        *(Refuse(*refused) for refused in REFUSED),
        Refuse("surveys_comment", "UPDATE"),
    ]
