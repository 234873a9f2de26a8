"""Every address that queues a mail about an account, pressed while Redis is away: the mail is sent once it is back."""

import pytest
from django.urls import reverse

from accounts.models import AccountMail, Invitation
from tests.queueing import addresses_that_queue

pytestmark = pytest.mark.django_db(transaction=True)
OFFER = {"email": "rita@example.org", "kind": "moderator", "language": "en"}


@pytest.fixture
def doors(desk, client, owner):
    def again():
        made = Invitation.objects.get()
        AccountMail.objects.filter(invitation=made).update(state="sent")  # else the one that waits is enough
        return desk, {"series": "las", "uid": made.uid}, {}

    return {
        "invite": lambda: (desk, {"series": "las"}, OFFER),
        "invite_again": again,
        "password_link": lambda: (client, {}, {"email": owner.email}),
    }


def test_every_address_that_queues_a_mail_is_pressed_here(doors):
    assert set(doors) == {name for name in addresses_that_queue() if ":" not in name}


def test_mails_queued_while_redis_is_away_are_sent_once_it_is_back(own_broker, as_documented, doors, eventually):
    worker = as_documented("worker")
    as_documented("beat", SWEEP_SECONDS="0.5")
    eventually(lambda: "accounts.sweep" in worker.log)
    own_broker.stop()
    for name, door in doors.items():
        client, where, data = door()
        before = AccountMail.objects.count()
        assert client.post(reverse(name, kwargs=where), data).status_code == 302
        assert AccountMail.objects.count() == before + 1
    pressed = set(AccountMail.objects.filter(state="queued").values_list("pk", flat=True))
    assert len(pressed) == 2

    own_broker.start()

    sent = AccountMail.objects.filter(pk__in=pressed)
    eventually(lambda: set(sent.values_list("state", "attempts")) == {("sent", 1)})
