"""Latents fitted to their picture: the encoder's, moved to where the decoder makes the most of them.

Near a picture's latents the decoder is almost linear. It is shown them again with one of them moved at a time; by what
its pictures change, least squares gives better latents (a Gauss–Newton step, damped as by Levenberg and Marquardt), and
tells what errors in the latents cost, alone and together, so that the quantiser can let one error make good another.
That is for small pictures. Larger ones, up to two megapixels, pass through encoder and decoder a second time.

All this is the encoder's business: the format of the files stays what it is.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from cae.codec.context_model import coding_order
from cae.progress import Advance, silent

MOST = 64
"""Latents of a picture up to which it is fitted; each of them costs a pass through the decoder."""
MOST_TWICE = 131_072
"""Latents of a picture up to which it gets a second pass, 2 megapixels; 12 took 1.8 times as long with it."""
MOVE = 0.1
"""How far a latent is moved, in standard deviations of the picture's latents."""
DAMPING = 1.0
"""What is added to the diagonal of a curvature, in parts of the diagonal's mean; chosen on digits held out. Less lowers
the error at high rates; more lowers the rate at low ones, where latents that have moved far are costly."""
AT_ONCE = 64
"""Pictures that are fitted at a time."""

Encode = Callable[[np.ndarray], np.ndarray]
"""Pictures uint8 (N, H, W) → latents float32 (N, h, w, 1)."""
Decode = Callable[[np.ndarray], np.ndarray]
"""Latents float32 (N, h, w, 1) → pictures uint8 (N, H, W)."""


@dataclass(frozen=True)
class Fitted:
    """Latents of pictures, and what errors in them cost; P = h · w latents are counted row by row."""

    latents: np.ndarray
    """float32 (N, h, w, 1)."""
    costs: np.ndarray | None = None
    """float32 (N, P): an error e in latent i adds costs[i] · e² to the picture's mean squared error over [0, 1], once
    the latents coded after it have been moved to make it good. None: each latent's error costs the same."""
    moves: np.ndarray | None = None
    """float32 (N, P, P): for that, moves[i, j] · e is subtracted from latent j; 0 but for those coded after i."""


def fitted(pictures: np.ndarray, latents: np.ndarray, decode: Decode, advance: Advance = silent) -> Fitted:
    """Fit the encoder's latents float32 (N, h, w, 1) to pictures uint8 (N, H, W), which `advance` counts."""
    parts = []
    for first in range(0, len(pictures), AT_ONCE):
        part = slice(first, first + AT_ONCE)
        parts.append(_fit(pictures[part], latents[part], decode))
        advance(len(latents[part]))
    moved, curvature = (np.concatenate(each) for each in zip(*parts, strict=True))
    return Fitted(moved, *sequential(curvature, coding_order(*latents.shape[1:3])))


def second_pass(latents: np.ndarray, encode: Encode, decode: Decode, share: float) -> np.ndarray:
    """The encoder's latents float32 (N, h, w, 1), moved by a share of what a second pass changes, against the change.

    The encoder is not the decoder's inverse: what the second pass changes, the first has changed about as much. Source:
    twicing, J. Tukey, Exploratory Data Analysis, 1977.
    """
    return latents + np.float32(share) * (latents - encode(decode(latents)))


def passes(latents: int) -> int:
    """How often the decoder is shown a picture of so many latents."""
    return latents + 1


def sequential(curvature: np.ndarray, order: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Costs and moves as in `Fitted`: what the error of a latent costs if those after it are moved to make it good.

    Source: E. Frantar et al., "GPTQ: accurate post-training quantization for generative pre-trained transformers",
    2023, section 3, there for weights, after B. Hassibi, D. Stork, "Optimal brain surgeon", 1993.

    Args:
        curvature: (N, P, P); errors e in all latents cost eᵀ · curvature · e.
        order: (P,), in which the latents are quantised.
    """
    costs, moves = np.empty(curvature.shape[:2], np.float32), np.empty(curvature.shape, np.float32)
    rank = np.argsort(order)
    for first in range(0, len(curvature), 16 * AT_ONCE):
        part = slice(first, first + 16 * AT_ONCE)
        inverse = np.linalg.inv(curvature[part][:, order][:, :, order].astype(np.float64))
        factors = np.linalg.cholesky((inverse + inverse.swapaxes(1, 2)) / 2).swapaxes(1, 2)
        diagonal = np.einsum("nii->ni", factors)
        costs[part] = (1 / diagonal**2)[:, rank]
        shares = factors / diagonal[..., np.newaxis] - np.eye(len(order))
        moves[part] = shares[:, rank][:, :, rank]
    return costs, moves


def _fit(pictures: np.ndarray, latents: np.ndarray, decode: Decode) -> tuple[np.ndarray, np.ndarray]:
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
    return (latents + step).astype(np.float32), curvature.astype(np.float32)
