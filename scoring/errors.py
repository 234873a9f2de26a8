"""Named refusals of the scoring app: each carries a code and facts; the wording lives with pages and translations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from exchange.problems import MOST_COUNTED, MOST_LISTED

if TYPE_CHECKING:
    from collections.abc import Iterable

    from exchange.problems import FileProblem


class ScoringError(Exception):
    """A use-case refuses: ``code`` names the refusal, ``facts`` hold what and where."""

    code = "scoring"

    def __init__(self, message: str, **facts: object) -> None:
        """Keep the English sentence for logs and commands, and the facts for translated pages."""
        super().__init__(message)
        self.facts = facts


class EditionStateError(ScoringError):
    """The subject is not in a state that allows the move: facts["state"], facts["allowed"]."""

    code = "wrong_state"


class FrozenError(ScoringError):
    """A freeze, a release or a dataset in use refuses every change."""

    code = "frozen"


class RoundNotClosedError(ScoringError):
    """Consensus is computed on a closed round only."""

    code = "round_not_closed"


class MissingPartError(ScoringError):
    """The edition lacks a part that the step needs: facts["part"]."""

    code = "missing_part"


class NotApprovedError(ScoringError):
    """A second person has to agree first, or cannot: facts["reason"] is missing, changed, own, not_asked or nobody."""

    code = "not_approved"


class BadEditionError(ScoringError):
    """An edition cannot be made so: facts["field"]."""

    code = "bad_edition"


class DatasetError(ScoringError):
    """The data do not fit the framework or the known units: ``problems`` lists everything found, up to `MOST_COUNTED`."""

    code = "dataset"

    def __init__(self, problems: Iterable[FileProblem]) -> None:
        """Keep all problems; the message has one line each."""
        self.problems = tuple(problems)[:MOST_COUNTED]
        super().__init__("", problems=self.problems)

    def __str__(self) -> str:
        """One line each of the first `MOST_LISTED` problems."""
        return "\n".join(map(str, self.problems[:MOST_LISTED]))


class UploadUnderWayError(ScoringError):
    """Files are sent while others of their kind are still being taken in: facts["upload"]."""

    code = "upload_under_way"


class DataChangedError(ScoringError):
    """Files are confirmed that were compared with data which do not stand any more: facts["upload"]."""

    code = "data_changed"


class LostClaimError(ScoringError):
    """A worker's claim on a job is gone: cancelled, or taken over after it fell silent; nothing of it is written."""

    code = "lost_claim"


class JudgementsChangedError(ScoringError):
    """The round's judgements are no longer those the consensus was asked for, or computed from."""

    code = "judgements_changed"


class NothingChangedError(ScoringError):
    """A correction brings the data of the release it would supersede: facts["release"]."""

    code = "nothing_changed"


class SameMethodError(ScoringError):
    """A method is frozen again without anything being another: facts["number"], of the freeze before."""

    code = "same_method"


class LicenceUnknownError(ScoringError):
    """A release would publish values whose source has no known licence: facts["sources"], empty for values without one."""

    code = "licence_unknown"


class BundleError(ScoringError):
    """A release bundle is incomplete, altered or does not recompute: facts["where"]."""

    code = "bundle"
