"""Who is asked about three answers: simulated experts, by the rule that knows the list's ends and by one that does not.

``make simulation`` runs this file and writes its part of ``docs/validation.md``; the test beside it runs fewer experts.
"""

from __future__ import annotations

import platform
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from scoring.numerics.ahp.contradictions import LEVELS, WORTH_SHOWING, contradictions

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scoring.numerics.ahp.contradictions import AnswerList
    from scoring.numerics.types import FloatArray

ROOT = Path(__file__).resolve().parents[2]
MARK = "<!-- three answers -->"  # simulation.py and published.py keep what stands from here on
SIZES = (3, 4, 6, 8, 10, 12)
EXPERTS = 1000
SEED = 2022
SPREAD = 0.89  # of an expert's own log weights: that of real groups and of real experts about them, as in simulation.py
NOISES = (0.0, 0.3, 0.7)  # of a logarithm; the last is that of real judgements


@dataclass(frozen=True)
class Asked:
    """The share of experts who are asked about three answers at least once, and who would be if the list had no ends."""

    items: int
    taken_from: AnswerList
    noise: float
    share: float
    without_ends: float


def simulate(items: int, taken_from: AnswerList, noise: float, *, experts: int, seed: int) -> Asked:
    """Simulate experts who answer every pair by the nearest answer of the list to their own ratio with noise."""
    rng = np.random.default_rng((seed, items))
    levels = np.log(LEVELS[taken_from])
    own = SPREAD * rng.standard_normal((experts, items))
    asked = without_ends = 0
    for logs in own:
        meant = logs[:, None] - logs + noise * rng.standard_normal((items, items))
        nearest = levels[np.searchsorted((levels[1:] + levels[:-1]) / 2, meant)]
        upper = np.triu(nearest, 1)
        given = upper - upper.T
        asked += any(one.is_worth_showing for one in contradictions(np.exp(given), taken_from))
        without_ends += bool(_far_from_fitting(given))
    return Asked(items, taken_from, noise, asked / experts, without_ends / experts)


def _far_from_fitting(logs: FloatArray) -> bool:
    """Say whether three of the answers miss each other by a factor of four, or go in a circle, whatever the list."""
    around = logs[:, :, None] + logs[None, :, :] + logs.T[:, None, :]
    signs = np.sign(np.round(logs, 12))
    circular = (signs[:, :, None] == signs[None, :, :]) & (signs[None, :, :] == signs.T[:, None, :])
    circular &= signs[:, :, None] != 0
    return bool((np.abs(around) >= WORTH_SHOWING - 1e-9).any() or circular.any())


def report(found: Iterable[Asked]) -> str:
    """Write this file's part of the page in Markdown."""
    machine = f"{platform.machine()}, Python {platform.python_version()}, {datetime.now(UTC):%Y-%m-%d}"
    by_case = {(one.items, one.taken_from, one.noise): one for one in found}
    lists = ("five", "finer")
    heads = [f"{name}, noise {noise:g}" for name in ("Five answers", "Finer steps") for noise in NOISES]
    lines = [f"| Items | {' | '.join(heads)} |", f"|{' ---: |' * (1 + len(heads))}"]
    for items in SIZES:
        row = [by_case[items, taken_from, noise] for taken_from in lists for noise in NOISES]
        lines.append(f"| {items} | {' | '.join(f'{one.share:.0%} ({one.without_ends:.0%})' for one in row)} |")
    return f"""{MARK}

## Who is asked about three answers, simulated

Three answers are asked about where no weights fit what they stand for, given the list that they were taken from, and they
miss each other by a factor of four or go in a circle. In brackets: the same without the first condition, which asks about
what the list could not say. Somebody whose answers have no noise is never asked; the rule's price is what it no longer asks
where there is noise. `make simulation` writes this part of the page again. Last run: {machine}.

{EXPERTS} experts for each case, seed {SEED}: own weights whose logarithms have the standard deviation {SPREAD}, every pair answered by
the answer nearest to the ratio with noise (standard deviation of the logarithm; 0.7 is that of real judgements).

{chr(10).join(lines)}
"""


def run(experts: int = EXPERTS) -> list[Asked]:
    """Simulate every case."""
    cases = [(items, taken_from, noise) for items in SIZES for taken_from in ("five", "finer") for noise in NOISES]
    return [simulate(*case, experts=experts, seed=SEED) for case in cases]


if __name__ == "__main__":
    page = ROOT / "docs" / "validation.md"
    before = page.read_text(encoding="utf-8").partition(MARK)[0].rstrip()
    page.write_text(f"{before}\n\n{report(run())}", encoding="utf-8")
