"""A scoring keeps which releases its change is told against."""

import django.db.models.deletion
from django.db import migrations, models

from accounts.immutable import Lift, Refuse

GUARDED = [("scoring_scoring", event, "OLD.state = 'done'") for event in ("UPDATE", "DELETE")]


class Migration(migrations.Migration):

    dependencies = [
        ('scoring', '0004_parts_of_a_spread_scoring'),
    ]

    operations = [
        *(Lift(*guard) for guard in GUARDED),
        migrations.AddField(
            model_name='scoring',
            name='compared',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='compared_by', to='scoring.release'),
        ),
        migrations.AddField(
            model_name='scoring',
            name='corrects',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='corrected_by', to='scoring.release'),
        ),
        *(Refuse(*guard) for guard in GUARDED),
    ]
