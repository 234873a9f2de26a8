"""The receipt of a submission: its formula, which she can compute from her own file, and nobody without it."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

FORMULA = (
    "SHA-256, in hexadecimal, of the UTF-8 text of receipt_inputs written as JSON without blanks: the round, your secret, and "
    "your answers in the order of the indicator system as [question, item a, item b, how many times a matters more than b, "
    "with 12 significant digits]"
)


def receipt_inputs(round_uid: object, secret: str, answers: Iterable[tuple[str, str, str, float]]) -> list[Any]:
    """Return what a receipt is computed from, as plain data; the secret is random, and known to her alone."""
    return [str(round_uid), secret, [[node, a, b, f"{value:.12g}"] for node, a, b, value in answers]]


def receipt_of(inputs: list[Any]) -> str:
    """Return the receipt of its inputs."""
    text = json.dumps(inputs, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
