"""States and the moves between them, as data: what may be done to editions and to long work, and by whom."""

from __future__ import annotations

from typing import Final

from django.db.models import TextChoices

from accounts.lifecycle import MEMBERS, NOTHING_HAPPENS, Act, Actor, Lifecycle, Lifecycles
from scoring.errors import EditionStateError, FrozenError, LostClaimError, ScoringError


class EditionState(TextChoices):
    """Where the edition is."""

    PREPARING = "preparing", "in preparation"
    FROZEN = "frozen", "method frozen"
    RELEASED = "released", "released"
    WITHDRAWN = "withdrawn", "withdrawn"


class JobState(TextChoices):
    """Where the work is."""

    QUEUED = "queued", "queued"
    RUNNING = "running", "running"
    DONE = "done", "done"
    FAILED = "failed", "failed"
    CANCELLED = "cancelled", "cancelled"


MODERATOR, WORKER, OPERATOR = (Actor.MODERATOR,), (Actor.WORKER,), (Actor.OPERATOR,)
WITH_DATA: Final = (*MODERATOR, Actor.DATA_STEWARD)
"""Who brings lists of units and data; the method and its releases are the moderators'."""

STATELESS: Final = (
    *(
        Act(function=f"queries.desk.{name}", by=MEMBERS)
        for name in ("series.desk_series_page", "edition.desk_edition_page", "jobs.edition_jobs", "uploads.uploads_of")
    ),
    Act(function="files.templates.template_of", by=MEMBERS),
)

EDITION: Final = Lifecycle(
    "edition",
    EditionState,
    (
        *(
            Act(function=f"usecases.editions.{name}", by=MODERATOR, makes=EditionState.PREPARING)
            for name in ("create_edition", "repeat_edition")
        ),
        *(
            Act(
                function=f"usecases.{name}",
                by=MODERATOR,
                starts=(EditionState.PREPARING,),
                refusal=FrozenError.code,
            )
            for name in (
                "editions.settle_recipe",
                "editions.choose_consensus",
                "editions.weigh_edition",
                "carrying.carry_weights",
            )
        ),
        # before its first release, whose pages say it
        Act(
            function="usecases.editions.describe_edition",
            by=MODERATOR,
            starts=(EditionState.PREPARING, EditionState.FROZEN),
        ),
        Act(
            function="usecases.unit_lists.settle_units",
            by=WITH_DATA,
            starts=(EditionState.PREPARING,),
            refusal=FrozenError.code,
        ),
        Act(
            function="usecases.freezes.freeze_method",
            by=MODERATOR,
            starts=(EditionState.PREPARING,),
            ends=(EditionState.FROZEN,),
            refusal=FrozenError.code,
        ),
        Act(
            function="usecases.approvals.ask_approval",
            by=MODERATOR,
            starts=(EditionState.PREPARING,),
            refusal=FrozenError.code,
        ),
        # never by who asked for it
        Act(
            function="usecases.approvals.approve_method",
            by=(*MODERATOR, Actor.REVIEWER),
            starts=(EditionState.PREPARING,),
            refusal=FrozenError.code,
        ),
        *(
            Act(
                function=f"usecases.edition_data.{name}",
                by=WITH_DATA,
                starts=(EditionState.FROZEN, EditionState.RELEASED),
            )
            for name in ("use_dataset", "load_edition_data", "request_scoring")
        ),
        Act(
            function="usecases.releases.release_edition",
            by=MODERATOR,
            starts=(EditionState.FROZEN,),
            ends=(EditionState.RELEASED,),
        ),
        Act(function="usecases.releases.correct_release", by=MODERATOR, starts=(EditionState.RELEASED,)),
        Act(
            function="usecases.freezes.revise_method",
            by=MODERATOR,
            starts=(EditionState.RELEASED,),
            ends=(EditionState.PREPARING,),
        ),
        # only of an edition that is released already
        Act(
            function="usecases.freezes.keep_method",
            by=MODERATOR,
            starts=(EditionState.PREPARING,),
            ends=(EditionState.RELEASED,),
        ),
    ),
    unreached={
        EditionState.WITHDRAWN: "pages show it already; the desk cannot withdraw an edition yet",
    },
)

