"""Ten pieces of clothing, one for each class of Fashion-MNIST, drawn by us as strokes: from no data set."""

from collections.abc import Iterable

import numpy as np

from cae.imaging.strokes import Stroke

PEN = 0.05
"""Width of the pen in pad units."""

Outline = tuple[tuple[float, float], ...]


def filled(*outline: tuple[float, float], pen: float = PEN) -> Stroke:
    """One stroke that goes to and fro until it has filled an outline (x, y), …, which a row must cross only twice."""
    corners = np.array([*outline, outline[0]])
    (x0, y0), (x1, y1) = corners[:-1].T, corners[1:].T
    top, bottom = corners[:, 1].min() + pen / 2, corners[:, 1].max() - pen / 2
    points = []
    for row, y in enumerate(np.linspace(top, bottom, 2 + round((bottom - top) / (0.5 * pen)))):
        crossing = (np.minimum(y0, y1) <= y) & (y < np.maximum(y0, y1))
        xs = (x0 + (y - y0) * (x1 - x0) / np.where(y1 == y0, 1, y1 - y0))[crossing]
        left, right = xs.min() + pen / 2, max(xs.max() - pen / 2, xs.min() + pen / 2)
        ends = [(left, y), (right, y)] if row % 2 == 0 else [(right, y), (left, y)]
        points += [end for end in ends for _ in range(2)]  # twice, since the pad rounds off the corners of a stroke
    return Stroke(_rounded(points), pen)


def line(*points: tuple[float, float], pen: float = PEN) -> Stroke:
    return Stroke(_rounded(points), pen)


def cut(*points: tuple[float, float], pen: float = 0.03) -> Stroke:
    """A seam or a hole: the eraser along a line."""
    return Stroke(_rounded(points), pen, erase=True)


def mirrored(*outline: tuple[float, float]) -> Outline:
    """Left for right."""
    return tuple((1 - x, y) for x, y in outline)


def _rounded(points: Iterable[tuple[float, float]]) -> Outline:
    return tuple((round(float(x), 3), round(float(y), 3)) for x, y in points)


_TORSO = ((0.33, 0.12), (0.67, 0.12), (0.68, 0.30), (0.68, 0.90), (0.32, 0.90), (0.32, 0.30))
_LONG_TORSO = ((0.33, 0.08), (0.67, 0.08), (0.68, 0.28), (0.70, 0.95), (0.30, 0.95), (0.32, 0.28))
_SHORT_SLEEVE = ((0.36, 0.12), (0.36, 0.36), (0.22, 0.44), (0.10, 0.34), (0.22, 0.17))
_LONG_SLEEVE = ((0.36, 0.12), (0.36, 0.34), (0.25, 0.84), (0.12, 0.82), (0.20, 0.20))

CLOTHES: dict[str, tuple[Stroke, ...]] = {
    "T-shirt": (
        filled(*_TORSO),
        filled(*_SHORT_SLEEVE),
        filled(*mirrored(*_SHORT_SLEEVE)),
        cut((0.42, 0.11), (0.46, 0.16), (0.54, 0.16), (0.58, 0.11), pen=0.05),
    ),
    "Trousers": (
        filled((0.34, 0.06), (0.66, 0.06), (0.68, 0.30), (0.32, 0.30)),
        filled((0.32, 0.27), (0.52, 0.27), (0.49, 0.40), (0.46, 0.95), (0.32, 0.95)),
        filled(*mirrored((0.32, 0.27), (0.52, 0.27), (0.49, 0.40), (0.46, 0.95), (0.32, 0.95))),
    ),
    "Pullover": (
        filled(*_TORSO),
        filled(*_LONG_SLEEVE),
        filled(*mirrored(*_LONG_SLEEVE)),
        cut((0.44, 0.11), (0.50, 0.135), (0.56, 0.11), pen=0.04),
    ),
    "Dress": (
        filled((0.40, 0.05), (0.60, 0.05), (0.61, 0.38), (0.70, 0.95), (0.30, 0.95), (0.39, 0.38)),
        cut((0.46, 0.04), (0.50, 0.13), (0.54, 0.04), pen=0.05),
    ),
    "Coat": (
        filled(*_LONG_TORSO),
        filled(*_LONG_SLEEVE),
        filled(*mirrored(*_LONG_SLEEVE)),
        cut((0.50, 0.10), (0.50, 0.96), pen=0.035),
        cut((0.43, 0.08), (0.50, 0.30), (0.57, 0.08)),
    ),
    "Sandal": (
        filled((0.05, 0.64), (0.30, 0.66), (0.60, 0.62), (0.95, 0.60), (0.95, 0.68), (0.60, 0.71), (0.05, 0.71)),
        line((0.16, 0.65), (0.26, 0.48), (0.38, 0.64)),
        line((0.30, 0.48), (0.62, 0.42), (0.88, 0.60)),
        line((0.62, 0.62), (0.76, 0.36), (0.90, 0.38), (0.92, 0.60)),
    ),
    "Shirt": (
        filled(*_TORSO),
        filled(*_LONG_SLEEVE),
        filled(*mirrored(*_LONG_SLEEVE)),
        cut((0.50, 0.16), (0.50, 0.91), pen=0.02),
        cut((0.40, 0.11), (0.50, 0.22), (0.60, 0.11)),
    ),
    "Sneaker": (
        filled((0.66, 0.38), (0.93, 0.36), (0.95, 0.60), (0.06, 0.60), (0.07, 0.54), (0.22, 0.50), (0.46, 0.44)),
        filled((0.05, 0.62), (0.95, 0.62), (0.95, 0.70), (0.05, 0.70)),
        cut((0.42, 0.43), (0.48, 0.53), pen=0.02),
        cut((0.50, 0.41), (0.56, 0.51), pen=0.02),
    ),
    "Bag": (
        filled((0.12, 0.42), (0.88, 0.42), (0.92, 0.88), (0.08, 0.88)),
        line((0.30, 0.42), (0.32, 0.24), (0.42, 0.14), (0.58, 0.14), (0.68, 0.24), (0.70, 0.42), pen=0.045),
        cut((0.10, 0.56), (0.90, 0.56), pen=0.02),
    ),
    "Ankle boot": (
        filled((0.56, 0.10), (0.92, 0.10), (0.93, 0.60), (0.52, 0.60)),
        filled((0.58, 0.44), (0.93, 0.44), (0.94, 0.76), (0.05, 0.76), (0.06, 0.66), (0.18, 0.60), (0.40, 0.54)),
        filled((0.05, 0.77), (0.62, 0.77), (0.62, 0.82), (0.05, 0.82)),
        filled((0.70, 0.77), (0.95, 0.77), (0.95, 0.88), (0.70, 0.88)),
    ),
}
"""The strokes of each piece, by its class, for the drawing pad and for `cae.imaging.strokes.rasterise`."""
