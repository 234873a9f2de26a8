"""An open round keeps when it opened and when it closes by itself; an announced end may be moved, never taken back."""

from django.db import migrations

from accounts.immutable import Keep


class Migration(migrations.Migration):
    dependencies = [("surveys", "0014_who_worded_a_consent")]

    operations = [
        # once it is closed, `at_closing` guards all of them
        Keep("surveys_round", ["opens_at", "closes_at"], "OLD.state <> 'draft'", name="dates"),
        Keep(
            "surveys_round",
            ["finish_until"],
            "OLD.state <> 'open' OR NEW.state <> 'open' OR NEW.finish_until IS NULL",
            name="end",
        ),
    ]
