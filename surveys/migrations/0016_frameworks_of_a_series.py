"""A framework may belong to one series; those that are there belong to none, and are shared as they were."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0005_time_zone_of_a_series"), ("surveys", "0015_round_keeps_its_dates")]

    operations = [
        migrations.AddField(
            model_name="framework",
            name="series",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="frameworks",
                to="accounts.series",
            ),
        ),
    ]
