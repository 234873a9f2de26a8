"""What a round tells when it opens holds from then on, states change by their moves alone, submissions have versions."""

from django.db import migrations, models

from accounts.immutable import Keep, Lift, Moves, Refuse

LOCKED_ROUND = (
    "EXISTS (SELECT 1 FROM surveys_comparison c JOIN surveys_round r ON r.id = c.round_id "
    "WHERE c.id = OLD.comparison_id AND r.locked_at IS NOT NULL)"
)
LOCKED = "EXISTS (SELECT 1 FROM surveys_round r WHERE r.id = OLD.round_id AND r.locked_at IS NOT NULL)"
# these read surveys_round, which SQLite builds anew
READ_ROUNDS = (
    ("surveys_judgement", LOCKED_ROUND),
    ("surveys_submission", LOCKED),
    ("surveys_nodechoice", LOCKED),
    ("surveys_tripledecision", LOCKED),
)
PROMISED = (
    "uid panel_id version_id number follows_id seed stop_within drafts_count promise_fingerprint"
).split()
OPENED = "EXISTS (SELECT 1 FROM surveys_round r WHERE r.{} AND r.state <> 'draft')"

# a closed round keeps its facts
FACTS = ("state", "opens_at", "closes_at", "finish_until", "closed_at", "at_closing")
DIFFER = " OR ".join(
    f"COALESCE(CAST(NEW.{name} AS TEXT), '') <> COALESCE(CAST(OLD.{name} AS TEXT), '')" for name in FACTS
)
ROUND_FACTS = ("surveys_round", "UPDATE", f"OLD.at_closing IS NOT NULL AND ({DIFFER})")


class Migration(migrations.Migration):
    dependencies = [("surveys", "0009_comments_apart")]

    operations = [
        *(Lift(table, "DELETE", when) for table, when in READ_ROUNDS),
        Lift(*ROUND_FACTS),
        # of a round that is open already nobody kept the fingerprint: it stays empty
        migrations.AddField(
            model_name="round",
            name="promise_fingerprint",
            field=models.CharField(blank=True, default="", max_length=64),
            preserve_default=False,
        ),
        Lift("surveys_submission", "UPDATE"),
        migrations.AddField(
            model_name="submission",
            name="version",
            field=models.PositiveIntegerField(default=1),
            preserve_default=False,
        ),
        migrations.AlterField(
            model_name="submission", name="receipt", field=models.CharField(blank=True, max_length=64)
        ),
        migrations.RemoveConstraint(model_name="submission", name="submission_once"),
        migrations.AddConstraint(
            model_name="submission",
            constraint=models.UniqueConstraint(
                fields=("round", "panelist", "version"), name="submission_version_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="submission",
            constraint=models.CheckConstraint(
                condition=models.Q(("version__gte", 1)), name="submission_version_from_one"
            ),
        ),
        migrations.AddConstraint(
            model_name="submission",
            constraint=models.CheckConstraint(
                condition=models.Q(models.Q(("receipt", ""), _negated=True), ("answers", 0), _connector="OR"),
                name="submission_taken_back_holds_none",
            ),
        ),
        Refuse("surveys_submission", "UPDATE"),
        *(Refuse(table, "DELETE", when) for table, when in READ_ROUNDS),
        Refuse(*ROUND_FACTS),
        Keep("surveys_round", PROMISED, "OLD.state <> 'draft'"),
        Refuse("surveys_round", "DELETE", "OLD.state <> 'draft'"),
        Refuse("surveys_comparison", "INSERT", OPENED.format("id = NEW.round_id")),
        Refuse("surveys_comparison", "UPDATE", OPENED.format("id = OLD.round_id")),
        Refuse("surveys_comparison", "DELETE", OPENED.format("id = OLD.round_id")),
        Keep("surveys_panel", ["uid", "series_id", "is_simulated", "names_shown"], OPENED.format("panel_id = OLD.id")),
        Moves("surveys_frameworkversion", "draft frozen"),
        Moves("surveys_round", "draft open", "open closed"),
        Moves(
            "surveys_mail", "queued sending", "sending sent", "sending failed", "sending queued", "queued failed"
        ),
        Moves("surveys_linkrequest", "open done"),
    ]
