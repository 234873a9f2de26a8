"""A series names the licence of its own work; nobody said it of those that are there."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_first_rows")]
    operations = [
        migrations.AddField("series", "licence", models.CharField(blank=True, default="", max_length=200), preserve_default=False),
    ]
