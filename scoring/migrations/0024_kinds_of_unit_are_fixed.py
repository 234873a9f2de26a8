from django.db import migrations


def fix(apps, schema_editor):
    """Fix the kind of what is published: the pages of its releases speak of it."""
    published = apps.get_model("scoring", "Release").objects.values("edition__series")
    apps.get_model("accounts", "Series").objects.filter(pk__in=published).update(is_unit_kind_fixed=True)


class Migration(migrations.Migration):
    dependencies = [("scoring", "0023_carried_weights_and_approvals"), ("accounts", "0006_kind_of_unit")]
    operations = [migrations.RunPython(fix, migrations.RunPython.noop, elidable=True)]
