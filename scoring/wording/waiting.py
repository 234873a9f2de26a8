"""What waits on somebody, and which step of an edition comes next, in the reader's language; and where each is settled."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.names import localised

if TYPE_CHECKING:
    from scoring.queries.desk.home import HomeEdition
    from scoring.queries.desk.waiting import Matter

WORK_FAILED = {
    "consensus": gettext_lazy("The weights were not computed"),
    "scoring": gettext_lazy("The edition was not scored"),
    "bundle": gettext_lazy("The files of a release were not built"),
    "upload": gettext_lazy("The files that were sent could not be read"),
}
WORK_SILENT = {
    "consensus": gettext_lazy("Nothing is heard of the computation of the weights"),
    "scoring": gettext_lazy("Nothing is heard of the scoring"),
    "bundle": gettext_lazy("Nothing is heard of the files of a release"),
    "upload": gettext_lazy("Nothing is heard of the files that were sent"),
}
UPLOADS = {
    ("upload_draft", "data"): gettext_lazy("Data that were sent wait to be confirmed"),
    ("upload_draft", "units"): gettext_lazy("A list of units that was sent waits to be confirmed"),
    ("upload_refused", "data"): gettext_lazy("Data that were sent have problems to answer"),
    ("upload_refused", "units"): gettext_lazy("A list of units that was sent has problems to answer"),
}
ACTIONS = {
    "approval_asked": gettext_lazy("Read and approve"),
    "link_request": gettext_lazy("Decide"),
    "mail_returned": gettext_lazy("See whose"),
    "round_ends": gettext_lazy("See the round"),
    "work_failed": gettext_lazy("See why"),
    "work_silent": gettext_lazy("See how far it is"),
    "upload_draft": gettext_lazy("Confirm or drop"),
    "upload_refused": gettext_lazy("See the problems"),
    "invitation_over": gettext_lazy("Invite again or withdraw"),
    "invitation_returned": gettext_lazy("Invite again or withdraw"),
}
MARKS = {
    "mail_returned": "wrong",
    "work_failed": "wrong",
    "upload_refused": "wrong",
    "invitation_returned": "wrong",
}
"""Which of `.state-…` marks it, where that is not ``next``."""
NEXT = {
    "framework": gettext_lazy("Choose a framework"),
    "panel": gettext_lazy("Gather the panel"),
    "round": gettext_lazy("Plan a round"),
    "consensus": gettext_lazy("Compute the weights"),
    "recipe": gettext_lazy("Settle the recipe"),
    "units": gettext_lazy("Bring the list of units"),
    "freeze": gettext_lazy("Freeze the method"),
    "data": gettext_lazy("Bring the data"),
    "scoring": gettext_lazy("Score the edition"),
    "release": gettext_lazy("Release the edition"),
}
RUNNING = {
    "consensus": gettext_lazy("The weights are being computed"),
    "scoring": gettext_lazy("The edition is being scored"),
}


def what(matter: Matter) -> str:
    """Say what waits."""
    if matter.kind == "approval_asked":
        return _("A method waits for the approval of a second person")
    if matter.kind == "work_failed":
        return str(WORK_FAILED[matter.work])
    if matter.kind == "work_silent":
        return str(WORK_SILENT[matter.work])
    if matter.work == "upload":
        return str(UPLOADS[matter.kind, matter.step])
    return _counted(matter)


def _counted(matter: Matter) -> str:
    count = matter.count
    if matter.kind == "link_request":
        words = ngettext(
            "{count} request at the door of a personal link", "{count} requests at the doors of personal links", count
        )
    elif matter.kind == "mail_returned":
        words = ngettext(
            "Mail to {count} panelist was not delivered", "Mails to {count} panelists were not delivered", count
        )
    elif matter.kind == "round_ends":
        words = ngettext(
            "The round ends soon: {count} of {invited} has not handed in",
            "The round ends soon: {count} of {invited} have not handed in",
            count,
        )
    elif matter.kind == "invitation_over":
        words = ngettext(
            "{count} invitation to a role ended untaken", "{count} invitations to roles ended untaken", count
        )
    else:
        words = ngettext(
            "The mail of {count} invitation to a role was not delivered",
            "The mails of {count} invitations to roles were not delivered",
            count,
        )
    return words.format(count=count, invited=matter.invited)


def place(matter: Matter) -> str:
    """Say at which edition or panel it waits; empty where it is the series."""
    if matter.edition:
        return _("Edition {edition}").format(edition=matter.edition)
    if not matter.panel:
        return ""
    panel = localised(matter.panel)
    if matter.round_uid is None:
        return panel
    return _("{panel}, round {number}").format(panel=panel, number=matter.round_number)


def action(matter: Matter) -> str:
    """Say what its link leads to."""
    return str(ACTIONS[matter.kind])


def mark(matter: Matter) -> str:
    """Return how its line is marked."""
    return MARKS.get(matter.kind, "next")


def address(matter: Matter) -> str:
    """Return the page where it is settled."""
    if matter.edition:
        return f"{reverse('scoring:desk_edition', args=[matter.series, matter.edition])}#{matter.step}"
    if matter.kind.startswith("invitation"):
        return reverse("people", args=[matter.series])
    if matter.round_uid is None:
        return reverse("scoring:desk_series", args=[matter.series])
    page = reverse("surveys:desk_round", kwargs={"series": matter.series, "uid": matter.round_uid})
    return f"{page}#{'requests' if matter.kind == 'link_request' else 'people'}"


def next_step(edition: HomeEdition) -> str:
    """Say what comes next for an edition."""
    step = edition.next
    if step is None:
        return _released(edition)
    if step.state == "running":
        return str(RUNNING[step.key])
    if step.state == "failed":
        return str(WORK_FAILED[step.key])
    round_ = edition.round
    if step.key == "round" and round_ is not None:
        words = (
            _("Round {number}: {submitted} of {invited} have handed in") if round_.is_open else _("Open round {number}")
        )
        return words.format(number=round_.number, submitted=round_.submitted, invited=round_.invited)
    if step.key == "release" and edition.awaits_correction:
        return _("Release the correction")
    return str(NEXT[step.key])


def _released(edition: HomeEdition) -> str:
    day = date_format(edition.released_at, "SHORT_DATE_FORMAT") if edition.released_at else ""
    return _("Release {number} of {day}").format(number=edition.release, day=day)
