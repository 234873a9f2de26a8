"""When a panelist confirmed her name, and what is asked at the door of a personal link."""

import uuid

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("surveys", "0004_links_devices_choices")]

    operations = [
        migrations.AddField(
            model_name="panelist",
            name="named_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.CreateModel(
            name="LinkRequest",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("by_address", "by address"),
                            ("someone_else", "someone else"),
                            ("no_address", "no address"),
                        ],
                        max_length=16,
                    ),
                ),
                ("email", models.EmailField(blank=True, max_length=254)),
                (
                    "state",
                    models.CharField(choices=[("open", "open"), ("done", "done")], default="open", max_length=16),
                ),
                ("asked_at", models.DateTimeField()),
                ("done_at", models.DateTimeField(blank=True, null=True)),
                (
                    "panelist",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="link_requests",
                        to="surveys.panelist",
                    ),
                ),
            ],
            options={
                "ordering": ["asked_at", "pk"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "open")),
                        fields=("panelist", "kind", "email"),
                        name="link_request_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "by_address"), ("panelist__isnull", True)),
                            models.Q(("kind__in", ["someone_else", "no_address"]), ("panelist__isnull", False)),
                            _connector="OR",
                        ),
                        name="link_request_of_whom",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("done_at__isnull", True), ("state", "open")),
                            models.Q(("done_at__isnull", False), ("state", "done")),
                            _connector="OR",
                        ),
                        name="link_request_done_is_dated",
                    ),
                ],
            },
        ),
    ]
