"""An answer tells which list it was taken from; of those given before it is not known."""

from django.db import migrations, models

from accounts.immutable import Lift, Refuse

LOCKED_ROUND = (
    "EXISTS (SELECT 1 FROM surveys_comparison c JOIN surveys_round r ON r.id = c.round_id "
    "WHERE c.id = OLD.comparison_id AND r.locked_at IS NOT NULL)"
)
REFUSED = (("surveys_judgement", "UPDATE", "1 = 1"), ("surveys_judgement", "DELETE", LOCKED_ROUND))


class Migration(migrations.Migration):
    dependencies = [("surveys", "0006_decisions_on_three_answers")]
    operations = [
        *(Lift(*refused) for refused in REFUSED),
        migrations.AddField(
            model_name="judgement",
            name="taken_from",
            field=models.CharField(
                blank=True, choices=[("five", "five answers"), ("finer", "finer steps")], default="", max_length=8
            ),
            preserve_default=False,
        ),
        migrations.AddConstraint(
            model_name="judgement",
            constraint=models.CheckConstraint(
                condition=models.Q(taken_from__in=["", "five", "finer"]), name="judgement_list_known"
            ),
        ),
        *(Refuse(*refused) for refused in REFUSED),
    ]
