"""A consensus keeps what it counted of its round, which is read once, and a stamp that says whether it is still the same.

What was asked for before is told apart by the fingerprint of its judgements, as it was.
"""

from django.db import migrations, models
from django.db.models import F
from accounts.immutable import Lift, Refuse



DONE = "OLD.state = 'done'"
OF_DONE = "EXISTS (SELECT 1 FROM scoring_consensus c WHERE c.id = OLD.consensus_id AND c.state = 'done')"
FROZEN = "EXISTS (SELECT 1 FROM scoring_freeze f WHERE f.consensus_id = OLD.{})"
PARTS = ["scoring_consensusweight", "scoring_consensusnode", "scoring_expertconsistency"]
GUARDED = [
    ("scoring_consensus", "UPDATE", DONE),
    ("scoring_consensus", "DELETE", FROZEN.format("id")),
    *((table, "UPDATE", OF_DONE) for table in PARTS),
    *((table, "DELETE", FROZEN.format("consensus_id")) for table in PARTS),
]


def stamp(apps, _editor):
    apps.get_model("scoring", "Consensus").objects.update(round_stamp=F("input_fingerprint"))


class Migration(migrations.Migration):
    dependencies = [("scoring", "0007_release_keeps_its_reading")]
    operations = [
        *(Lift(*guard) for guard in GUARDED),
        migrations.RemoveConstraint(model_name="consensus", name="consensus_once"),
        migrations.AddField(
            model_name="consensus", name="round_stamp", field=models.CharField(default="", max_length=64), preserve_default=False
        ),
        migrations.AddField(model_name="consensus", name="counted", field=models.JSONField(blank=True, null=True)),
        migrations.AlterField(
            model_name="consensus", name="input_fingerprint", field=models.CharField(blank=True, max_length=64)
        ),
        migrations.RunPython(stamp, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="consensus",
            constraint=models.UniqueConstraint(
                fields=("round_uid", "method_fingerprint", "round_stamp"), name="consensus_once"
            ),
        ),
        *(Refuse(*guard) for guard in GUARDED),
    ]
