"""Migrations that say who is who, and what is ranked, in what was published before, on rows as they stood then."""

import pytest

from accounts.models import Series
from scoring.models import Consensus, Edition, Freeze
from scoring.usecases.consensus import compute_consensus, request_consensus
from surveys.models import Panelist, PublicationCode, ReceiptSecret
from tests.scoring import factories

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


def test_series_with_a_release_keep_the_kind_of_unit_that_its_pages_speak_of(migrate):
    released, planned = factories.make_series("released"), factories.make_series("planned")
    factories.make_release(factories.make_edition(released))
    factories.make_edition(planned, frozen=False)
    migrate.before("scoring", "0024_kinds_of_unit_are_fixed")
    migrate.on()

    assert dict(Series.objects.values_list("slug", "is_unit_kind_fixed")) == {"released": True, "planned": False}
