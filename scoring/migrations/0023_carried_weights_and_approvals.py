"""An edition may take over another's weights, and a second person approves what is frozen; both stay as they were.

Triggers that stand on editions and freezes, or read them, are lifted meanwhile: SQLite builds the tables anew on the way back.
"""

from importlib import import_module

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F, Q

from accounts.immutable import Keep, Lift, LiftGuard, Moves, Refuse

guards = import_module("scoring.migrations.0019_lists_of_units_and_second_freezes")
PUBLIC = Keep("scoring_edition", guards.PUBLIC, guards.RELEASED.format("OLD.id"), name="public")
POINTED_TO = [*guards.POINTED_TO, "unit_list_id"]
MOVES = Moves("scoring_edition", *guards.MOVES, "released preparing", "preparing released")
ASKED = ["edition_id", "fingerprint", "asked_by", "asked_at"]
APPROVED = ["approved_by", "approved_at"]


def pointer(to, related_name):
    """A key that may be empty, to what is never deleted."""
    return models.ForeignKey(
        blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name=related_name, to=to
    )


class Migration(migrations.Migration):
    dependencies = [("scoring", "0022_uploads")]
    operations = [
        *(Lift(*guard) for guard in guards.GUARDED_ANEW),
        LiftGuard(PUBLIC),
        LiftGuard(Keep("scoring_edition", POINTED_TO, guards.PREPARED)),
        LiftGuard(MOVES),
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
        migrations.AddField("edition", "carried", pointer("scoring.freeze", "carried_by")),
        migrations.AddField("freeze", "approval", pointer("scoring.approval", "freezes")),
        migrations.AddField("freeze", "is_of_one", models.BooleanField(blank=True, null=True)),
        *(Refuse(*guard) for guard in guards.GUARDED_ANEW),
        PUBLIC,
        Keep("scoring_edition", [*POINTED_TO, "carried_id"], guards.PREPARED),
        MOVES,
        Refuse("scoring_approval", "DELETE"),
        Keep("scoring_approval", ASKED, "OLD.id IS NOT NULL", name="request"),
        Keep("scoring_approval", APPROVED, "OLD.approved_at IS NOT NULL", name="answer"),
    ]
