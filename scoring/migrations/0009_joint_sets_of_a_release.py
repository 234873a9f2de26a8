"""A release's units have the ends of their joint sets; releases from before have none."""

from django.db import migrations, models

from accounts.immutable import Lift, Refuse

GUARDED = [("scoring_releaseunit", event) for event in ("UPDATE", "DELETE")]


class Migration(migrations.Migration):
    dependencies = [("scoring", "0008_consensus_keeps_what_it_counted")]
    operations = [
        *(Lift(*guard) for guard in GUARDED),
        *(
            migrations.AddField(
                model_name="releaseunit", name=f"rank_joint_{end}", field=models.PositiveIntegerField(null=True)
            )
            for end in ("low", "high")
        ),
        *(Refuse(*guard) for guard in GUARDED),
    ]
