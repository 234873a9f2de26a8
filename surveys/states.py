"""States and the moves between them, as data: what may be done to frameworks, rounds, mails and requests, and by whom."""

from __future__ import annotations

from typing import Final

from django.db.models import TextChoices

from accounts.lifecycle import MEMBERS, NOTHING_HAPPENS, Act, Actor, Lifecycle, Lifecycles
from accounts.states import MailState
from surveys.errors import RoundStateError


class FrameworkState(TextChoices):
    """Draft may change, frozen never."""

    DRAFT = "draft", "draft"
    FROZEN = "frozen", "frozen"


class RoundState(TextChoices):
    """A round is planned, then answered, then read."""

    DRAFT = "draft", "draft"
    OPEN = "open", "open"
    CLOSED = "closed", "closed"


class LinkRequestState(TextChoices):
    """Whether it is settled."""

    OPEN = "open", "open"
    DONE = "done", "done"


PANELIST, MODERATOR = (Actor.PANELIST,), (Actor.MODERATOR,)
WORKER, OPERATOR, ANYBODY = (Actor.WORKER,), (Actor.OPERATOR,), (Actor.ANYBODY,)

# only moderators read who of the panel is how far
STATELESS: Final = (
    Act(function="handover.panels", by=MEMBERS),
    Act(function="queries.desk.round_progress.round_standing", by=MODERATOR),
    Act(function="queries.desk.round_progress.round_page", by=MODERATOR),
    Act(function="queries.desk.people.people_of", by=MODERATOR),
    Act(function="queries.desk.consent.consent_page", by=MEMBERS),
    Act(function="usecases.panels.repeat_panel", by=MODERATOR),
    Act(function="queries.desk.frameworks.framework_list", by=MEMBERS),
    Act(function="queries.desk.frameworks.framework_page", by=MEMBERS),
    Act(function="queries.desk.panel_page.panel_page", by=MODERATOR),
    Act(function="queries.desk.panel_page.person_page", by=MODERATOR),
    Act(function="usecases.panels.begin_panel", by=MODERATOR),
    Act(function="usecases.panels.plan_balance", by=MODERATOR),
    *(
        Act(function=f"usecases.panel_people.{name}", by=MODERATOR)
        for name in (
            "take_in_people",
            "change_panelist",
            "exempt_panelist",
            "readmit_panelist",
            "replace_panelist",
            "take_out_panelist",
            "withdraw_on_request",
        )
    ),
    Act(function="usecases.consents.word_consent", by=MODERATOR),
    Act(function="usecases.consents.translate_consent", by=(*MODERATOR, Actor.TRANSLATOR)),
)

FRAMEWORK: Final = Lifecycle(
    "framework version",
    FrameworkState,
    (
        Act(function="usecases.frameworks.create_framework", by=OPERATOR, makes=FrameworkState.DRAFT),
        Act(function="usecases.frameworks.revise_framework", by=OPERATOR, makes=FrameworkState.DRAFT),
        Act(function="usecases.framework_drafts.begin_framework", by=MODERATOR, makes=FrameworkState.DRAFT),
        Act(
            function="usecases.framework_drafts.redraft_framework",
            by=MODERATOR,
            makes=FrameworkState.DRAFT,
            starts=(FrameworkState.FROZEN,),
        ),
        *(
            Act(function=f"usecases.framework_drafts.{name}", by=MODERATOR, starts=(FrameworkState.DRAFT,))
            for name in (
                "add_criterion",
                "word_criterion",
                "move_criterion",
                "group_criteria",
                "shift_criterion",
                "delete_criterion",
                "replace_criteria",
                "undo_change_of_framework",
            )
        ),
        Act(
            function="usecases.framework_drafts.translate_criterion",
            by=(*MODERATOR, Actor.TRANSLATOR),
            starts=(FrameworkState.DRAFT,),
        ),
        Act(
            function="usecases.frameworks.freeze_framework",
            by=(*MODERATOR, *OPERATOR),
            starts=(FrameworkState.DRAFT,),
            ends=(FrameworkState.FROZEN,),
        ),
        Act(function="usecases.rounds.plan_round", by=MODERATOR, starts=(FrameworkState.FROZEN,)),
    ),
)

