"""Writes cae/imaging/drawings.json: ten digits and ten pieces of clothing, drawn by us as strokes, from no data set.

Run it after a change: python tools/draw_examples.py
"""

import json
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from cae.imaging.strokes import Stroke, strokes_to_json

FILE = Path(__file__).parents[1] / "cae" / "imaging" / "drawings.json"
DIGIT_PEN, PEN = 0.085, 0.05
"""Widths of the pen in pad units, for digits and for clothes."""
STEPS = 6
"""Points from one knot of a curve to the next."""

# fmt: off
KNOTS: dict[str, tuple[tuple[tuple[float, float], ...], ...]] = {
    "0": (
        ((0.57, 0.19), (0.43, 0.22), (0.32, 0.36), (0.28, 0.54), (0.32, 0.71), (0.43, 0.8), (0.57, 0.76),
         (0.68, 0.62), (0.72, 0.43), (0.68, 0.27), (0.57, 0.185), (0.47, 0.21)),
    ),
    "1": (
        ((0.57, 0.18), (0.545, 0.34), (0.5, 0.55), (0.455, 0.82)),
    ),
    "2": (
        ((0.3, 0.35), (0.36, 0.23), (0.49, 0.18), (0.61, 0.23), (0.65, 0.35), (0.6, 0.49), (0.49, 0.63),
         (0.36, 0.76), (0.265, 0.8), (0.215, 0.735), (0.28, 0.67), (0.4, 0.69), (0.52, 0.76), (0.65, 0.8),
         (0.77, 0.75)),
    ),
    "3": (
        ((0.33, 0.26), (0.43, 0.19), (0.56, 0.19), (0.64, 0.27), (0.61, 0.38), (0.52, 0.45), (0.44, 0.475)),
        ((0.44, 0.475), (0.56, 0.48), (0.66, 0.56), (0.67, 0.68), (0.59, 0.78), (0.45, 0.82), (0.31, 0.76)),
    ),
    "4": (
        ((0.35, 0.2), (0.32, 0.34), (0.29, 0.47), (0.32, 0.53), (0.44, 0.53), (0.58, 0.5), (0.71, 0.47)),
        ((0.65, 0.17), (0.63, 0.34), (0.6, 0.55), (0.57, 0.83)),
    ),
    "5": (
        ((0.4, 0.22), (0.38, 0.33), (0.355, 0.46), (0.46, 0.43), (0.58, 0.47), (0.64, 0.58), (0.61, 0.71),
         (0.5, 0.8), (0.37, 0.81), (0.28, 0.75)),
        ((0.4, 0.22), (0.53, 0.215), (0.7, 0.19)),
    ),
    "6": (
        ((0.62, 0.17), (0.49, 0.26), (0.38, 0.42), (0.33, 0.6), (0.36, 0.75), (0.47, 0.82), (0.6, 0.78),
         (0.66, 0.67), (0.61, 0.56), (0.5, 0.54), (0.395, 0.6), (0.335, 0.68)),
    ),
    "7": (
        ((0.28, 0.26), (0.42, 0.245), (0.56, 0.235), (0.67, 0.23)),
        ((0.67, 0.23), (0.61, 0.37), (0.54, 0.52), (0.48, 0.67), (0.44, 0.83)),
    ),
    "8": (
        ((0.66, 0.27), (0.55, 0.18), (0.42, 0.2), (0.36, 0.31), (0.43, 0.42), (0.56, 0.52), (0.65, 0.65),
         (0.6, 0.78), (0.45, 0.82), (0.34, 0.74), (0.37, 0.61), (0.5, 0.49), (0.62, 0.38), (0.66, 0.27)),
    ),
    "9": (
        ((0.66, 0.27), (0.55, 0.19), (0.41, 0.22), (0.33, 0.34), (0.37, 0.46), (0.5, 0.475), (0.61, 0.385),
         (0.66, 0.27)),
        ((0.66, 0.27), (0.645, 0.43), (0.61, 0.62), (0.56, 0.84)),
    ),
}
"""Where the pen passes when it draws a digit, in pad units: one curve per movement of the pen."""
# fmt: on

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
    """A line through the points."""
    return Stroke(_rounded(points), pen)


def cut(*points: tuple[float, float], pen: float = 0.03) -> Stroke:
    """A seam or a hole: the eraser along a line."""
    return Stroke(_rounded(points), pen, erase=True)


def mirrored(*outline: tuple[float, float]) -> Outline:
    """Left for right."""
    return tuple((1 - x, y) for x, y in outline)


def _rounded(points: Iterable[tuple[float, float]]) -> Outline:
    return tuple((round(float(x), 3), round(float(y), 3)) for x, y in points)


def smooth(knots: tuple[tuple[float, float], ...], steps: int = STEPS) -> tuple[tuple[float, float], ...]:
    """A smooth curve through two knots or more, `steps` points to each next one, rounded to 3 places to stay short.

    Source: E. Catmull, R. Rom, "A class of local interpolating splines", 1974, the uniform kind with tension one half.
    """
    p = np.array([knots[0], *knots, knots[-1]])
    t = np.arange(steps)[:, None, None] / steps
    before, here, ahead, after = p[:-3], p[1:-2], p[2:-1], p[3:]
    curve = here + 0.5 * t * (
        (ahead - before) + t * (2 * before - 5 * here + 4 * ahead - after + t * (3 * (here - ahead) + after - before))
    )  # (steps, knots − 1, 2)
    points = np.concatenate([curve.transpose(1, 0, 2).reshape(-1, 2), p[-1:]])
    return _rounded(points)


_TORSO = ((0.33, 0.12), (0.67, 0.12), (0.68, 0.30), (0.68, 0.90), (0.32, 0.90), (0.32, 0.30))
_LONG_TORSO = ((0.33, 0.08), (0.67, 0.08), (0.68, 0.28), (0.70, 0.95), (0.30, 0.95), (0.32, 0.28))
_SHORT_SLEEVE = ((0.36, 0.12), (0.36, 0.36), (0.22, 0.44), (0.10, 0.34), (0.22, 0.17))
_LONG_SLEEVE = ((0.36, 0.12), (0.36, 0.34), (0.25, 0.84), (0.12, 0.82), (0.20, 0.20))

DIGITS = {digit: tuple(Stroke(smooth(knots), DIGIT_PEN) for knots in curves) for digit, curves in KNOTS.items()}

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
"""By the class of Fashion-MNIST."""


def text() -> str:
    """The file's content, a stroke a line."""
    kinds = []
    for kind, drawings in (("digits", DIGITS), ("clothes", CLOTHES)):
        named = [
            f"{json.dumps(name)}: [\n" + ",\n".join(map(json.dumps, strokes_to_json(strokes))) + "\n]"
            for name, strokes in drawings.items()
        ]
        kinds.append(f"{json.dumps(kind)}: {{\n" + ",\n".join(named) + "\n}")
    return "{\n" + ",\n".join(kinds) + "\n}\n"


if __name__ == "__main__":
    FILE.write_text(text())
