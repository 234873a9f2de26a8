"""Priorities of complete reciprocal matrices: the principal eigenvector and the row geometric mean, batched."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

import numpy as np

from scoring.numerics.errors import MethodError, NotConvergedError
from scoring.numerics.types import Priorities

if TYPE_CHECKING:
    from scoring.numerics.types import BoolArray, FloatArray

TOLERANCE = 1e-13
STEPS_BEFORE_SQUARING = 24
SQUARINGS = 12


def priorities(matrices: FloatArray, method: Priorities) -> FloatArray:
    """Return the priorities (..., n) of complete matrices (..., n, n) by the named method; each sums to 1."""
    if method == "eigenvector":
        return eigenvector(matrices)[0]
    if method == "geometric":
        return geometric(matrices)
    raise MethodError(
        f"no priorities are named {method}", parameter="priorities", got=method, allowed=get_args(Priorities)
    )


def geometric(matrices: FloatArray) -> FloatArray:
    """Return the normalised row geometric means, w_i ∝ (Π_j a_ij)^(1/n).

    Source: Crawford, G. & Williams, C. (1985), A note on the analysis of subjective judgment matrices, JMP 29, 387-405.
    """
    means = np.exp(np.log(matrices).mean(axis=-1))
    return np.asarray(means / means.sum(axis=-1, keepdims=True))


def eigenvector(matrices: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the principal right eigenvector (..., n), summing to 1, and λmax (...) of non-negative matrices (..., n, n).

    Power iteration from the row sums, all matrices side by side; those that are slow go on with squared matrices, so
    that any primitive matrix arrives.

    Raises
    ------
    NotConvergedError
        The relative residual |Aw - λw| / λ stays above 1e-13 · n.

    Source: Saaty, T. L. (1977), A scaling method for priorities in hierarchical structures, JMP 15, 234-281.
    """
    n = matrices.shape[-1]
    lead = matrices.shape[:-2]
    # the batch runs along the last, contiguous axis: one multiplication serves all matrices
    stack = np.ascontiguousarray(np.moveaxis(matrices.reshape(-1, n, n), 0, -1))
    weights = np.asarray(stack.sum(axis=1))
    weights /= weights.sum(axis=0)
    waiting = np.arange(stack.shape[-1])
    power = stack
    for round_ in range(SQUARINGS + 1):
        block, here = weights[:, waiting], stack[:, :, waiting] if round_ else stack
        block, done = _iterate(here, power, block)
        weights[:, waiting] = block
        waiting = waiting[~done]
        if not waiting.size:
            break
        power = np.einsum("ijb,jkb->ikb", power[:, :, ~done], power[:, :, ~done])
        power = power / power.max(axis=(0, 1))
    else:
        raise NotConvergedError(
            f"{waiting.size} matrices have no principal eigenvector to 1e-13", matrices=waiting.tolist()
        )
    largest = np.einsum("ijb,jb->b", stack, weights)
    return np.moveaxis(weights, -1, 0).reshape(*lead, n), largest.reshape(lead)


def _iterate(stack: FloatArray, power: FloatArray, weights: FloatArray) -> tuple[FloatArray, BoolArray]:
    """Step with ``power`` until ``stack``'s residual is small; returns the vectors and which of them have arrived."""
    n = stack.shape[0]
    done = np.zeros(weights.shape[-1], dtype=bool)
    for step in range(STEPS_BEFORE_SQUARING):
        weights = np.einsum("ijb,jb->ib", power, weights)
        weights = weights / weights.sum(axis=0)
        if step % 4 == 3:
            image = np.einsum("ijb,jb->ib", stack, weights)
            largest = image.sum(axis=0)
            done = np.asarray(np.abs(image - largest * weights).max(axis=0) <= TOLERANCE * n * largest)
            if done.all():
                break
    return weights, done
