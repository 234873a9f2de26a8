"""A series decides which members of its region it counts as areas beside the countries."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("scoring", "0012_licences_of_sources")]
    operations = [migrations.AddField("seriescountry", "is_area", models.BooleanField(default=False))]
