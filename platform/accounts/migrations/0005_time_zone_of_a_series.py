from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0004_roles_of_a_series")]
    operations = [
        migrations.AddField("series", "time_zone", models.CharField(default="UTC", max_length=64)),
    ]
