"""What pages and API read of a release's files is kept beside them, and refuses change like the release itself.

Releases from before have none until the sweep derives it from their files.
"""

import django.db.models.deletion
from django.db import migrations, models
from accounts.immutable import Refuse




class Migration(migrations.Migration):
    dependencies = [("scoring", "0006_consensus_of_the_withdrawn_may_go")]
    operations = [
        migrations.CreateModel(
            name="ReleaseReading",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("form", models.CharField(max_length=32)),
                ("study", models.BinaryField()),
                ("model", models.BinaryField(null=True)),
                ("refusal", models.JSONField(null=True)),
                ("separability", models.JSONField(null=True)),
                ("groupings", models.JSONField(default=dict)),
                ("panel_groups", models.JSONField(default=dict)),
                (
                    "release",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="readings", to="scoring.release"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("release", "form"), name="release_reading_once")],
            },
        ),
        *(Refuse("scoring_releasereading", event) for event in ("UPDATE", "DELETE")),
    ]
