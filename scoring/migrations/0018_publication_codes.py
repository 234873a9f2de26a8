"""Codes that were published become publication codes; the desk gets others.

A consensus that no freeze took knew people by the desk's codes: it is forgotten, and is to be weighed anew.
"""

import csv
import io
import secrets

from django.db import migrations

SIGNS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"


def part(apps, schema_editor):
    """Give every frozen code to the table of pairs, and everybody who handed in another code on the desk."""
    panelists = apps.get_model("surveys", "Panelist").objects
    pairs = apps.get_model("surveys", "PublicationCode")
    rounds = dict(apps.get_model("surveys", "Round").objects.values_list("uid", "panel_id"))
    seen = set()
    for freeze in apps.get_model("scoring", "Freeze").objects.select_related("consensus"):
        consensus = freeze.consensus
        if consensus.uid in seen:
            continue
        seen.add(consensus.uid)
        rows = csv.DictReader(io.StringIO(freeze.content["files"]["judgements.csv"]))
        people = panelists.filter(panel=rounds.get(consensus.round_uid), code__in={row["expert"] for row in rows})
        pairs.objects.bulk_create(
            pairs(panelist=one, consensus_uid=consensus.uid, code=one.code, language=one.language) for one in people
        )
    for one in panelists.filter(submissions__isnull=False) | panelists.filter(publication_codes__isnull=False):
        one.code = "".join(secrets.choice(SIGNS) for _ in range(8))
        one.save(update_fields=["code"])
    free = apps.get_model("scoring", "Consensus").objects.filter(freezes=None, state="done")
    apps.get_model("scoring", "Edition").objects.filter(consensus__in=free).update(consensus=None)
    for table in ("ConsensusWeight", "ConsensusNode", "ExpertConsistency"):
        apps.get_model("scoring", table).objects.filter(consensus__in=free).delete()
    free.delete()


class Migration(migrations.Migration):
    dependencies = [
        ("scoring", "0017_numbered_freezes_and_guarded_editions"),
        ("surveys", "0012_publication_codes_and_receipt_secrets"),
    ]
    operations = [migrations.RunPython(part, migrations.RunPython.noop)]
