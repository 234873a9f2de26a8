"""Refusals of the arithmetic, by name: each carries a code and the facts; the wording for people lives with the pages."""

from __future__ import annotations


class NumericsError(ValueError):
    """The arithmetic refuses: ``code`` names the refusal, ``facts`` hold what, where and which values."""

    code = "numerics"

    def __init__(self, message: str, **facts: object) -> None:
        """Keep the English sentence for logs and commands, and the facts for translated pages."""
        super().__init__(message)
        self.facts = facts


class NotReciprocalError(NumericsError):
    """a_ji is not 1 / a_ij, or the diagonal is not 1."""

    code = "not_reciprocal"


class NotPositiveError(NumericsError):
    """A judgement, a weight or a ratio is zero, negative or infinite where it must be positive."""

    code = "not_positive"


class DisconnectedError(NumericsError):
    """The answered pairs leave items apart: facts["parts"] lists the groups of items that no answer joins."""

    code = "disconnected"


class NotConvergedError(NumericsError):
    """An iteration ended without reaching its tolerance; no answer is given."""

    code = "not_converged"


class NoRandomIndexError(NumericsError):
    """The named random-index table has no value for n items."""

    code = "no_random_index"


class OffScaleError(NumericsError):
    """A judgement lies outside the named scale."""

    code = "off_scale"


class NoJudgementsError(NumericsError):
    """Nobody answered a node that needs an answer: facts["node"] names it."""

    code = "no_judgements"


class ConstantIndicatorError(NumericsError):
    """A column has one value only where a spread is needed: facts["indicator"]."""

    code = "constant_indicator"


class NonPositiveValueError(NumericsError):
    """A value ≤ 0 under a geometric or harmonic mean: facts["unit"], facts["indicator"]."""

    code = "non_positive_value"


class EmptyGroupError(NumericsError):
    """A group has no value to impute from: facts["group"], facts["indicator"]."""

    code = "empty_group"


class TreeError(NumericsError):
    """The criteria do not form one tree: cycle, two roots, unknown parent, duplicate code."""

    code = "tree"


class MethodError(NumericsError):
    """A method name or a parameter is not among the allowed ones: facts["allowed"]."""

    code = "method"


class NothingToRankError(NumericsError):
    """No unit or no indicator is left after the screen."""

    code = "nothing_to_rank"


class NoYardstickError(NumericsError):
    """The result has no stored parameters of treatment and normalisation to place other values on: facts["indicators"]."""

    code = "no_yardstick"


class NotRankedError(NumericsError):
    """The unit has no rank, so nothing can be said of its moving: facts["unit"]."""

    code = "not_ranked"


class TooFewPeersError(NumericsError):
    """Fewer ranked peers than a comparison needs: facts["needed"], facts["got"]."""

    code = "too_few_peers"


class TooFewDrawsError(NumericsError):
    """Too few draws for a statement about all units at once: facts["draws"], facts["gamma"]."""

    code = "too_few_draws"


class UnrankedDrawsError(NumericsError):
    """Too many draws leave a ranked unit without a rank: facts["draws"], facts["got"]."""

    code = "unranked_draws"


class NoImportanceError(NumericsError):
    """Importance is not defined at a node: facts["reason"] is ``few_units`` or ``constant_score``."""

    code = "no_importance"


class ImpossibleValueError(NumericsError):
    """A value that cannot be: facts["indicator"], facts["low"], facts["high"], facts["got"]."""

    code = "impossible_value"
