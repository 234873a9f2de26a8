"""An edition may take over another's weights; which, is fixed with its method."""

import django.db.models.deletion
from django.db import migrations, models

from accounts.immutable import Keep, LiftGuard

PREPARED = "OLD.state <> 'preparing'"
POINTED_TO = "uid series_id slug reference_date framework_uid recipe_id consensus_id unit_list_id".split()


class Migration(migrations.Migration):
    dependencies = [("scoring", "0022_uploads")]
    operations = [
        LiftGuard(Keep("scoring_edition", POINTED_TO, PREPARED)),
        migrations.AddField(
            model_name="edition",
            name="carried",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="carried_by",
                to="scoring.freeze",
            ),
        ),
        Keep("scoring_edition", [*POINTED_TO, "carried_id"], PREPARED),
    ]
