from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0005_time_zone_of_a_series")]
    operations = [
        migrations.AddField(
            "series",
            "unit_kind",
            models.CharField(
                choices=[
                    ("city", "city"),
                    ("country", "country"),
                    ("region", "region"),
                    ("institution", "institution"),
                ],
                default="city",
                max_length=16,
            ),
        ),
        migrations.AddField("series", "is_unit_kind_fixed", models.BooleanField(default=False, editable=False)),
        migrations.AddConstraint(
            "series",
            models.CheckConstraint(
                condition=models.Q(unit_kind__in=["city", "country", "region", "institution"]),
                name="series_unit_kind_known",
            ),
        ),
    ]
