"""How far pictures are apart: mean squared error (MSE), peak signal-to-noise ratio (PSNR), structural similarity.

`distortion` compares two pictures uint8 (H, W) or (H, W, 3). `mse`, `psnr` and `ssim` compare two batches of grey
images pair by pair: (N, H, W) or (N, H, W, 1), uint8 or floats in [0, 1]. All results are for values in [0, 1].
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from cae.imaging.colour import luma

WINDOW = 11
SIGMA = 1.5
C1, C2 = 0.01**2, 0.03**2
"""(K·range)² with K₁ = 0.01, K₂ = 0.03 and values in [0, 1]."""

CHUNK_PIXELS = 200_000
"""Float64 temporaries hold about so many pixels, which bounds memory and stays in the processor's cache."""


@dataclass(frozen=True)
class Distortion:
    """How far a decoded picture is from the original."""

    mse: float
    """Mean squared error over all values, of colour over R, G and B alike, in squared units of [0, 1]."""
    psnr: float
    """In dB for a peak of 1; infinite where the two are equal."""
    ssim: float | None
    """At most 1; of pictures in colour that of the luma. None for pictures smaller than its window of 11×11."""


def distortion(picture: np.ndarray, decoded: np.ndarray) -> Distortion:
    """Compare two pictures of one shape, uint8 (H, W) or (H, W, 3).

    Raises:
        ValueError: the arrays differ in shape or are not of this kind.
    """
    for each in (picture, decoded):
        if each.dtype != np.uint8 or each.shape != picture.shape or each.shape[2:] not in ((), (3,)):
            raise ValueError(
                "Two pictures uint8 (H, W) or (H, W, 3) must have the same shape, "
                f"not {picture.dtype} {picture.shape} and {decoded.dtype} {decoded.shape}."
            )
    height, width = picture.shape[:2]
    error = float(mse(*(each.reshape(1, height, -1) for each in (picture, decoded)))[0])
    has_window = min(height, width) >= WINDOW
    similarity = float(ssim(luma(picture)[np.newaxis], luma(decoded)[np.newaxis])[0]) if has_window else None
    return Distortion(error, float(decibels(error)), similarity)


def mse(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Mean squared error of each pair, in squared units of [0, 1]: two batches → float64 (N,).

    Raises `ValueError` if the shapes differ or are not those of batches.
    """
    return _mean(lambda x, y: np.square(x - y), 1, a, b)


def psnr(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Peak signal-to-noise ratio of each pair in dB for a peak of 1; infinite where equal: two batches → float64 (N,).

    Raises `ValueError` if the shapes differ or are not those of batches.
    """
    return decibels(mse(a, b))


def decibels(errors: ArrayLike) -> np.ndarray:
    """Mean squared errors in squared units of [0, 1], of any shape → PSNR in dB; infinite where there is no error.

    >>> decibels([0.01, 0.001, 0.0]).tolist()
    [20.0, 30.0, inf]
    """
    errors = np.asarray(errors, np.float64)
    return -10 * np.log10(errors, where=errors > 0, out=np.full_like(errors, -np.inf))


def ssim(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Structural similarity of each pair, at most 1: two batches with sides of at least 11 → float64 (N,).

    The mean over all windows that lie inside: Gaussian, 11×11, σ = 1.5, K₁ = 0.01, K₂ = 0.03, population covariance.
    Source: Z. Wang, A. Bovik, H. Sheikh, E. Simoncelli, "Image quality assessment: from error visibility to structural
    similarity", 2004. Raises `ValueError` if the shapes differ or a side is shorter than a window.
    """
    return _mean(_similarity, WINDOW, a, b)


def _similarity(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """SSIM of each whole window: (N, H, W) → (N, H − 10, W − 10)."""
    mean_a, mean_b = _blur(a), _blur(b)
    product, squares = mean_a * mean_b, mean_a**2 + mean_b**2
    covariance = _blur(a * b) - product
    variances = _blur(a**2 + b**2) - squares
    return (2 * product + C1) * (2 * covariance + C2) / ((squares + C1) * (variances + C2))


def _blur(images: np.ndarray) -> np.ndarray:
    """The Gaussian mean of every whole window, one axis after the other: (N, H, W) → (N, H − 10, W − 10)."""
    weights = np.exp(-0.5 * (np.arange(WINDOW) - WINDOW // 2) ** 2 / SIGMA**2)
    weights /= weights.sum()
    height, width = images.shape[1] - WINDOW + 1, images.shape[2] - WINDOW + 1
    rows = sum(weight * images[:, k : k + height] for k, weight in enumerate(weights))
    return sum(weight * rows[:, :, k : k + width] for k, weight in enumerate(weights))


def _mean(
    measure: Callable[[np.ndarray, np.ndarray], np.ndarray], window: int, a: np.ndarray, b: np.ndarray
) -> np.ndarray:
    """The mean of a measure over all windows of each pair, float64 (N,), computed in strips of a few rows.

    Args:
        measure: two float64 (N, H, W) → its value at each window, (N, H − window + 1, W − window + 1).
        window: pixels a side of what one value of the measure depends on.
    """
    if np.shape(a) != np.shape(b):
        raise ValueError(f"The two batches must have the same shape, not {np.shape(a)} and {np.shape(b)}.")
    a, b = _batch(a), _batch(b)
    count, rows, columns = a.shape[0], *(side - window + 1 for side in a.shape[1:])
    if min(rows, columns) < 1:
        raise ValueError(f"SSIM needs images of at least {window}×{window} pixels, not {a.shape[1]}×{a.shape[2]}.")
    images, height = max(1, CHUNK_PIXELS // (rows * columns)), max(1, CHUNK_PIXELS // columns)
    sums = np.zeros(count)
    for first in range(0, count, images):
        for top in range(0, rows, height):
            strip = np.s_[first : first + images, top : min(top + height, rows) + window - 1]
            sums[first : first + images] += measure(_floats(a[strip]), _floats(b[strip])).sum((1, 2))
    return sums / (rows * columns)


def _batch(images: np.ndarray) -> np.ndarray:
    """A batch as (N, H, W)."""
    images = np.asarray(images)
    if images.ndim == 4 and images.shape[3] == 1:
        images = images[..., 0]
    if images.ndim != 3 or 0 in images.shape[1:]:
        raise ValueError(f"Batches of images must have the shape (N, H, W) or (N, H, W, 1), not {images.shape}.")
    return images


def _floats(images: np.ndarray) -> np.ndarray:
    """float64 in [0, 1]."""
    return images / 255.0 if images.dtype == np.uint8 else images.astype(np.float64)
