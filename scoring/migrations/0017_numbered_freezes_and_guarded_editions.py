"""An edition may be frozen again by number, a release names its freeze, and what an edition points to is kept once frozen."""

import django.db.models.deletion
from django.db import migrations, models

from accounts.immutable import Keep, Lift, Moves, Refuse

FROZEN = "EXISTS (SELECT 1 FROM scoring_freeze f WHERE f.consensus_id = OLD.{})"
OF_CONSENSUS = [("scoring_consensus", "id")]
OF_CONSENSUS += [(f"scoring_{table}", "consensus_id") for table in ("consensusweight", "consensusnode", "expertconsistency")]
# built anew by SQLite, or reading what is
GUARDED = [(table, event) for table in ("scoring_freeze", "scoring_release") for event in ("UPDATE", "DELETE")]
GUARDED += [(table, "DELETE", FROZEN.format(column)) for table, column in OF_CONSENSUS]
NAME_FREEZES = """
    UPDATE scoring_release
    SET freeze_id = (SELECT f.id FROM scoring_freeze f WHERE f.edition_id = scoring_release.edition_id)
"""
JOB_MOVES = (
    "queued running",
    "running done",
    "running failed",
    "running queued",
    "queued cancelled",
    "running cancelled",
    "failed queued",
    "cancelled queued",
)
PREPARED = "OLD.state <> 'preparing'"
POINTED_TO = "uid series_id slug reference_date framework_uid recipe_id consensus_id".split()
# data are exchanged for a correction, by others of the series and framework, and never closed again
EXCHANGED = "COALESCE(NEW.dataset_id, 0) <> COALESCE(OLD.dataset_id, 0)"
BAD_DATA = (
    "OLD.state = 'withdrawn' OR NOT EXISTS (SELECT 1 FROM scoring_dataset d WHERE d.id = NEW.dataset_id "
    "AND d.series_id = OLD.series_id AND d.framework_uid = OLD.framework_uid)"
)
ASKED = "EXISTS (SELECT 1 FROM scoring_edition e WHERE e.id = {}.edition_id AND e.state <> 'preparing')"


class Migration(migrations.Migration):
    dependencies = [("scoring", "0015_unit_keeps_its_middle_half")]

    operations = [
        *(Lift(*guard) for guard in GUARDED),
        migrations.AddField(
            model_name="freeze", name="number", field=models.PositiveIntegerField(default=1), preserve_default=False
        ),
        migrations.AlterField(
            model_name="freeze",
            name="edition",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="freezes", to="scoring.edition"
            ),
        ),
        migrations.AddConstraint(
            model_name="freeze",
            constraint=models.UniqueConstraint(fields=("edition", "number"), name="freeze_number_once"),
        ),
        migrations.AddConstraint(
            model_name="freeze",
            constraint=models.CheckConstraint(condition=models.Q(("number__gte", 1)), name="freeze_number_from_one"),
        ),
        migrations.AddField(
            model_name="release",
            name="freeze",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="releases",
                to="scoring.freeze",
            ),
        ),
        migrations.RunSQL(NAME_FREEZES, migrations.RunSQL.noop),
        migrations.AlterField(
            model_name="release",
            name="freeze",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="releases", to="scoring.freeze"
            ),
        ),
        *(Refuse(*guard) for guard in GUARDED),
        Keep("scoring_edition", POINTED_TO, PREPARED),
        Refuse("scoring_edition", "UPDATE", f"{PREPARED} AND ({EXCHANGED}) AND ({BAD_DATA})"),
        Refuse("scoring_editionpanel", "INSERT", ASKED.format("NEW")),
        Refuse("scoring_editionpanel", "UPDATE", ASKED.format("OLD")),
        Refuse("scoring_editionpanel", "DELETE", ASKED.format("OLD")),
        Moves("scoring_edition", "preparing frozen", "frozen released"),
        *(Moves(table, *JOB_MOVES) for table in ("scoring_consensus", "scoring_scoring", "scoring_bundle")),
    ]
