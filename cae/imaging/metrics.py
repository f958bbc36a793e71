"""How far two images are apart, for batches (N, H, W, 1) of floats in [0, 1]."""

from collections.abc import Callable

import numpy as np

WINDOW = 11
SIGMA = 1.5
C1, C2 = 0.01**2, 0.03**2
"""(K·range)² with K₁ = 0.01, K₂ = 0.03 and values in [0, 1]."""

CHUNK_PIXELS = 200_000
"""Float64 temporaries hold about so many pixels, which bounds memory and stays in the processor's cache."""


def mse(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Mean squared error of each pair, in squared units of [0, 1]: two (N, H, W, 1) → float64 (N,).

    Raises `ValueError` if the shapes differ or are not of this kind.
    """
    return _by_chunks(lambda x, y: np.square(x - y).mean((1, 2)), a, b)


def psnr(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Peak signal-to-noise ratio of each pair in dB for a peak of 1; infinite where equal: two (N, H, W, 1) → (N,).

    Raises `ValueError` if the shapes differ or are not of this kind.
    """
    return decibels(mse(a, b))


def decibels(errors: np.ndarray) -> np.ndarray:
    """Mean squared errors in squared units of [0, 1], of any shape → PSNR in dB; infinite where there is no error."""
    errors = np.asarray(errors, np.float64)
    return -10 * np.log10(errors, where=errors > 0, out=np.full_like(errors, -np.inf))


def ssim(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Structural similarity of each pair, at most 1: two (N, H, W, 1), sides of at least 11 → float64 (N,).

    The mean over all windows that lie inside: Gaussian, 11×11, σ = 1.5, K₁ = 0.01, K₂ = 0.03, population covariance.
    Source: Z. Wang, A. Bovik, H. Sheikh, E. Simoncelli, "Image quality assessment: from error visibility to structural
    similarity", 2004. Raises `ValueError` if the shapes differ or a side is shorter than a window.
    """
    if np.ndim(a) == 4 and min(a.shape[1:3]) < WINDOW:
        raise ValueError(f"SSIM needs images of at least {WINDOW}×{WINDOW} pixels, not {a.shape[1]}×{a.shape[2]}.")
    return _by_chunks(_ssim, a, b)


def _ssim(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    mean_a, mean_b = _blur(a), _blur(b)
    product, squares = mean_a * mean_b, mean_a**2 + mean_b**2
    covariance = _blur(a * b) - product
    variances = _blur(a**2 + b**2) - squares
    similarity = (2 * product + C1) * (2 * covariance + C2) / ((squares + C1) * (variances + C2))
    return similarity.mean((1, 2))


def _blur(images: np.ndarray) -> np.ndarray:
    """The Gaussian mean of every whole window, one axis after the other: (N, H, W) → (N, H − 10, W − 10)."""
    weights = np.exp(-0.5 * (np.arange(WINDOW) - WINDOW // 2) ** 2 / SIGMA**2)
    weights /= weights.sum()
    height, width = images.shape[1] - WINDOW + 1, images.shape[2] - WINDOW + 1
    rows = sum(weight * images[:, k : k + height] for k, weight in enumerate(weights))
    return sum(weight * rows[:, :, k : k + width] for k, weight in enumerate(weights))


def _by_chunks(measure: Callable[[np.ndarray, np.ndarray], np.ndarray], a: np.ndarray, b: np.ndarray) -> np.ndarray:
    a, b = np.asarray(a), np.asarray(b)
    if a.shape != b.shape:
        raise ValueError(f"The two batches must have the same shape, not {a.shape} and {b.shape}.")
    if a.ndim != 4 or a.shape[-1] != 1 or 0 in a.shape[1:3]:
        raise ValueError(f"Batches of images must have the shape (N, height, width, 1), not {a.shape}.")
    step = max(1, CHUNK_PIXELS // (a.shape[1] * a.shape[2]))
    starts = range(0, len(a), step)
    chunks = ((x[start : start + step, ..., 0].astype(np.float64) for x in (a, b)) for start in starts)
    return np.concatenate([measure(x, y) for x, y in chunks] or [np.zeros(0)])
