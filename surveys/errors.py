"""Named refusals of the surveys app: each carries a code and facts; the wording lives with pages and translations."""

from __future__ import annotations


class SurveyError(Exception):
    """A use-case refuses: ``code`` names the refusal, ``facts`` hold what and where."""

    code = "survey"

    def __init__(self, message: str, **facts: object) -> None:
        """Keep the English sentence for logs and commands, and the facts for translated pages."""
        super().__init__(message)
        self.facts = facts


class RoundStateError(SurveyError):
    """The subject is not in a state that allows the move: facts["state"], facts["allowed"]."""

    code = "wrong_state"


class UnknownLinkError(SurveyError):
    """No panelist has this link: unknown, expired and withdrawn look alike."""

    code = "unknown_link"


class NotAskedError(SurveyError):
    """The pair is not part of this panelist's round."""

    code = "not_asked"


class BadJudgementError(SurveyError):
    """The value is not on the scale, or the comment is refused: facts["field"], facts["allowed"]."""

    code = "bad_judgement"


class AlreadySubmittedError(SurveyError):
    """The panelist has handed in this round."""

    code = "already_submitted"


class NothingAnsweredError(SurveyError):
    """There is no complete node to hand in."""

    code = "nothing_answered"


class BadPanelError(SurveyError):
    """A panelist's row is refused: facts["field"], facts["allowed"]."""

    code = "bad_panel"


class PanelistStateError(SurveyError):
    """What became of a panelist or her panel does not allow it: facts["reason"]."""

    code = "panelist_state"


class BadFrameworkError(SurveyError):
    """The criteria do not form a usable tree: facts name the criterion."""

    code = "bad_framework"


class CriterionError(BadFrameworkError):
    """A change of the tree is refused: facts["field"], and facts["why"] as `surveys.wording.frameworks` words it."""

    code = "bad_framework"


class StaleDraftError(SurveyError):
    """Somebody changed the draft since it was read: facts["revision"] is the present one."""

    code = "stale_draft"


class OverlapError(SurveyError):
    """Two rounds of a panel would be asked at once, or one stands in the way of another: facts["round"] is its number.

    facts["why"] is "asked" (it is asked, or planned, in these hours; facts["until"]), "followed" (it follows, and takes
    answers from here) or "elsewhere" (it is of another panel or framework version).
    """

    code = "overlap"


class BadDateError(SurveyError):
    """A date of a round is refused: facts["field"], and facts["why"].

    It is "passed", "before_opening", "not_later" (facts["than"] is the end that stands) or "endless" (there is none).
    """

    code = "bad_date"


class LockedRoundError(SurveyError):
    """A frozen method stands on the round: it is not opened again."""

    code = "round_locked"


class ConflictError(SurveyError):
    """Another window answered this pair first: facts["version"], facts["value"], facts["at"]."""

    code = "conflict"
