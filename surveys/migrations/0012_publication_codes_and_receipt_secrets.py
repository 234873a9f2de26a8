"""What joins a person with what is published of her stands in tables of its own; a receipt remembers what it was made with."""

import django.db.models.deletion
from django.db import migrations, models


def remember(apps, schema_editor):
    """Receipts until now were made with the panelist's code."""
    submissions = apps.get_model("surveys", "Submission").objects.select_related("panelist")
    secret = apps.get_model("surveys", "ReceiptSecret")
    secret.objects.bulk_create(secret(submission=one, secret=one.panelist.code) for one in submissions)


class Migration(migrations.Migration):
    dependencies = [("surveys", "0011_promises_kept_and_submissions_in_versions")]
    operations = [
        migrations.CreateModel(
            name="PublicationCode",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("consensus_uid", models.UUIDField()),
                ("node", models.CharField(blank=True, max_length=64)),
                ("code", models.CharField(max_length=32)),
                ("language", models.CharField(blank=True, max_length=16)),
                (
                    "panelist",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="publication_codes",
                        to="surveys.panelist",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("consensus_uid", "code"), name="publication_code_once"),
                    models.UniqueConstraint(
                        fields=("consensus_uid", "panelist", "node"), name="publication_code_one_each"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ReceiptSecret",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("secret", models.CharField(max_length=64)),
                (
                    "submission",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="secret", to="surveys.submission"
                    ),
                ),
            ],
        ),
        migrations.RunPython(remember, migrations.RunPython.noop),
    ]
