"""Fitting pictures to 28×28 pixels, uint8 (H, W) → (28, 28): drawings as the training images were, others whole."""

import numpy as np
from PIL import Image

SIDE = 28
DIGIT_SIDE = 20
CENTRE = 14
"""Row and column, from 0, of the centre of mass: MNIST's own images have theirs at 14.0 ± 0.5, not at 13.5."""

LEAST_CONTRAST = 4
"""Grey levels by which lightest and darkest pixel of a picture differ at least, if there is anything in it."""


def is_blank(picture: np.ndarray) -> bool:
    """Whether lightest and darkest value of a picture, uint8 of any shape, differ by less than four grey levels."""
    return picture.size == 0 or int(picture.max()) - int(picture.min()) < LEAST_CONTRAST


def fit_digit(ink: np.ndarray) -> np.ndarray:
    """A drawing, light ink on black, uint8 (H, W), as the digits of MNIST: uint8 (28, 28).

    The bounding box of the ink is scaled into 20×20 with its proportions kept, and centred by its mass. A drawing
    without ink gives zeros.
    """
    box = _box(ink)
    return np.zeros((SIDE, SIDE), np.uint8) if box is None else centred_by_mass(_scaled(box, DIGIT_SIDE))


def fit_clothing(ink: np.ndarray) -> np.ndarray:
    """A drawing, light on black, uint8 (H, W), as the clothes of Fashion-MNIST: uint8 (28, 28).

    The bounding box is scaled until its longer side has 28 pixels, and put into the middle. A drawing without ink
    gives zeros.
    Source: H. Xiao, K. Rasul, R. Vollgraf, "Fashion-MNIST: a novel image dataset for benchmarking machine learning
    algorithms", 2017, section 2.
    """
    box = _box(ink)
    return np.zeros((SIDE, SIDE), np.uint8) if box is None else centred(_scaled(box, SIDE))


def fit_square(picture: np.ndarray) -> np.ndarray:
    """A whole picture, uint8 (H, W), scaled into 28×28 and centred, its proportions kept: uint8 (28, 28).

    What remains at the sides gets the median of the picture's border pixels.
    """
    edges = (picture[0], picture[-1], picture[1:-1, 0], picture[1:-1, -1])
    return centred(_scaled(picture, SIDE), round(float(np.median(np.concatenate(edges)))))


def centred_by_mass(small: np.ndarray) -> np.ndarray:
    """A picture uint8 of at most 28×28 with its centre of mass at pixel (14, 14), or as near as keeps it inside.

    Source: Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, "Gradient-based learning applied to document recognition", 1998,
    section III.A, and the MNIST data, where the shift is by whole pixels.
    """
    offsets = []
    for axis in (1, 0):
        profile = small.sum(axis, dtype=np.float64)
        centre = float(profile @ np.arange(len(profile)) / profile.sum())
        offsets.append(int(np.clip(round(CENTRE - centre), 0, SIDE - len(profile))))
    return _put(small, offsets[0], offsets[1], 0)


def centred(small: np.ndarray, ground: int = 0) -> np.ndarray:
    """A picture uint8 of at most 28×28 in the middle of 28×28 pixels of ground."""
    return _put(small, (SIDE - small.shape[0]) // 2, (SIDE - small.shape[1]) // 2, ground)


def _put(small: np.ndarray, top: int, left: int, ground: int) -> np.ndarray:
    field = np.full((SIDE, SIDE), ground, np.uint8)
    field[top : top + small.shape[0], left : left + small.shape[1]] = small
    return field


def bounds(ink: np.ndarray) -> tuple[int, int, int, int] | None:
    """Top, left, bottom and right of the ink in a drawing uint8 (H, W), the latter two just outside; None without ink.

    A tenth of the peak counts as ink.
    """
    if ink.size == 0 or ink.max() < LEAST_CONTRAST:
        return None
    rows, columns = (np.flatnonzero((ink > 0.1 * ink.max()).any(axis)) for axis in (1, 0))
    return int(rows[0]), int(columns[0]), int(rows[-1]) + 1, int(columns[-1]) + 1


def _box(ink: np.ndarray) -> np.ndarray | None:
    """The ink within its bounds, (h, w); None where there is none."""
    found = bounds(ink)
    return None if found is None else ink[found[0] : found[2], found[1] : found[3]]


def _scaled(picture: np.ndarray, side: int) -> np.ndarray:
    """Scales (H, W) so that the longer side is `side`; every output pixel is a mean over the area it covers."""
    height, width = picture.shape
    scale = side / max(height, width)
    shape = (max(1, round(height * scale)), max(1, round(width * scale)))
    if shape == picture.shape:
        return picture
    return np.asarray(Image.fromarray(np.ascontiguousarray(picture)).resize(shape[::-1], Image.Resampling.HAMMING))
