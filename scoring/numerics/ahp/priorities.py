"""Priorities of complete reciprocal matrices: the principal eigenvector and the row geometric mean, batched."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

import numpy as np

from scoring.numerics.errors import MethodError, NotConvergedError
from scoring.numerics.types import Priorities

if TYPE_CHECKING:
    from scoring.numerics.types import BoolArray, FloatArray

TOLERANCE = 1e-14  # by which a step may still move a weight
RESIDUAL = 1e-9  # of |Aw - λw| / λ: powers of an imprimitive matrix may stand still where it does not
STEPS_BEFORE_SQUARING = 24
SQUARINGS = 24


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
    that any primitive matrix arrives, and a standstill means that it has.

    Raises
    ------
    NotConvergedError
        A step of a high power of the matrix still moves a weight by more than 1e-14, or Aw is not λw.

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
    for _ in range(SQUARINGS + 1):
        weights[:, waiting], done = _iterate(power, weights[:, waiting])
        waiting = waiting[~done]
        if not waiting.size:
            break
        power = np.einsum("ijb,jkb->ikb", power[:, :, ~done], power[:, :, ~done])
        power = power / power.max(axis=(0, 1))
    image = np.einsum("ijb,jb->ib", stack, weights)
    largest = image.sum(axis=0)
    wrong = ~(np.abs(image - largest * weights).max(axis=0) <= RESIDUAL * largest)
    wrong[waiting] = True
    if wrong.any():
        lost = np.flatnonzero(wrong).tolist()
        raise NotConvergedError(f"{len(lost)} matrices have no principal eigenvector to 1e-14", matrices=lost)
    return np.ascontiguousarray(weights.T).reshape(*lead, n), largest.reshape(lead)


def _iterate(power: FloatArray, weights: FloatArray) -> tuple[FloatArray, BoolArray]:
    """Step until the weights (n, batch) stand still; returns them and which of them have arrived."""
    done = np.zeros(weights.shape[-1], dtype=bool)
    for step in range(1, STEPS_BEFORE_SQUARING + 1):
        before, weights = weights, np.einsum("ijb,jb->ib", power, weights)
        weights = weights / weights.sum(axis=0)
        if step % 4 == 0:
            done = np.asarray(np.abs(weights - before).max(axis=0) <= TOLERANCE)
            if done.all():
                break
    return weights, done
