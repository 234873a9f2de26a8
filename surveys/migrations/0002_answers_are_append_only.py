"""Frozen frameworks and given answers refuse change in the database itself."""

from django.db import migrations

from accounts.immutable import Refuse

FROZEN_VERSION = "EXISTS (SELECT 1 FROM surveys_frameworkversion v WHERE v.id = OLD.version_id AND v.state = 'frozen')"
LOCKED_ROUND = (
    "EXISTS (SELECT 1 FROM surveys_comparison c JOIN surveys_round r ON r.id = c.round_id "
    "WHERE c.id = OLD.comparison_id AND r.locked_at IS NOT NULL)"
)
LOCKED = "EXISTS (SELECT 1 FROM surveys_round r WHERE r.id = OLD.round_id AND r.locked_at IS NOT NULL)"


class Migration(migrations.Migration):
    dependencies = [("surveys", "0001_first_rows")]
    operations = [
        Refuse("surveys_frameworkversion", "UPDATE", "OLD.state = 'frozen'"),
        Refuse("surveys_frameworkversion", "DELETE", "OLD.state = 'frozen'"),
        Refuse("surveys_criterion", "UPDATE", FROZEN_VERSION),
        Refuse("surveys_criterion", "DELETE", FROZEN_VERSION),
        # an answer is never overwritten; it may be withdrawn until the method freeze locks the round
        Refuse("surveys_judgement", "UPDATE"),
        Refuse("surveys_judgement", "DELETE", LOCKED_ROUND),
        Refuse("surveys_submission", "UPDATE"),
        Refuse("surveys_submission", "DELETE", LOCKED),
        Refuse("surveys_skip", "UPDATE"),
        Refuse("surveys_skip", "DELETE", LOCKED),
    ]
