"""What the network sees of a drawing: a square of the pad, which follows large drawings and leaves small ones in place.

Training images are centred and fill their frame; a drawing as large as that is treated alike. Of a small one, such as a
dot in a corner, the place is the point: enlarging it would move it, and make its strokes thicker than any that the
network has learned from.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PIL import Image

from cae.imaging.preprocessing import SIDE, bounds, fit_square, is_blank

SMALL, LARGE = 1 / 3, 0.55
"""Longer side of the ink, in pad units: up to the first it stays in place, from the second on it is fitted."""


@dataclass(frozen=True)
class Seen:
    """A drawing as the network gets it, and the square of the pad that this shows."""

    image: np.ndarray
    """uint8 (28, 28)."""
    left: float
    top: float
    side: float
    """In pad units; the square may reach beyond the pad."""


def seen(ink: np.ndarray, fit: Callable[[np.ndarray], np.ndarray] | None) -> Seen | None:
    """A drawing, light ink on black, uint8 (H, H), in 28×28 pixels; None where there is no ink.

    Args:
        ink: the whole pad.
        fit: centres and resizes a drawing as the training images were; None: it stays where it was drawn.
    """
    box = None if is_blank(ink) else bounds(ink)
    if box is None:
        return None
    size = len(ink)
    length = max(box[2] - box[0], box[3] - box[1]) / size
    share = 0.0 if fit is None else min(max((length - SMALL) / (LARGE - SMALL), 0.0), 1.0)
    if fit is None or share == 0:
        return Seen(fit_square(ink), 0.0, 0.0, 1.0)
    fitted = fit(ink)
    left, top, side = _square(box, fitted, size)
    if share == 1:
        return Seen(fitted, left, top, side)
    left, top, side = share * left, share * top, 1 + share * (side - 1)
    wide = Image.fromarray(np.pad(ink, size))
    x, y, length = size * (1 + left), size * (1 + top), size * side
    image = wide.resize((SIDE, SIDE), Image.Resampling.HAMMING, box=(x, y, x + length, y + length))
    return Seen(np.asarray(image), left, top, side)


def _square(box: tuple[int, int, int, int], fitted: np.ndarray, size: int) -> tuple[float, float, float]:
    """Left, top and side of the square of the pad that a fitted drawing shows, from where its ink lies in both."""
    there = bounds(fitted) or (0, 0, SIDE, SIDE)
    scale = max(box[2] - box[0], box[3] - box[1]) / max(there[2] - there[0], there[3] - there[1])
    top, left = (
        ((box[axis] + box[axis + 2]) / 2 - scale * (there[axis] + there[axis + 2]) / 2) / size for axis in (0, 1)
    )
    return left, top, scale * SIDE / size
