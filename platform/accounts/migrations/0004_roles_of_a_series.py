"""Reviewers, data stewards, translators and observers; a last day, a successor, a reviewer's deputy.

The role of a partner opened nothing, and is none any more: what a partner may read is public.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

if TYPE_CHECKING:
    from django.apps.registry import Apps
    from django.db.backends.base.schema import BaseDatabaseSchemaEditor

KINDS = ["owner", "moderator", "reviewer", "data_steward", "translator", "observer"]


def remove_partners(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Remove what opened nothing."""
    for name in ("Role", "Invitation"):
        apps.get_model("accounts", name).objects.using(schema_editor.connection.alias).filter(kind="partner").delete()


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_people_are_invited")]
    operations = [
        migrations.RemoveConstraint(model_name="role", name="role_kind_known"),
        migrations.RunPython(remove_partners, migrations.RunPython.noop),
        migrations.AddField("role", "last_day", models.DateField(blank=True, null=True)),
        migrations.AddField(
            "role",
            "successor",
            models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="succeeds",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            "role",
            "deputy",
            models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="deputises",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AlterField(
            model_name='invitation',
            name='kind',
            field=models.CharField(choices=[('owner', 'owner'), ('moderator', 'moderator'), ('reviewer', 'reviewer'), ('data_steward', 'data steward'), ('translator', 'translator'), ('observer', 'observer')], max_length=16),
        ),
        migrations.AlterField(
            model_name='role',
            name='kind',
            field=models.CharField(choices=[('owner', 'owner'), ('moderator', 'moderator'), ('reviewer', 'reviewer'), ('data_steward', 'data steward'), ('translator', 'translator'), ('observer', 'observer')], max_length=16),
        ),
        migrations.AddConstraint(
            model_name='role',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', KINDS)), name='role_kind_known'),
        ),
        migrations.AddConstraint(
            model_name='role',
            constraint=models.CheckConstraint(condition=models.Q(('deputy__isnull', True), ('kind', 'reviewer'), _connector='OR'), name='role_deputy_of_reviewer'),
        ),
        migrations.AddConstraint(
            model_name='role',
            constraint=models.CheckConstraint(condition=models.Q(('successor__isnull', True), ('last_day__isnull', False), _connector='OR'), name='role_successor_after_last_day'),
        ),
    ]
