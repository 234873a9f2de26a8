"""A list of units is settled and frozen with the method, and a released edition may be revised: what is public stays fixed."""

import uuid

import django.db.models.deletion
from django.db import migrations, models

from accounts.immutable import Keep, Lift, LiftGuard, Moves, Refuse

PREPARED = "OLD.state <> 'preparing'"
POINTED_TO = "uid series_id slug reference_date framework_uid recipe_id consensus_id".split()
MOVES = "preparing frozen", "frozen released"
# built anew by SQLite, or reading what is
EXCHANGED = "COALESCE(NEW.dataset_id, 0) <> COALESCE(OLD.dataset_id, 0)"
BAD_DATA = (
    "OLD.state = 'withdrawn' OR NOT EXISTS (SELECT 1 FROM scoring_dataset d WHERE d.id = NEW.dataset_id "
    "AND d.series_id = OLD.series_id AND d.framework_uid = OLD.framework_uid)"
)
ASKED = "EXISTS (SELECT 1 FROM scoring_edition e WHERE e.id = {}.edition_id AND e.state <> 'preparing')"
FROZEN = "EXISTS (SELECT 1 FROM scoring_freeze f WHERE f.consensus_id = OLD.{})"
OF_CONSENSUS = [("scoring_consensus", "id")]
OF_CONSENSUS += [(f"scoring_{table}", "consensus_id") for table in ("consensusweight", "consensusnode", "expertconsistency")]
GUARDED = [("scoring_freeze", event) for event in ("UPDATE", "DELETE")]
GUARDED += [(table, "DELETE", FROZEN.format(column)) for table, column in OF_CONSENSUS]
GUARDED += [("scoring_edition", "UPDATE", f"{PREPARED} AND ({EXCHANGED}) AND ({BAD_DATA})")]
GUARDED += [
    ("scoring_editionpanel", event, ASKED.format(row))
    for event, row in (("INSERT", "NEW"), ("UPDATE", "OLD"), ("DELETE", "OLD"))
]
# of a released edition readers know what it is, whatever becomes of its method
RELEASED = "EXISTS (SELECT 1 FROM scoring_release r WHERE r.edition_id = {})"
PUBLIC = "uid series_id slug reference_date framework_uid".split()
# a revision ends where its last freeze stands
NOT_AS_FROZEN = (
    "OLD.state = 'preparing' AND NEW.state = 'released' AND NOT EXISTS (SELECT 1 FROM scoring_freeze f "
    "JOIN scoring_release r ON r.freeze_id = f.id WHERE f.edition_id = NEW.id "
    "AND f.number = (SELECT MAX(l.number) FROM scoring_freeze l WHERE l.edition_id = NEW.id) "
    "AND f.recipe_id = NEW.recipe_id AND f.consensus_id = NEW.consensus_id "
    "AND COALESCE(f.unit_list_id, 0) = COALESCE(NEW.unit_list_id, 0))"
)
GUARDED_ANEW = [guard for guard in GUARDED if guard[0] not in {"scoring_edition", "scoring_editionpanel"}]
GUARDED_ANEW += [("scoring_edition", "UPDATE", f"({PREPARED} AND ({EXCHANGED}) AND ({BAD_DATA})) OR ({NOT_AS_FROZEN})")]
GUARDED_ANEW += [
    ("scoring_editionpanel", event, f"{ASKED.format(row)} OR {RELEASED.format(f'{row}.edition_id')}")
    for event, row in (("INSERT", "NEW"), ("UPDATE", "OLD"), ("DELETE", "OLD"))
]


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_licence_of_a_series"), ("scoring", "0018_publication_codes")]

    operations = [
        migrations.CreateModel(
            name="UnitList",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("number", models.PositiveIntegerField()),
                ("content", models.JSONField()),
                ("fingerprint", models.CharField(max_length=64)),
                ("created_at", models.DateTimeField()),
                ("created_by", models.CharField(max_length=150)),
                (
                    "series",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="unit_lists", to="accounts.series"
                    ),
                ),
            ],
            options={
                "ordering": ["series", "number"],
                "constraints": [
                    models.UniqueConstraint(fields=("series", "number"), name="unit_list_number_once"),
                    models.UniqueConstraint(fields=("series", "fingerprint"), name="unit_list_content_once"),
                ],
            },
        ),
        *(Lift(*guard) for guard in GUARDED),
        LiftGuard(Keep("scoring_edition", POINTED_TO, PREPARED)),
        LiftGuard(Moves("scoring_edition", *MOVES)),
        *(
            migrations.AddField(
                model_name=model,
                name="unit_list",
                field=models.ForeignKey(
                    blank=model == "edition",
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name=f"{model}s",
                    to="scoring.unitlist",
                ),
            )
            for model in ("edition", "freeze")
        ),
        *(Refuse("scoring_unitlist", event) for event in ("UPDATE", "DELETE")),
        *(Refuse(*guard) for guard in GUARDED_ANEW),
        Keep("scoring_edition", PUBLIC, RELEASED.format("OLD.id"), name="public"),
        Keep("scoring_edition", [*POINTED_TO, "unit_list_id"], PREPARED),
        Moves("scoring_edition", *MOVES, "released preparing", "preparing released"),
    ]
