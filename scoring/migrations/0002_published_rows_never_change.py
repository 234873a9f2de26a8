"""Freezes, datasets and releases refuse change in the database itself."""

from django.db import migrations

from accounts.immutable import Refuse

TABLES = [
    "scoring_freeze",
    "scoring_recipe",
    "scoring_dataset",
    "scoring_datasetunit",
    "scoring_observation",
    "scoring_release",
    "scoring_releasefile",
    "scoring_releaseunit",
]
FINISHED = "OLD.state = 'done'"


class Migration(migrations.Migration):
    dependencies = [("scoring", "0001_first_rows")]
    operations = [
        *(Refuse(table, event) for table in TABLES for event in ("UPDATE", "DELETE")),
        # a finished result stays as it was computed
        *(
            Refuse(table, event, FINISHED)
            for table in ("scoring_consensus", "scoring_scoring", "scoring_bundle")
            for event in ("UPDATE", "DELETE")
        ),
        *(
            Refuse(table, event, f"EXISTS (SELECT 1 FROM scoring_consensus c WHERE c.id = OLD.consensus_id AND c.{FINISHED[4:]})")
            for table in ("scoring_consensusweight", "scoring_consensusnode", "scoring_expertconsistency")
            for event in ("UPDATE", "DELETE")
        ),
    ]
