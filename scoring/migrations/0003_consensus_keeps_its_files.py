"""A consensus keeps its exchange files, and may be asked anew when a withdrawal changed the judgements."""

from django.db import migrations, models

from accounts.immutable import Lift, Refuse

DONE = "OLD.state = 'done'"
OF_DONE = "EXISTS (SELECT 1 FROM scoring_consensus c WHERE c.id = OLD.consensus_id AND c.state = 'done')"
GUARDED = [
    (table, event, when)
    for table, when in [
        ("scoring_consensus", DONE),
        ("scoring_consensusweight", OF_DONE),
        ("scoring_consensusnode", OF_DONE),
        ("scoring_expertconsistency", OF_DONE),
    ]
    for event in ("UPDATE", "DELETE")
]


class Migration(migrations.Migration):
    dependencies = [("scoring", "0002_published_rows_never_change")]
    operations = [
        *(Lift(*guard) for guard in GUARDED),
        migrations.RemoveConstraint(model_name="consensus", name="consensus_once"),
        migrations.AddField(
            model_name="consensus", name="result", field=models.JSONField(blank=True, null=True)
        ),
        migrations.AlterField(
            model_name="consensus", name="input_fingerprint", field=models.CharField(max_length=64)
        ),
        migrations.AddConstraint(
            model_name="consensus",
            constraint=models.UniqueConstraint(
                fields=("round_uid", "method_fingerprint", "input_fingerprint"), name="consensus_once"
            ),
        ),
        *(Refuse(*guard) for guard in GUARDED),
    ]
