"""An observation may leave open what it was measured for, and whether it was measured or estimated.

What is stored stays as it is: it cannot be told any more what was said and what was a default.
"""

from django.db import migrations, models
from django.db.models import Q

from accounts.immutable import Lift, Refuse

GUARDED = [("scoring_observation", event) for event in ("UPDATE", "DELETE")]
KNOWN = "observation_resolution_known"


class Migration(migrations.Migration):
    dependencies = [("scoring", "0009_joint_sets_of_a_release")]
    operations = [
        *(Lift(*guard) for guard in GUARDED),
        migrations.RemoveConstraint("observation", KNOWN),
        migrations.AlterField(
            "observation",
            "resolution",
            models.CharField(blank=True, choices=[("city", "city"), ("country", "country")], max_length=16),
        ),
        migrations.AlterField("observation", "given", models.BooleanField(blank=True, null=True)),
        migrations.AddConstraint(
            "observation",
            models.CheckConstraint(condition=Q(("resolution__in", ["city", "country", ""])), name=KNOWN),
        ),
        *(Refuse(*guard) for guard in GUARDED),
    ]
