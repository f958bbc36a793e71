"""Drawings varied, so that a few of them are enough to train on."""

from collections.abc import Callable, Sequence

import numpy as np

from cae.imaging.strokes import Stroke, rasterise

SIZE = 84
"""Pixels of the pad that a variation is drawn on."""


def vary(strokes: Sequence[Stroke], rng: np.random.Generator) -> tuple[Stroke, ...]:
    """The drawing turned, sheared and bent a little, with a pen of another width; points have three decimals."""
    turn, shear = rng.normal(0, 0.18), rng.normal(0, 0.13, (2, 2))
    matrix = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]]) @ (np.eye(2) + shear)
    width, phase, bend = round(rng.uniform(0.06, 0.11), 3), rng.uniform(0, 6.28, 2), rng.uniform(0, 0.04)

    def moved(line: Sequence[tuple[float, float]]) -> tuple[tuple[float, float], ...]:
        points = 0.5 + (np.array(line) - 0.5) @ matrix.T
        points = (points + bend * np.sin(9 * points[:, ::-1] + phase)).clip(0.02, 0.98).round(3)
        return tuple((x, y) for x, y in points.tolist())

    return tuple(Stroke(moved(stroke.points), width, stroke.erase) for stroke in strokes)


def variations(
    drawings: Sequence[Sequence[Stroke]], fit: Callable[[np.ndarray], np.ndarray], count: int, seed: int
) -> np.ndarray:
    """So many variations, uint8 (count, 28, 28), of the drawings in turn; the same seed gives the same.

    Args:
        fit: prepares a picture uint8 (H, W) as training images are: uint8 (28, 28).
    """
    rng = np.random.default_rng(seed)
    return np.stack([fit(rasterise(vary(drawings[i % len(drawings)], rng), SIZE)) for i in range(count)])