BY_WORKERS: Final = (
    # one that runs is claimed again once its worker fell silent
    Act(
        function="usecases.jobs.perform",
        by=WORKER,
        starts=(JobState.QUEUED, JobState.RUNNING),
        ends=(JobState.RUNNING,),
        refusal=NOTHING_HAPPENS,
    ),
    Act(
        function="usecases.jobs.go_on",
        by=WORKER,
        starts=(JobState.QUEUED, JobState.RUNNING),
        refusal=NOTHING_HAPPENS,
    ),
    Act(
        function="usecases.jobs.Claim.progress",
        by=WORKER,
        starts=(JobState.RUNNING,),
        refusal=LostClaimError.code,
    ),
    Act(
        function="usecases.jobs.Claim.beat",
        by=WORKER,
        starts=(JobState.RUNNING,),
        refusal=NOTHING_HAPPENS,
    ),
    Act(
        function="usecases.jobs.Claim.finish",
        by=WORKER,
        starts=(JobState.RUNNING,),
        ends=(JobState.DONE,),
        refusal=LostClaimError.code,
    ),
    Act(
        function="usecases.jobs.Claim.fail",
        by=WORKER,
        starts=(JobState.RUNNING,),
        ends=(JobState.FAILED,),
        refusal=NOTHING_HAPPENS,
    ),
    Act(
        function="usecases.jobs.Claim.hand_back",
        by=WORKER,
        starts=(JobState.RUNNING,),
        ends=(JobState.QUEUED,),
        refusal=NOTHING_HAPPENS,
    ),
    Act(
        function="usecases.jobs.sweep",
        by=WORKER,
        starts=(JobState.QUEUED, JobState.RUNNING),
        ends=(JobState.QUEUED,),
        refusal=NOTHING_HAPPENS,
    ),
)
"""What workers do with every kind of work."""

JOB: Final = Lifecycle(
    "work",
    JobState,
    (
        Act(function="usecases.consensus.request_consensus", by=MODERATOR, makes=JobState.QUEUED),
        Act(function="usecases.edition_data.request_scoring", by=WITH_DATA, makes=JobState.QUEUED),
        Act(function="usecases.releases.release_edition", by=MODERATOR, makes=JobState.QUEUED),
        Act(function="usecases.releases.correct_release", by=MODERATOR, makes=JobState.QUEUED),
        *BY_WORKERS,
        Act(
            function="usecases.jobs.cancel",
            by=MODERATOR,
            starts=(JobState.QUEUED, JobState.RUNNING),
            ends=(JobState.CANCELLED,),
        ),
        Act(
            function="usecases.jobs.requeue",
            by=MODERATOR,
            starts=(JobState.FAILED, JobState.CANCELLED),
            ends=(JobState.QUEUED,),
            refusal=NOTHING_HAPPENS,
        ),
    ),
)

UPLOAD: Final = Lifecycle(
    "upload",
    JobState,
    (
        Act(function="usecases.uploads.send_files", by=WITH_DATA, makes=JobState.QUEUED),
        *BY_WORKERS,
        Act(
            function="usecases.uploads.answer_upload",
            by=WITH_DATA,
            starts=(JobState.DONE, JobState.FAILED),
            ends=(JobState.QUEUED,),
        ),
        Act(function="usecases.uploads.confirm_upload", by=WITH_DATA, starts=(JobState.DONE,), ends=(JobState.QUEUED,)),
        Act(
            function="usecases.uploads.drop_upload",
            by=WITH_DATA,
            starts=(JobState.QUEUED, JobState.RUNNING, JobState.DONE, JobState.FAILED),
            ends=(JobState.CANCELLED,),
        ),
    ),
)

TABLES: Final = (EDITION, JOB, UPLOAD)
LIFECYCLES: Final = Lifecycles[ScoringError](
    TABLES,
    {
        EditionStateError.code: (EditionStateError, "the {thing} is {state}"),
        FrozenError.code: (FrozenError, "the method of {subject} is frozen"),
    },
    STATELESS,
)
capability, refused, check = LIFECYCLES.capability, LIFECYCLES.refused, LIFECYCLES.check
