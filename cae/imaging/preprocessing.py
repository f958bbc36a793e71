"""Fitting pictures to 28×28 as the training images were: float32 (H, W) in [0, 1] → (28, 28, 1) for the network."""

import numpy as np
from PIL import Image

from cae.imaging.reading import LEAST_CONTRAST

SIDE = 28
DIGIT_SIDE = 20
DIGIT_CENTRE = 14
"""Row and column, from 0, of the centre of mass: MNIST's own images have theirs at 14.0 ± 0.5, not at 13.5."""

WORKING_SIDE = 560
"""Larger pictures are reduced to this before a digit is looked for, which bounds time and memory."""


def invert(pixels: np.ndarray) -> np.ndarray:
    """Black ↔ white: float32 of the same shape, in [0, 1] as the input."""
    return np.float32(1) - np.asarray(pixels, np.float32)


def is_blank(pixels: np.ndarray) -> bool:
    """Whether lightest and darkest pixel differ by less than 1/64; any shape, values in [0, 1]."""
    return pixels.size == 0 or float(np.max(pixels)) - float(np.min(pixels)) < LEAST_CONTRAST


def is_light_background(pixels: np.ndarray) -> bool:
    """Whether the median of the border pixels of an (H, W) picture in [0, 1] is above one half."""
    return _border(pixels) > 0.5


def stretch_contrast(pixels: np.ndarray) -> np.ndarray:
    """Maps the 1st to 99.5th percentile of (H, W) pixels to 0…1 and clips: float32 (H, W). A blank one stays as it is.

    Where ink is so rare that the percentiles miss it, darkest and lightest pixel take their place.
    """
    pixels = np.asarray(pixels, np.float32)
    if is_blank(pixels):
        return pixels
    darkest, lightest = float(pixels.min()), float(pixels.max())
    low, high = (float(value) for value in np.percentile(pixels, (1, 99.5)))
    if high - low < (lightest - darkest) / 2:
        low, high = darkest, lightest
    return np.clip((pixels - np.float32(low)) / np.float32(high - low), 0, 1)


def fit_digit(pixels: np.ndarray) -> np.ndarray:
    """Fits light ink on a dark ground, (H, W) in [0, 1], as the digits of MNIST were: float32 (28, 28, 1) in [0, 1].

    The bounding box of the ink is scaled into 20×20 with its proportions kept, and put where its centre of mass is at
    pixel (14, 14), or as near to that as keeps all ink inside. A picture without ink gives zeros.
    Source: Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, "Gradient-based learning applied to document recognition", 1998,
    section III.A, and the MNIST data, where the shift is by whole pixels.
    """
    field = np.zeros((SIDE, SIDE, 1), np.float32)
    if (box := _cut_out(pixels)) is None:
        return field
    small = _resized(box, DIGIT_SIDE)
    top, left = (_offset(small.sum(1 - axis)) for axis in (0, 1))
    field[top : top + small.shape[0], left : left + small.shape[1], 0] = small
    return field


def fit_clothing(pixels: np.ndarray) -> np.ndarray:
    """Fits a light thing on a dark ground, (H, W) in [0, 1], as the clothes of Fashion-MNIST: float32 (28, 28, 1).

    The bounding box is scaled until its longer side has 28 pixels, and put into the middle. A picture without anything
    gives zeros.
    Source: H. Xiao, K. Rasul, R. Vollgraf, "Fashion-MNIST: a novel image dataset for benchmarking machine learning
    algorithms", 2017, section 2.
    """
    field = np.zeros((SIDE, SIDE, 1), np.float32)
    if (box := _cut_out(pixels)) is None:
        return field
    return _centred(_resized(box, SIDE), field)


def fit_square(pixels: np.ndarray) -> np.ndarray:
    """Scales a whole picture (H, W) in [0, 1] into 28×28, centred, its proportions kept: float32 (28, 28, 1) in [0, 1].

    What remains at the sides gets the median of the picture's border pixels.
    """
    field = np.full((SIDE, SIDE, 1), _border(pixels), np.float32)
    return _centred(_resized(np.asarray(pixels, np.float32), SIDE), field)


def _centred(small: np.ndarray, field: np.ndarray) -> np.ndarray:
    height, width = small.shape
    top, left = (SIDE - height) // 2, (SIDE - width) // 2
    field[top : top + height, left : left + width, 0] = small
    return field


