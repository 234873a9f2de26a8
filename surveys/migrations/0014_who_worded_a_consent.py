"""A wording of the consent keeps who gave it; of earlier ones only the log knows."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("surveys", "0013_consents_and_the_end_of_pairs")]

    operations = [
        migrations.AddField(
            model_name="consentwording",
            name="made_by",
            field=models.CharField(blank=True, default="", max_length=150),
            preserve_default=False,
        )
    ]
