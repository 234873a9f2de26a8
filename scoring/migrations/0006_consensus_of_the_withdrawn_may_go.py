"""A consensus that no freeze took may be deleted: a panelist who withdraws before the freeze leaves nothing behind."""

from django.db import migrations

from accounts.immutable import Lift, Refuse

OF_DONE = "EXISTS (SELECT 1 FROM scoring_consensus c WHERE c.id = OLD.consensus_id AND c.state = 'done')"
BEFORE = [("scoring_consensus", "OLD.state = 'done'")]
BEFORE += [(f"scoring_{table}", OF_DONE) for table in ("consensusweight", "consensusnode", "expertconsistency")]
FROZEN = "EXISTS (SELECT 1 FROM scoring_freeze f WHERE f.consensus_id = OLD.{})"
AFTER = [(table, FROZEN.format("id" if table == "scoring_consensus" else "consensus_id")) for table, _when in BEFORE]


class Migration(migrations.Migration):
    dependencies = [("scoring", "0005_scoring_names_what_it_is_compared_with")]
    operations = [
        *(Lift(table, "DELETE", when) for table, when in BEFORE),
        *(Refuse(table, "DELETE", when) for table, when in AFTER),
    ]
