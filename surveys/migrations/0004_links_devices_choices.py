"""Links and devices of their own, choices for a node instead of skips alone, and rounds that follow or end."""

import django.db.models.deletion
from django.db import migrations, models

from accounts.immutable import Lift, Refuse

LOCKED = "EXISTS (SELECT 1 FROM surveys_round r WHERE r.id = OLD.round_id AND r.locked_at IS NOT NULL)"
LOCKED_ROUND = (
    "EXISTS (SELECT 1 FROM surveys_comparison c JOIN surveys_round r ON r.id = c.round_id "
    "WHERE c.id = OLD.comparison_id AND r.locked_at IS NOT NULL)"
)
# these read surveys_round, which SQLite builds anew
READ_ROUNDS = (("surveys_judgement", LOCKED_ROUND), ("surveys_submission", LOCKED))


def move(apps, _editor):
    """Keep every link that opened, and what panelists left out."""
    Link = apps.get_model("surveys", "Link")
    for panelist in apps.get_model("surveys", "Panelist").objects.all():
        Link.objects.create(panelist=panelist, number=panelist.token_version, token_hash=panelist.token_hash)
    NodeChoice = apps.get_model("surveys", "NodeChoice")
    for skip in apps.get_model("surveys", "Skip").objects.all():
        NodeChoice.objects.create(
            round=skip.round,
            panelist=skip.panelist,
            node=skip.node,
            version=skip.version,
            choice="skip" if skip.skipped else "all",
            at=skip.at,
        )


class Migration(migrations.Migration):
    dependencies = [("surveys", "0003_criterion_level")]
    operations = [
        migrations.CreateModel(
            name="Link",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField()),
                ("language", models.CharField(blank=True, max_length=16)),
                ("token_hash", models.CharField(max_length=64, unique=True)),
                ("made_at", models.DateTimeField(blank=True, null=True)),
                ("taken_at", models.DateTimeField(blank=True, null=True)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "panelist",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="links", to="surveys.panelist"
                    ),
                ),
            ],
            options={
                "ordering": ["panelist", "number"],
                "constraints": [models.UniqueConstraint(fields=("panelist", "number"), name="link_number_once")],
            },
        ),
        migrations.CreateModel(
            name="Device",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("token_hash", models.CharField(max_length=64)),
                ("since", models.DateTimeField()),
                (
                    "panelist",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="devices", to="surveys.panelist"
                    ),
                ),
            ],
            options={"constraints": [models.UniqueConstraint(fields=("panelist", "token_hash"), name="device_once")]},
        ),
        migrations.CreateModel(
            name="NodeChoice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField()),
                (
                    "choice",
                    models.CharField(
                        choices=[("all", "all"), ("short", "short"), ("enough", "enough"), ("skip", "skip")],
                        max_length=16,
                    ),
                ),
                ("at", models.DateTimeField()),
                (
                    "node",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="surveys.criterion"
                    ),
                ),
                (
                    "panelist",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="choices", to="surveys.panelist"
                    ),
                ),
                (
                    "round",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="choices", to="surveys.round"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("panelist", "round", "node", "version"), name="choice_version_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("choice__in", ["all", "short", "enough", "skip"])), name="choice_known"
                    ),
                ],
            },
        ),
        migrations.RunPython(move, migrations.RunPython.noop),
        Lift("surveys_skip", "UPDATE"),
        Lift("surveys_skip", "DELETE", LOCKED),
        *(Lift(table, "DELETE", when) for table, when in READ_ROUNDS),
        migrations.DeleteModel(name="Skip"),
        migrations.RemoveField(model_name="panelist", name="token_hash"),
        migrations.RemoveField(model_name="panelist", name="token_version"),
        *(
            migrations.AddField(
                model_name="panelist", name=name, field=models.DateTimeField(blank=True, null=True)
            )
            for name in ("started_at", "declined_at", "mails_stopped_at")
        ),
        migrations.AddField(
            model_name="panelist", name="time_zone", field=models.CharField(blank=True, max_length=64)
        ),
        migrations.AddField(model_name="panel", name="names_shown", field=models.BooleanField(default=False)),
        migrations.AddField(
            model_name="round",
            name="follows",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="followed_by",
                to="surveys.round",
            ),
        ),
        migrations.AddField(
            model_name="round", name="finish_until", field=models.DateTimeField(blank=True, null=True)
        ),
        migrations.AddField(model_name="round", name="stop_within", field=models.FloatField(default=0.02)),
        migrations.AddConstraint(
            model_name="round",
            constraint=models.CheckConstraint(
                condition=models.Q(("stop_within__gt", 0), ("stop_within__lt", 1)), name="round_stop_is_a_share"
            ),
        ),
        *(Refuse(table, "DELETE", when) for table, when in READ_ROUNDS),
        Refuse("surveys_nodechoice", "UPDATE"),
        Refuse("surveys_nodechoice", "DELETE", LOCKED),
    ]
