"""What a panelist said to three answers that pull against each other, so that she is never asked twice."""

import django.db.models.deletion
from django.db import migrations, models

from accounts.immutable import Refuse

LOCKED = "EXISTS (SELECT 1 FROM surveys_round r WHERE r.id = OLD.round_id AND r.locked_at IS NOT NULL)"


class Migration(migrations.Migration):
    dependencies = [("surveys", "0005_link_requests_and_confirmed_names")]
    operations = [
        migrations.CreateModel(
            name="TripleDecision",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("one", models.CharField(max_length=64)),
                ("two", models.CharField(max_length=64)),
                ("three", models.CharField(max_length=64)),
                (
                    "choice",
                    models.CharField(choices=[("kept", "kept"), ("changed", "changed")], max_length=16),
                ),
                ("at", models.DateTimeField()),
                (
                    "node",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="surveys.criterion"
                    ),
                ),
                (
                    "panelist",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="decisions", to="surveys.panelist"
                    ),
                ),
                (
                    "round",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="decisions", to="surveys.round"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("panelist", "round", "one", "two", "three"), name="decision_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("choice__in", ["kept", "changed"])), name="decision_known"
                    ),
                ],
            },
        ),
        Refuse("surveys_tripledecision", "UPDATE"),
        Refuse("surveys_tripledecision", "DELETE", LOCKED),
    ]
