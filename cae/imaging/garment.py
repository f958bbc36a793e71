"""A garment in a photograph, cut out of its ground, in the form of Fashion-MNIST's pictures.

The cut-out is GrabCut's on a small picture: the rim is ground, an ellipse in the middle is probably garment, the
largest piece is kept and its holes are filled.
Sources: C. Rother, V. Kolmogorov, A. Blake, "GrabCut: interactive foreground extraction using iterated graph cuts",
2004; H. Xiao, K. Rasul, R. Vollgraf, "Fashion-MNIST: a novel image dataset for benchmarking machine learning
algorithms", 2017, section 2.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from cae.imaging.preprocessing import SIDE, centred

WORKING_SIDE = 160
"""Pixels to which the longer side is reduced; more take longer and cut no better."""
ROUNDS = 5
"""Iterations of GrabCut; after these the cut hardly moves."""

SEAM = 5
"""Pixels of the reduced picture by which the parts of one garment lie apart at most."""

AREA = (0.06, 0.85)
"""Shares of the picture between which a garment's area is plausible."""
MOST_AT_BORDER = 0.15
"""Share of the garment's outline that may lie at the border of what GrabCut may change."""
LEAST_SOLIDITY = 0.45
"""Least share of its convex hull that a garment fills; trousers with spread legs fill about half."""

TONES = (0.45, 0.75)
"""Between which the median tone of a garment is brought; Fashion-MNIST's mean inside the garments is 0.57."""
RANGE, MOST_GAIN = 0.75, 2.0
"""Range of tones that the inside is stretched to, by this factor at most, so that noise stays faint."""


@dataclass(frozen=True)
class Garment:
    """What was cut out of a picture."""

    image: np.ndarray
    """It as Fashion-MNIST's pictures are, uint8 (28, 28): on black, its longer side 28 pixels, its inside kept."""
    mask: np.ndarray
    """Where it is in the reduced picture, bool (h, w), the longer side at most 160 pixels."""
    is_dark: bool
    """Whether it is darker than its ground; then its tones are inverted, as Fashion-MNIST's were."""
    is_plausible: bool
    """Whether the cut looks like a garment: neither tiny nor everything, in one piece, hardly touching the border."""


def find_garment(picture: np.ndarray, is_dark: bool | None = None) -> Garment | None:
    """The garment in a picture, uint8 (H, W) or (H, W, 3); None where nothing can be told from the ground.

    `is_dark` tells whether the garment is darker than its ground; None finds out. The same picture always gives
    the same garment.
    """
    small = _small(picture)
    if min(small.shape[:2]) < 8 or np.ptp(small) < 4:
        return None
    mask = _cut(small)
    if mask is None:
        return None
    grey = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY).astype(np.float32) / 255
    dark = bool(np.median(grey[mask]) <= np.median(grey[~mask]) + 0.02) if is_dark is None else is_dark
    tones = _tones(1 - grey if dark else grey, mask)
    return Garment(_placed(tones, mask), mask, dark, _is_plausible(mask))


def _small(picture: np.ndarray) -> np.ndarray:
    """The picture in colour, uint8 (h, w, 3), the longer side at most 160 pixels."""
    scale = min(1.0, WORKING_SIDE / max(picture.shape[:2]))
    size = tuple(max(1, round(length * scale)) for length in picture.shape[1::-1])
    small = cv2.resize(np.ascontiguousarray(picture), size, interpolation=cv2.INTER_AREA)
    return small if small.ndim == 3 else cv2.cvtColor(small, cv2.COLOR_GRAY2RGB)


def _rim(shape: tuple[int, ...]) -> int:
    return max(2, round(0.02 * max(shape)))


def _cut(small: np.ndarray) -> np.ndarray | None:
    height, width = small.shape[:2]
    y, x = np.mgrid[:height, :width]
    middle = ((x - (width - 1) / 2) / (0.46 * width)) ** 2 + ((y - (height - 1) / 2) / (0.47 * height)) ** 2 < 1
    mask = np.where(middle, cv2.GC_PR_FGD, cv2.GC_PR_BGD).astype(np.uint8)
    rim = _rim(mask.shape)
    inner = np.zeros(mask.shape, bool)
    inner[rim:-rim, rim:-rim] = True
    mask[~inner] = cv2.GC_BGD
    smooth = cv2.bilateralFilter(cv2.cvtColor(small, cv2.COLOR_RGB2BGR), 5, 30, 3)
    cv2.setRNGSeed(1)
    cv2.grabCut(smooth, mask, None, np.zeros((1, 65)), np.zeros((1, 65)), ROUNDS, cv2.GC_INIT_WITH_MASK)
    found = np.isin(mask, (cv2.GC_FGD, cv2.GC_PR_FGD)).astype(np.uint8)
    found = cv2.morphologyEx(found, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    found = cv2.morphologyEx(found, cv2.MORPH_CLOSE, np.ones((SEAM, SEAM), np.uint8))
    outlines, _ = cv2.findContours(found, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    if not outlines:
        return None
    filled = np.zeros_like(found)
    cv2.drawContours(filled, [max(outlines, key=cv2.contourArea)], -1, 1, cv2.FILLED)
    return filled.astype(bool)


def _is_plausible(mask: np.ndarray) -> bool:
    outlines, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    outline = max(outlines, key=cv2.contourArea)
    rim, (height, width) = _rim(mask.shape), mask.shape
    x, y = outline[:, 0].T
    at_border = (x <= rim) | (y <= rim) | (x >= width - 1 - rim) | (y >= height - 1 - rim)
    solidity = cv2.contourArea(outline) / max(cv2.contourArea(cv2.convexHull(outline)), 1.0)
    plausible = AREA[0] <= mask.mean() <= AREA[1] and at_border.mean() <= MOST_AT_BORDER and solidity >= LEAST_SOLIDITY
    return bool(plausible)


def _tones(grey: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """The garment's own tones, brought into a range in which its inside is seen; 0 outside."""
    low, median, high = np.percentile(grey[mask], (2, 50, 98))
    gain = min(MOST_GAIN, RANGE / max(float(high - low), 1e-3))
    return np.where(mask, np.clip(np.clip(median, *TONES) + (grey - median) * gain, 0.1, 1), 0).astype(np.float32)


def _placed(tones: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """The garment scaled until its longer side has 28 pixels, in the middle."""
    rows, columns = (np.flatnonzero(mask.any(axis)) for axis in (1, 0))
    tones = tones[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    scale = SIDE / max(tones.shape)
    height, width = (max(1, round(length * scale)) for length in tones.shape)
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    small = np.rint(cv2.resize(tones, (width, height), interpolation=method) * 255).astype(np.uint8)
    return centred(small)
