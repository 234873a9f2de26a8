"""Every series names its countries as they were named for all."""

from django.db import migrations


def name_members(apps, schema_editor):
    """Give each membership the names that its country has."""
    for member in apps.get_model("scoring", "SeriesCountry").objects.select_related("country"):
        member.names = member.country.names
        member.save(update_fields=["names"])


class Migration(migrations.Migration):
    dependencies = [("scoring", "0020_names_of_a_series_countries")]
    operations = [migrations.RunPython(name_members, migrations.RunPython.noop)]
