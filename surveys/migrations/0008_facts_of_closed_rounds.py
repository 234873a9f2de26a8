"""A closed round keeps the facts of its closing; of those closed before, what can still be told.

Who was asked is told by the days on which people came and went. What somebody handed in who withdrew afterwards is deleted,
and not counted here either: nobody can say it any more.
"""

from django.db import migrations, models
from django.db.models import Count, Exists, FilteredRelation, Min, OuterRef, Q, Subquery

from accounts.immutable import Lift, Refuse

LOCKED = "EXISTS (SELECT 1 FROM surveys_round r WHERE r.id = OLD.round_id AND r.locked_at IS NOT NULL)"
LOCKED_ROUND = (
    "EXISTS (SELECT 1 FROM surveys_comparison c JOIN surveys_round r ON r.id = c.round_id "
    "WHERE c.id = OLD.comparison_id AND r.locked_at IS NOT NULL)"
)
# these read surveys_round, which SQLite builds anew
READ_ROUNDS = (
    ("surveys_judgement", LOCKED_ROUND),
    ("surveys_submission", LOCKED),
    ("surveys_nodechoice", LOCKED),
    ("surveys_tripledecision", LOCKED),
)
FACTS = ("state", "opens_at", "closes_at", "finish_until", "closed_at", "at_closing")
DIFFER = " OR ".join(
    f"COALESCE(CAST(NEW.{name} AS TEXT), '') <> COALESCE(CAST(OLD.{name} AS TEXT), '')" for name in FACTS
)


def date_panelists(apps, _editor):
    """Say when each came into the panel: with her first link, where that is dated."""
    Panelist = apps.get_model("surveys", "Panelist")
    Link = apps.get_model("surveys", "Link")
    first = Link.objects.filter(panelist=OuterRef("pk")).order_by().values("panelist").annotate(at=Min("made_at"))
    Panelist.objects.update(added_at=Subquery(first.values("at")))


def keep_facts(apps, _editor):
    """Count what each closed round was, as far as the rows still tell."""
    for one in apps.get_model("surveys", "Round").objects.filter(state="closed"):
        one.at_closing = _facts(apps, one)
        one.save(update_fields=["at_closing"])


def _facts(apps, closed):
    Panelist = apps.get_model("surveys", "Panelist")
    here = Panelist.objects.filter(
        Q(withdrawn_at=None) | Q(withdrawn_at__gt=closed.closed_at),
        Q(added_at=None) | Q(added_at__lte=closed.closed_at),
        panel=closed.panel_id,
    )
    groups = (
        here.annotate(mine=FilteredRelation("submissions", condition=Q(submissions__round=closed)))
        .order_by("group")
        .values_list("group")
        .annotate(Count("pk"), Count("mine"))
    )
    return {
        "invited": here.count(),
        "started": here.filter(pk__in=_answered(apps, closed).values("panelist")).count(),
        "submitted": apps.get_model("surveys", "Submission").objects.filter(round=closed).count(),
        "comparisons": apps.get_model("surveys", "Comparison").objects.filter(round=closed).count(),
        "groups": [list(group) for group in groups],
    }


def _answered(apps, closed):
    """Return the answers that stand: last versions, not taken back, at nodes that were not left out."""
    Judgement = apps.get_model("surveys", "Judgement")
    NodeChoice = apps.get_model("surveys", "NodeChoice")
    later = Judgement.objects.filter(
        panelist=OuterRef("panelist"), comparison=OuterRef("comparison"), version__gt=OuterRef("version")
    )
    chosen_later = NodeChoice.objects.filter(
        panelist=OuterRef("panelist"), round=OuterRef("round"), node=OuterRef("node"), version__gt=OuterRef("version")
    )
    left_out = NodeChoice.objects.filter(~Exists(chosen_later), round=closed, choice="skip").filter(
        panelist=OuterRef("panelist"), node=OuterRef("comparison__parent")
    )
    return Judgement.objects.filter(
        ~Exists(later), ~Exists(left_out), comparison__round=closed, value__isnull=False
    )


class Migration(migrations.Migration):
    dependencies = [("surveys", "0007_list_of_an_answer")]
    operations = [
        migrations.AddField(
            model_name="panelist", name="added_at", field=models.DateTimeField(blank=True, null=True)
        ),
        migrations.RunPython(date_panelists, migrations.RunPython.noop),
        *(Lift(table, "DELETE", when) for table, when in READ_ROUNDS),
        migrations.AddField(model_name="round", name="at_closing", field=models.JSONField(blank=True, null=True)),
        migrations.RunPython(keep_facts, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="round",
            constraint=models.CheckConstraint(
                condition=models.Q(("at_closing__isnull", True), ("closed_at__isnull", True))
                | models.Q(("at_closing__isnull", False), ("closed_at__isnull", False)),
                name="round_closed_keeps_its_facts",
            ),
        ),
        *(Refuse(table, "DELETE", when) for table, when in READ_ROUNDS),
        Refuse("surveys_round", "UPDATE", f"OLD.at_closing IS NOT NULL AND ({DIFFER})"),
    ]
