"""A row of a dataset keeps its unit as that version knows it, so that a correction of names changes no earlier version."""

from django.db import migrations, models

from accounts.immutable import Lift, Refuse

GUARDED = [("scoring_datasetunit", event) for event in ("UPDATE", "DELETE")]


class Migration(migrations.Migration):
    dependencies = [("scoring", "0010_what_nobody_said_of_a_value_is_unknown")]
    operations = [
        *(Lift(*guard) for guard in GUARDED),
        migrations.AddField("datasetunit", "described", models.JSONField(blank=True, default=dict)),
        *(Refuse(*guard) for guard in GUARDED),
    ]
