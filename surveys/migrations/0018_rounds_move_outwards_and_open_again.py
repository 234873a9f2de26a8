"""A planned round may miss its hour; an end moves outwards; a closed round opens again until a freeze takes it."""

from django.db import migrations, models

from accounts.immutable import Keep, LiftGuard, Moves, Refuse

FACTS = ("state", "opens_at", "closes_at", "finish_until", "closed_at", "at_closing")
DIFFER = " OR ".join(
    f"COALESCE(CAST(NEW.{name} AS TEXT), '') <> COALESCE(CAST(OLD.{name} AS TEXT), '')" for name in FACTS
)
OPENS_AGAIN = "(OLD.state = 'closed' AND NEW.state = 'open' AND OLD.locked_at IS NULL)"
ENDING = "OLD.state <> 'open' OR NEW.state <> 'open' OR NEW.finish_until IS NULL"
OUTWARDS = "(OLD.state = 'open' AND NEW.state = 'open' AND NEW.closes_at > OLD.closes_at)"
MOVES = ("draft open", "open closed")
MAIL_MOVES = ("queued sending", "sending sent", "sending failed", "sending queued", "queued failed")
KINDS = "invitation reminder fresh_link receipt end_moved ending closed reopened".split()


class Migration(migrations.Migration):
    dependencies = [("surveys", "0017_changes_of_a_draft")]

    operations = [
        migrations.AddField(
            model_name="round", name="not_opened", field=models.JSONField(blank=True, null=True)
        ),
        LiftGuard(Refuse("surveys_round", "UPDATE", f"OLD.at_closing IS NOT NULL AND ({DIFFER})")),
        LiftGuard(Keep("surveys_round", ["opens_at", "closes_at"], "OLD.state <> 'draft'", name="dates")),
        LiftGuard(Keep("surveys_round", ["finish_until"], ENDING, name="end")),
        LiftGuard(Moves("surveys_round", *MOVES)),
        Refuse("surveys_round", "UPDATE", f"OLD.at_closing IS NOT NULL AND ({DIFFER}) AND NOT {OPENS_AGAIN}"),
        Keep("surveys_round", ["opens_at"], "OLD.state <> 'draft'", name="opening"),
        # nothing is not later than something: COALESCE, since an end that is taken away is refused too
        Keep(
            "surveys_round",
            ["closes_at"],
            f"OLD.state <> 'draft' AND NOT {OPENS_AGAIN} AND NOT COALESCE({OUTWARDS}, 1 = 0)",
            name="dates",
        ),
        # who opens a round again takes back the end that was announced, and announces none
        Keep(
            "surveys_round",
            ["finish_until"],
            f"({ENDING}) AND NOT ({OPENS_AGAIN} AND NEW.finish_until IS NULL)",
            name="end",
        ),
        Moves("surveys_round", *MOVES, "closed open"),
        # SQLite builds the table anew, which loses its triggers
        LiftGuard(Moves("surveys_mail", *MAIL_MOVES)),
        migrations.RemoveConstraint(model_name="mail", name="mail_kind_known"),
        migrations.AlterField(
            model_name="mail",
            name="kind",
            field=models.CharField(
                choices=[
                    ("invitation", "invitation"),
                    ("reminder", "reminder"),
                    ("fresh_link", "fresh link"),
                    ("receipt", "receipt"),
                    ("end_moved", "end moved"),
                    ("ending", "end announced"),
                    ("closed", "closed"),
                    ("reopened", "opened again"),
                ],
                max_length=16,
            ),
        ),
        migrations.AddConstraint(
            model_name="mail",
            constraint=models.CheckConstraint(condition=models.Q(("kind__in", KINDS)), name="mail_kind_known"),
        ),
        Moves("surveys_mail", *MAIL_MOVES),
    ]
