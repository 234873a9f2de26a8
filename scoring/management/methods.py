"""How judgements become weights, as options of a command."""

from __future__ import annotations

import math
from argparse import ArgumentTypeError
from typing import TYPE_CHECKING, Any, Final, get_args

from scoring.numerics.types import ConsensusMethod, Group, Incomplete, Priorities, RandomIndex, Scale

if TYPE_CHECKING:
    from argparse import ArgumentParser
    from collections.abc import Mapping

DEFAULT: Final = ConsensusMethod()
OPTIONS: Final = (
    "scale", "priorities", "incomplete", "group", "random_index", "cr_max", "seed", "stratified", "combine",
)  # fmt: skip


def natural(text: str) -> int:
    """Read a whole number from 0."""
    if not (text.isascii() and text.isdigit()):
        raise ArgumentTypeError(f"a whole number from 0 is allowed, got {text}")
    return int(text)


def limit(text: str) -> float:
    """Read a number from 0."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 <= value < math.inf:
        raise ArgumentTypeError(f"a number from 0 is allowed, got {text}")
    return value


def add_method(parser: ArgumentParser) -> None:
    """Add every choice of the method but the number of draws."""
    parser.add_argument("--scale", choices=get_args(Scale), default=DEFAULT.scale)
    parser.add_argument("--priorities", choices=get_args(Priorities), default=DEFAULT.priorities)
    parser.add_argument("--incomplete", choices=get_args(Incomplete), default=DEFAULT.incomplete)
    parser.add_argument("--group", choices=get_args(Group), default=DEFAULT.group)
    parser.add_argument("--random-index", choices=get_args(RandomIndex), default=DEFAULT.random_index)
    parser.add_argument("--cr-max", type=limit, help="leave out matrices above this consistency ratio")
    parser.add_argument("--seed", type=natural, default=DEFAULT.seed, help="of the draws of weights")
    parser.add_argument("--stratified", action="store_true", help="draw experts within their groups")
    parser.add_argument("--combine", action="store_true", help="draw the group and priority method too")


def method_of(options: Mapping[str, Any], *, draws: int = 0) -> ConsensusMethod:
    """Return the method that the options name.

    Raises
    ------
    MethodError
        A number that it does not allow.
    """
    return ConsensusMethod(**{name: options[name] for name in OPTIONS}, draws=draws)
