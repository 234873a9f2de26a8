"""A release's reading keeps what its countries share, and what its intervals vary and do not."""

from django.db import migrations, models

from accounts.immutable import Lift, Refuse

GUARDED = [("scoring_releasereading", event) for event in ("UPDATE", "DELETE")]


class Migration(migrations.Migration):
    dependencies = [("scoring", "0013_countries_and_areas")]
    operations = [
        *(Lift(*guard) for guard in GUARDED),
        migrations.AddField("releasereading", "facts", models.JSONField(default=dict)),
        *(Refuse(*guard) for guard in GUARDED),
    ]
