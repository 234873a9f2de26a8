"""The rows of who is asked what, and what they answered."""

from surveys.models.framework import Criterion, Framework, FrameworkVersion
from surveys.models.judgement import Judgement, Skip, Submission
from surveys.models.panel import Mail, Panel, Panelist
from surveys.models.round import Comparison, Round

__all__ = [
    "Comparison",
    "Criterion",
    "Framework",
    "FrameworkVersion",
    "Judgement",
    "Mail",
    "Panel",
    "Panelist",
    "Round",
    "Skip",
    "Submission",
]
