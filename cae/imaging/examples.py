"""Something to start from on the drawing pad, drawn by us as strokes, from no data set: digits and clothes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from cae.imaging.clothing import CLOTHES as CLOTHES
from cae.imaging.strokes import Stroke, rasterise

PEN = 0.085
"""Width of the pen in pad units."""

STEPS = 6
"""Points from one knot to the next."""

# Where the pen passes, in pad units: one curve per movement of the pen.
_KNOTS: dict[str, tuple[tuple[tuple[float, float], ...], ...]] = {
    "0": (
        (
            (0.57, 0.19),
            (0.43, 0.22),
            (0.32, 0.36),
            (0.28, 0.54),
            (0.32, 0.71),
            (0.43, 0.80),
            (0.57, 0.76),
            (0.68, 0.62),
            (0.72, 0.43),
            (0.68, 0.27),
            (0.57, 0.185),
            (0.47, 0.21),
        ),
    ),
    "1": (((0.57, 0.18), (0.545, 0.34), (0.50, 0.55), (0.455, 0.82)),),
    "2": (
        (
            (0.30, 0.35),
            (0.36, 0.23),
            (0.49, 0.18),
            (0.61, 0.23),
            (0.65, 0.35),
            (0.60, 0.49),
            (0.49, 0.63),
            (0.36, 0.76),
            (0.265, 0.80),
            (0.215, 0.735),
            (0.28, 0.67),
            (0.40, 0.69),
            (0.52, 0.76),
            (0.65, 0.80),
            (0.77, 0.75),
        ),
    ),
    "3": (
        (
            (0.33, 0.26),
            (0.43, 0.19),
            (0.56, 0.19),
            (0.64, 0.27),
            (0.61, 0.38),
            (0.52, 0.45),
            (0.44, 0.475),
        ),
        (
            (0.44, 0.475),
            (0.56, 0.48),
            (0.66, 0.56),
            (0.67, 0.68),
            (0.59, 0.78),
            (0.45, 0.82),
            (0.31, 0.76),
        ),
    ),
    "4": (
        ((0.35, 0.20), (0.32, 0.34), (0.29, 0.47), (0.32, 0.53), (0.44, 0.53), (0.58, 0.50), (0.71, 0.47)),
        ((0.65, 0.17), (0.63, 0.34), (0.60, 0.55), (0.57, 0.83)),
    ),
    "5": (
        (
            (0.40, 0.22),
            (0.38, 0.33),
            (0.355, 0.46),
            (0.46, 0.43),
            (0.58, 0.47),
            (0.64, 0.58),
            (0.61, 0.71),
            (0.50, 0.80),
            (0.37, 0.81),
            (0.28, 0.75),
        ),
        ((0.40, 0.22), (0.53, 0.215), (0.70, 0.19)),
    ),
    "6": (
        (
            (0.62, 0.17),
            (0.49, 0.26),
            (0.38, 0.42),
            (0.33, 0.60),
            (0.36, 0.75),
            (0.47, 0.82),
            (0.60, 0.78),
            (0.66, 0.67),
            (0.61, 0.56),
            (0.50, 0.54),
            (0.395, 0.60),
            (0.335, 0.68),
        ),
    ),
    "7": (
        ((0.28, 0.26), (0.42, 0.245), (0.56, 0.235), (0.67, 0.23)),
        ((0.67, 0.23), (0.61, 0.37), (0.54, 0.52), (0.48, 0.67), (0.44, 0.83)),
    ),
    "8": (
        (
            (0.66, 0.27),
            (0.55, 0.18),
            (0.42, 0.20),
            (0.36, 0.31),
            (0.43, 0.42),
            (0.56, 0.52),
            (0.65, 0.65),
            (0.60, 0.78),
            (0.45, 0.82),
            (0.34, 0.74),
            (0.37, 0.61),
            (0.50, 0.49),
            (0.62, 0.38),
            (0.66, 0.27),
        ),
    ),
    "9": (
        (
            (0.66, 0.27),
            (0.55, 0.19),
            (0.41, 0.22),
            (0.33, 0.34),
            (0.37, 0.46),
            (0.50, 0.475),
            (0.61, 0.385),
            (0.66, 0.27),
        ),
        ((0.66, 0.27), (0.645, 0.43), (0.61, 0.62), (0.56, 0.84)),
    ),
}


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
    return tuple((round(float(x), 3), round(float(y), 3)) for x, y in points)


DIGITS: dict[str, tuple[Stroke, ...]] = {
    digit: tuple(Stroke(smooth(knots), PEN) for knots in curves) for digit, curves in _KNOTS.items()
}
"""The strokes of "0" to "9", for the drawing pad and for `cae.imaging.strokes.rasterise`."""


@dataclass(frozen=True)
class Examples:
    """Drawings by name, prepared as the training images of the models that they are for."""

    drawings: Mapping[str, tuple[Stroke, ...]]
    fit: Callable[[np.ndarray], np.ndarray]
    """A picture (H, W) in [0, 1] → float32 (28, 28, 1) in [0, 1]."""
    first: str
    """The drawing to begin with."""

    def image(self, name: str) -> np.ndarray:
        """The drawing as the network sees it, float32 (28, 28, 1) in [0, 1]."""
        return self.fit(rasterise(self.drawings[name]))

    def images(self) -> np.ndarray:
        """All drawings as the network sees them, float32 (N, 28, 28, 1) in [0, 1]."""
        return np.stack([self.image(name) for name in self.drawings])