def _cut_out(pixels: np.ndarray) -> np.ndarray | None:
    """The ink within its bounding box, (h, w); None where there is no ink."""
    ink, edge = _ink(_reduced(np.asarray(pixels, np.float32)))
    if ink.max() < LEAST_CONTRAST:
        return None
    rows, columns = (np.flatnonzero((ink > edge * ink.max()).any(axis)) for axis in (1, 0))
    return ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def _border(pixels: np.ndarray) -> float:
    edges = (pixels[0], pixels[-1], pixels[1:-1, 0], pixels[1:-1, -1])
    return float(np.median(np.concatenate(edges)))


def _reduced(pixels: np.ndarray) -> np.ndarray:
    return pixels if max(pixels.shape) <= WORKING_SIDE else _resized(pixels, WORKING_SIDE)


def _resized(pixels: np.ndarray, side: int) -> np.ndarray:
    """Scales (H, W) so that the longer side is `side`; every output pixel is a mean over the area it covers."""
    height, width = pixels.shape
    scale = side / max(height, width)
    shape = (max(1, round(height * scale)), max(1, round(width * scale)))
    if shape == pixels.shape:
        return pixels
    image = Image.fromarray(np.ascontiguousarray(pixels))
    return np.clip(np.asarray(image.resize(shape[::-1], Image.Resampling.HAMMING)), 0, 1)


def _ink(pixels: np.ndarray) -> tuple[np.ndarray, float]:
    """Takes the ground away; gives the ink, and the share of its peak above which it counts for the bounding box.

    A clean drawing stays as it is, to its faintest edge; a photograph loses uneven light and noise.
    """
    if is_blank(pixels):
        return np.where(pixels < 0.5, 0, pixels), 0.1
    level, spread = _ground(pixels)
    edge = 0.1
    if spread > 0:
        peak, edge = pixels.max(), 0.4
        pixels = pixels - _light(pixels)
        if pixels.max() < LEAST_CONTRAST:
            return np.zeros_like(pixels), edge
        pixels = pixels * (peak / pixels.max())
        level, spread = _ground(pixels)
    peak, floor = pixels.max(), level + 5 * spread
    if peak - floor < LEAST_CONTRAST:
        return np.clip(pixels, 0, 1), edge
    return np.clip((pixels - floor) * (peak / (peak - floor)), 0, 1), edge


def _ground(pixels: np.ndarray) -> tuple[np.float32, np.float32]:
    """Median of the dark pixels, and their median deviation from it."""
    ground = pixels[pixels <= _otsu(pixels)]
    level = np.median(ground)
    return level, np.median(np.abs(ground - level))


def _light(pixels: np.ndarray) -> np.ndarray:
    """The quadratic surface (H, W) through the ground: least squares, again and again without what lies above it."""
    y, x = (np.linspace(-1, 1, side, dtype=np.float32) for side in pixels.shape)
    y, x = np.broadcast_arrays(y[:, None], x)
    terms = np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], -1)
    step = max(1, max(pixels.shape) // 100)
    samples, values = terms[::step, ::step].reshape(-1, 6), pixels[::step, ::step].ravel()
    kept = np.ones(len(values), bool)
    for _ in range(8):
        surface = np.linalg.lstsq(samples[kept], values[kept], rcond=None)[0]
        residual = values - samples @ surface
        kept = residual <= np.median(residual) + 3 * np.median(np.abs(residual - np.median(residual)))
    return terms @ surface


def _otsu(pixels: np.ndarray) -> float:
    """The level that best parts dark from light (N. Otsu, "A threshold selection method", 1979), in [min, max)."""
    low, high = float(pixels.min()), float(pixels.max())
    counts, edges = np.histogram(pixels, bins=256, range=(low, high))
    centres = (edges[:-1] + edges[1:]) / 2
    below, total = np.cumsum(counts)[:-1], np.cumsum(counts * centres)[:-1]
    above = counts.sum() - below
    gap = total / below - ((counts * centres).sum() - total) / above  # the first and the last bin hold a pixel
    return float(edges[1:-1][np.argmax(below * above * gap**2)])


def _offset(profile: np.ndarray) -> int:
    """Where ink with this profile along one axis starts, so that its centre of mass comes nearest to pixel 14."""
    centre = float(profile @ np.arange(len(profile)) / profile.sum())
    return int(np.clip(round(DIGIT_CENTRE - centre), 0, SIDE - len(profile)))
