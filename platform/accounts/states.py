"""What may be done to series, roles, invitations and mails about accounts, in which state, and by whom."""

from __future__ import annotations

from typing import Final

from django.db.models import TextChoices

from accounts.errors import InvitationStateError
from accounts.lifecycle import NOTHING_HAPPENS, Act, Actor, Lifecycle, Lifecycles


class MailState(TextChoices):
    """Where a mail is."""

    QUEUED = "queued", "queued"
    SENDING = "sending", "sending"
    SENT = "sent", "sent"
    FAILED = "failed", "failed"


class InvitationState(TextChoices):
    """What became of an invitation; one that nobody takes up in time stays open, and opens nothing."""

    OPEN = "open", "open"
    TAKEN_UP = "taken_up", "taken up"
    WITHDRAWN = "withdrawn", "withdrawn"


OWNER, MODERATOR = (Actor.OWNER,), (Actor.MODERATOR,)
WORKER, OPERATOR, ANYBODY = (Actor.WORKER,), (Actor.OPERATOR,), (Actor.ANYBODY,)

STATELESS: Final = (
    Act(function="usecases.series.change_series", by=(*OWNER, *MODERATOR)),
    Act(function="usecases.series.name_licence", by=(*OWNER, *MODERATOR)),
    Act(function="queries.people_page", by=OWNER),
    *(Act(function=f"usecases.roles.{name}", by=OWNER) for name in ("give_role", "change_role", "take_role")),
    Act(function="usecases.roles.pass_on_roles", by=WORKER),
    Act(function="usecases.roles.replace_owner", by=OPERATOR),
)

INVITATION: Final = Lifecycle(
    "invitation",
    InvitationState,
    (
        Act(function="usecases.invitations.invite", by=OWNER, makes=InvitationState.OPEN),
        Act(function="usecases.invitations.invite_again", by=OWNER, starts=(InvitationState.OPEN,)),
        Act(
            function="usecases.invitations.withdraw_invitation",
            by=OWNER,
            starts=(InvitationState.OPEN,),
            ends=(InvitationState.WITHDRAWN,),
        ),
        *(
            Act(
                function=f"usecases.invitations.{name}",
                by=ANYBODY,
                starts=(InvitationState.OPEN,),
                ends=(InvitationState.TAKEN_UP,),
            )
            for name in ("take_up", "take_up_with_new_account")
        ),
    ),
)

ACCOUNT_MAIL: Final = Lifecycle(
    "mail about an account",
    MailState,
    (
        Act(function="usecases.invitations.invite", by=OWNER, makes=MailState.QUEUED),
        Act(function="usecases.invitations.invite_again", by=OWNER, makes=MailState.QUEUED),
        Act(function="usecases.passwords.ask_for_password_link", by=ANYBODY, makes=MailState.QUEUED),
        Act(function="usecases.mails.queue_daily_mail", by=WORKER, makes=MailState.QUEUED),
        Act(
            function="mail_queue.send_once",
            by=WORKER,
            starts=(MailState.QUEUED,),
            through=MailState.SENDING,
            ends=(MailState.SENT, MailState.FAILED, MailState.QUEUED),
            refusal=NOTHING_HAPPENS,
        ),
        Act(
            function="mail_queue.waiting",
            by=WORKER,
            starts=(MailState.SENDING,),
            ends=(MailState.QUEUED,),
            refusal=NOTHING_HAPPENS,
        ),
    ),
)

TABLES: Final = (INVITATION, ACCOUNT_MAIL)
LIFECYCLES: Final = Lifecycles(
    TABLES, {InvitationStateError.code: (InvitationStateError, "{subject} is {state}")}, STATELESS
)
capability, check = LIFECYCLES.capability, LIFECYCLES.check
