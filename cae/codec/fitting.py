"""Latents fitted to their picture: the encoder's, moved to where the decoder makes the most of them.

Near a picture's latents the decoder is almost linear. It is shown them again with one of them moved at a time; by what
its pictures change, least squares gives better latents (a Gauss–Newton step, damped as by Levenberg and Marquardt), and
tells what errors in the latents cost, alone and together, so that the quantiser can let one error make good another.
In pictures with more latents, many of them far from each other are moved at a time: see `local_fitting`.

All this is the encoder's business: the format of the files stays what it is.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from cae.codec import local_fitting
from cae.codec.context_model import coding_order
from cae.progress import Advance, silent

MOST_ALONE = 64
"""Latents of a picture up to which each of them is moved alone, and costs a pass through the decoder."""
MOST = 32_768
"""Latents of a picture up to which it is fitted: half a megapixel, in colour about ten seconds on two cores."""
MOVE = 0.1
"""How far a latent is moved, in standard deviations of the picture's latents."""
DAMPING = 1.0
"""What is added to the diagonal of a curvature, in parts of the diagonal's mean; chosen on digits held out. Less lowers
the error at high rates; more lowers the rate at low ones, where latents that have moved far are costly."""
AT_ONCE = 64
"""Pictures that are fitted at a time, where each latent is moved alone."""
AT_ONCE_LOCALLY = 16_384
"""Latents, at least of one picture, that are fitted at a time where many are moved."""

Decode = Callable[[np.ndarray], np.ndarray]
"""Latents float32 (N, h, w, 1) → pictures uint8 (N, H, W)."""


@dataclass(frozen=True)
class Fitted:
    """Latents of pictures, and what errors in them cost; P = h · w latents are counted row by row."""

    latents: np.ndarray
    """float32 (N, h, w, 1)."""
    costs: np.ndarray | None = None
    """float32 (N, P): an error e in latent i adds costs[i] · e² to the picture's mean squared error over [0, 1], once
    the latents coded after it have been moved to make it good; above `MOST_ALONE` latents, to that of 28×28 pixels.
    None: each latent's error costs the same."""
    moves: np.ndarray | None = None
    """float32 (N, P, M): for that, moves[i, j] · e is subtracted from latent moved[i, j], which is coded after i."""
    moved: np.ndarray | None = None
    """int64 (P, M); where it is P there is no such latent."""


def fitted(pictures: np.ndarray, latents: np.ndarray, decode: Decode, advance: Advance = silent) -> Fitted:
    """Fit the encoder's latents float32 (N, h, w, 1) to pictures uint8 (N, H, W), which `advance` counts."""
    height, width = latents.shape[1:3]
    values = height * width
    if values <= MOST_ALONE:
        fit, at_once, moved = _fit, AT_ONCE, np.tile(np.arange(values), (values, 1))
    else:
        fit, at_once = local_fitting.fit, max(1, AT_ONCE_LOCALLY // values)
        moved = local_fitting.later_places(height, width)
    parts = []
    for first in range(0, len(pictures), at_once):
        part = slice(first, first + at_once)
        parts.append(fit(pictures[part], latents[part], decode))
        advance(len(latents[part]))
    found, costs, moves = (np.concatenate(each) for each in zip(*parts, strict=True))
    return Fitted(found, costs, moves, moved)


def passes(latents: int) -> int:
    """How often the decoder is shown a picture of so many latents."""
    return 1 + (latents if latents <= MOST_ALONE else local_fitting.SPACING**2)


def sequential(curvature: np.ndarray, order: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Costs and moves as in `Fitted`: what the error of a latent costs if those after it are moved to make it good.

    The moves are those of all latents, (N, P, P), and 0 for the ones coded before.

    Source: E. Frantar et al., "GPTQ: accurate post-training quantization for generative pre-trained transformers",
    2023, section 3, there for weights, after B. Hassibi, D. Stork, "Optimal brain surgeon", 1993.

    Args:
        curvature: (N, P, P); errors e in all latents cost eᵀ · curvature · e.
        order: (P,), in which the latents are quantised.
    """
    rank = np.argsort(order)
    inverse = np.linalg.inv(curvature[:, order][:, :, order].astype(np.float64))
    factors = np.linalg.cholesky((inverse + inverse.swapaxes(1, 2)) / 2).swapaxes(1, 2)
    diagonal = np.einsum("nii->ni", factors)
    costs = (1 / diagonal**2)[:, rank]
    moves = (factors / diagonal[..., np.newaxis] - np.eye(len(order)))[:, rank][:, :, rank]
    return costs.astype(np.float32), moves.astype(np.float32)


def _fit(pictures: np.ndarray, latents: np.ndarray, decode: Decode) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Latents, costs and moves of pictures, each latent of which is moved alone."""
    count, values = len(pictures), latents[0].size
    move = MOVE * np.maximum(latents.std((1, 2, 3), keepdims=True), 1e-3)
    moved = latents[:, np.newaxis] + move[:, np.newaxis] * np.eye(values).reshape(1, values, *latents.shape[1:])
    shown = np.concatenate([latents[:, np.newaxis], moved], 1).reshape(-1, *latents.shape[1:])
    decoded = decode(shown.astype(np.float32)).reshape(count, 1 + values, -1) / np.float32(255)
    slopes = (decoded[:, 1:] - decoded[:, :1]) / move.reshape(count, 1, 1)
    missing = pictures.reshape(count, -1) / np.float32(255) - decoded[:, 0]
    curvature = slopes @ slopes.swapaxes(1, 2) / missing.shape[1]
    damping = DAMPING * np.maximum(np.einsum("nii->n", curvature) / values, 1e-9)
    curvature += damping[:, np.newaxis, np.newaxis] * np.eye(values, dtype=np.float32)
    pull = slopes @ missing[..., np.newaxis] / missing.shape[1]
    step = np.linalg.solve(curvature, pull).reshape(latents.shape)
    return (latents + step).astype(np.float32), *sequential(curvature, coding_order(*latents.shape[1:3]))