ROUND: Final = Lifecycle(
    "round",
    RoundState,
    (
        # the state is that of the round it follows, where it follows one
        Act(function="usecases.rounds.plan_round", by=MODERATOR, makes=RoundState.DRAFT, starts=(RoundState.CLOSED,)),
        Act(function="usecases.plans.change_plan", by=MODERATOR, starts=(RoundState.DRAFT,)),
        # its row is deleted
        Act(function="usecases.plans.cancel_plan", by=MODERATOR, starts=(RoundState.DRAFT,)),
        Act(function="usecases.rounds.open_round", by=MODERATOR, starts=(RoundState.DRAFT,), ends=(RoundState.OPEN,)),
        Act(
            function="usecases.rounds.open_due_rounds",
            by=WORKER,
            starts=(RoundState.DRAFT,),
            ends=(RoundState.OPEN,),
            refusal=NOTHING_HAPPENS,
        ),
        Act(function="usecases.ends.move_end", by=MODERATOR, starts=(RoundState.OPEN,)),
        Act(function="usecases.ends.reopen_round", by=MODERATOR, starts=(RoundState.CLOSED,), ends=(RoundState.OPEN,)),
        Act(function="usecases.arrivals.start", by=PANELIST, starts=(RoundState.OPEN,), refusal=NOTHING_HAPPENS),
        *(
            Act(function=f"usecases.{function}", by=PANELIST, starts=(RoundState.OPEN,))
            for function in (
                "judgements.record_judgement",
                "judgements.take_back_judgement",
                "judgements.settle_conflict",
                "following.keep_earlier",
                "nodes.undo_change",
                "nodes.decide_on_triple",
                "judgements.choose_for_node",
                "submissions.submit_round",
                "submissions.take_back_submission",
            )
        ),
        Act(function="usecases.mails.remind_panelists", by=MODERATOR, starts=(RoundState.OPEN,)),
        Act(function="usecases.panel_mails.invite_owed_people", by=MODERATOR, starts=(RoundState.OPEN,)),
        Act(function="usecases.rounds.announce_close", by=MODERATOR, starts=(RoundState.OPEN,)),
        Act(function="usecases.rounds.close_round", by=MODERATOR, starts=(RoundState.OPEN,), ends=(RoundState.CLOSED,)),
        Act(
            function="usecases.rounds.close_due_rounds",
            by=WORKER,
            starts=(RoundState.OPEN,),
            ends=(RoundState.CLOSED,),
            refusal=NOTHING_HAPPENS,
        ),
        Act(function="queries.panelist.previous_round.divided_pairs", by=MODERATOR, starts=(RoundState.CLOSED,)),
        Act(function="handover.closed_round", by=(*MODERATOR, *WORKER), starts=(RoundState.CLOSED,)),
        Act(function="handover.lock", by=MODERATOR, starts=(RoundState.CLOSED,)),
    ),
)

MAIL: Final = Lifecycle(
    "mail",
    MailState,
    (
        Act(function="usecases.rounds.open_round", by=MODERATOR, makes=MailState.QUEUED),
        *(
            Act(function=f"usecases.{function}", by=MODERATOR, makes=MailState.QUEUED)
            for function in ("rounds.announce_close", "rounds.close_round", "ends.move_end", "ends.reopen_round")
        ),
        *(
            Act(
                function=f"usecases.news.{name}",
                by=MODERATOR,
                starts=(MailState.QUEUED,),
                ends=(MailState.FAILED,),
                refusal=NOTHING_HAPPENS,
            )
            for name in ("stop_news", "drop_news")
        ),
        Act(function="usecases.mails.remind_panelists", by=MODERATOR, makes=MailState.QUEUED),
        Act(function="usecases.panel_mails.invite_owed_people", by=MODERATOR, makes=MailState.QUEUED),
        Act(function="usecases.submissions.submit_round", by=PANELIST, makes=MailState.QUEUED),
        Act(function="usecases.requests.ask_fresh_link", by=PANELIST, makes=MailState.QUEUED),
        Act(function="usecases.requests.mail_for_request", by=MODERATOR, makes=MailState.QUEUED),
        Act(function="usecases.requests.answer_requests", by=WORKER, makes=MailState.QUEUED),
        Act(
            function="usecases.mails.send_mail",
            by=WORKER,
            starts=(MailState.QUEUED,),
            through=MailState.SENDING,
            ends=(MailState.SENT, MailState.FAILED, MailState.QUEUED),
            refusal=NOTHING_HAPPENS,
        ),
        Act(
            function="usecases.mails.waiting_mails",
            by=WORKER,
            starts=(MailState.SENDING,),
            ends=(MailState.QUEUED,),
            refusal=NOTHING_HAPPENS,
        ),
        Act(
            function="usecases.mails.drop_waiting_mails",
            by=OPERATOR,
            starts=(MailState.QUEUED,),
            ends=(MailState.FAILED,),
            refusal=NOTHING_HAPPENS,
        ),
    ),
)

LINK_REQUEST: Final = Lifecycle(
    "request",
    LinkRequestState,
    (
        Act(function="usecases.requests.ask_by_address", by=ANYBODY, makes=LinkRequestState.OPEN),
        Act(function="usecases.requests.ask_fresh_link", by=PANELIST, makes=LinkRequestState.OPEN),
        Act(function="usecases.requests.ask_as_someone_else", by=ANYBODY, makes=LinkRequestState.OPEN),
        *(
            Act(
                function=f"usecases.requests.{name}",
                by=MODERATOR,
                starts=(LinkRequestState.OPEN,),
                ends=(LinkRequestState.DONE,),
            )
            for name in ("settle_request", "mail_for_request")
        ),
    ),
)

TABLES: Final = (FRAMEWORK, ROUND, MAIL, LINK_REQUEST)
LIFECYCLES: Final = Lifecycles(TABLES, {RoundStateError.code: (RoundStateError, "{subject} is {state}")}, STATELESS)
capability, check = LIFECYCLES.capability, LIFECYCLES.check
