"""A release's units have the middle half of their drawn ranks and the tier drawn most often; releases from before have none."""

from django.db import migrations, models

from accounts.immutable import Lift, Refuse

GUARDED = [("scoring_releaseunit", event) for event in ("UPDATE", "DELETE")]


class Migration(migrations.Migration):
    dependencies = [("scoring", "0014_reading_keeps_what_stands_beside_numbers")]
    operations = [
        *(Lift(*guard) for guard in GUARDED),
        *(migrations.AddField("releaseunit", name, models.FloatField(null=True)) for name in ("rank_q1", "rank_q3")),
        migrations.AddField("releaseunit", "modal_tier", models.PositiveIntegerField(null=True)),
        *(Refuse(*guard) for guard in GUARDED),
    ]
