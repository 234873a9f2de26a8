"""Countries' names belong to a series' membership, with its dates."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("scoring", "0019_lists_of_units_and_second_freezes")]
    operations = [migrations.AddField("seriescountry", "names", models.JSONField(blank=True, default=dict))]
