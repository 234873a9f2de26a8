"""A second person approves what is frozen; what was asked and agreed to stays as it was."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F, Q

from accounts.immutable import Keep, Refuse

ASKED = ["edition_id", "fingerprint", "asked_by", "asked_at"]
APPROVED = ["approved_by", "approved_at"]


class Migration(migrations.Migration):
    dependencies = [("scoring", "0023_carried_weights")]
    operations = [
        migrations.CreateModel(
            name="Approval",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("fingerprint", models.CharField(max_length=64)),
                ("asked_by", models.CharField(max_length=150)),
                ("asked_at", models.DateTimeField()),
                ("approved_by", models.CharField(blank=True, max_length=150)),
                ("approved_at", models.DateTimeField(blank=True, null=True)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "edition",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="approvals", to="scoring.edition"
                    ),
                ),
            ],
            options={
                "ordering": ["edition", "pk"],
                "constraints": [
                    models.UniqueConstraint(condition=Q(ended_at=None), fields=("edition",), name="approval_open_once"),
                    models.CheckConstraint(
                        condition=Q(approved_at=None, approved_by="")
                        | (Q(approved_at__isnull=False) & ~Q(approved_by="")),
                        name="approval_is_signed_and_dated",
                    ),
                    models.CheckConstraint(condition=~Q(approved_by=F("asked_by")), name="approval_by_another"),
                ],
            },
        ),
        migrations.AddField(
            model_name="freeze",
            name="approval",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="freezes",
                to="scoring.approval",
            ),
        ),
        migrations.AddField(model_name="freeze", name="is_of_one", field=models.BooleanField(blank=True, null=True)),
        Refuse("scoring_approval", "DELETE"),
        Keep("scoring_approval", ASKED, "OLD.id IS NOT NULL", name="request"),
        Keep("scoring_approval", APPROVED, "OLD.approved_at IS NOT NULL", name="answer"),
    ]
