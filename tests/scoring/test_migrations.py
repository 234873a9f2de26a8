"""Migrations that say who is who in what was published before, on rows as they stood then."""

import pytest

from scoring.models import Consensus, Edition, Freeze
from scoring.usecases.consensus import compute_consensus, request_consensus
from surveys.models import Panelist, PublicationCode, ReceiptSecret

pytestmark = pytest.mark.django_db(transaction=True)


def test_codes_that_were_frozen_become_publication_codes_and_the_desk_gets_others(
    migrate, frozen, series, closed, method, now, by
):
    again = request_consensus(series, round_uid=closed.uid, method=type(method)(), **by)
    compute_consensus(again.pk, now=now)
    told = dict(PublicationCode.objects.filter(consensus_uid=frozen.consensus.uid).values_list("panelist_id", "code"))
    old = migrate.before("scoring", "0018_publication_codes")
    old.get_model("surveys", "PublicationCode").objects.all().delete()
    for panelist, code in told.items():  # one code for all, as it was
        old.get_model("surveys", "Panelist").objects.filter(pk=panelist).update(code=code)
    migrate.on()

    pairs = PublicationCode.objects.filter(consensus_uid=frozen.consensus.uid)
    assert dict(pairs.values_list("panelist_id", "code")) == told
    desk = dict(Panelist.objects.filter(pk__in=told).values_list("pk", "code"))
    assert not {*desk.values()} & {*told.values()}
    assert len({*desk.values()}) == len(told) == 6
    assert ReceiptSecret.objects.count() == 6
    assert [one.pk for one in Consensus.objects.all()] == [frozen.consensus_id]  # the other is to be weighed anew
    assert Freeze.objects.get().consensus_id == Edition.objects.get().consensus_id == frozen.consensus_id
