"""The rows of who is asked what, and what they answered."""

from surveys.models.consent import Consent, ConsentWording
from surveys.models.framework import Criterion, Framework, FrameworkChange, FrameworkVersion
from surveys.models.judgement import Comment, Judgement, NodeChoice, Submission, TripleDecision
from surveys.models.panel import Device, Link, LinkRequest, Mail, Panel, Panelist
from surveys.models.publication import PublicationCode, ReceiptSecret
from surveys.models.round import Comparison, Round

__all__ = [
    "Comment",
    "Comparison",
    "Consent",
    "ConsentWording",
    "Criterion",
    "Device",
    "Framework",
    "FrameworkChange",
    "FrameworkVersion",
    "Judgement",
    "Link",
    "LinkRequest",
    "Mail",
    "NodeChoice",
    "Panel",
    "Panelist",
    "PublicationCode",
    "ReceiptSecret",
    "Round",
    "Submission",
    "TripleDecision",
]
