"""A version of the data keeps the licences of its sources; versions from before say nothing of them."""

from django.db import migrations, models

from accounts.immutable import Lift, Refuse

GUARDED = [("scoring_dataset", event) for event in ("UPDATE", "DELETE")]


class Migration(migrations.Migration):
    dependencies = [("scoring", "0011_data_keep_who_was_ranked")]
    operations = [
        *(Lift(*guard) for guard in GUARDED),
        migrations.AddField("dataset", "licences", models.JSONField(blank=True, null=True)),
        *(Refuse(*guard) for guard in GUARDED),
    ]
