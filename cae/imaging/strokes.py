"""Drawings as strokes: what the drawing pad sends, checked, and turned into pixels."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

from cae.imaging.reading import ImageError

MAX_STROKES = 200
MAX_POINTS = 20_000
COORDINATES = (-0.5, 1.5)
WIDTHS = (0.005, 0.5)

SUPERSAMPLING = 4


@dataclass(frozen=True)
class Stroke:
    """One movement of the pen.

    `points` are (x, y) in pad units: (0, 0) is the upper left corner, (1, 1) the lower right one, and a little outside
    is allowed; `width` is in pad units too; `erase` takes ink away.
    """

    points: tuple[tuple[float, float], ...]
    width: float
    erase: bool = False


def rasterise(strokes: Sequence[Stroke], size: int = 140) -> np.ndarray:
    """Draws strokes in their order, white on black, with round ends and joints: uint8 (size, size).

    Antialiased: drawn at four times the size, then averaged. A stroke of one point is a dot.
    """
    canvas = Image.new("L", (size * SUPERSAMPLING,) * 2)
    draw = ImageDraw.Draw(canvas)
    for stroke in strokes:
        _draw(draw, stroke, size * SUPERSAMPLING)
    return np.asarray(canvas.reduce(SUPERSAMPLING))


def _draw(draw: ImageDraw.ImageDraw, stroke: Stroke, scale: int) -> None:
    fill, width = (0 if stroke.erase else 255), round(stroke.width * scale) | 1  # odd: has a middle
    points = [(round(x * scale), round(y * scale)) for x, y in stroke.points]
    if len(points) > 1:
        draw.line(points, fill, width)
    reach = width // 2
    for x, y in dict.fromkeys(points):  # once each, as a resting pen repeats itself
        left, top = x - reach, y - reach
        draw.ellipse((left, top, left + width - 1, top + width - 1), fill)  # the box includes its last pixel


def strokes_from_json(value: object) -> tuple[Stroke, ...]:
    """Reads [{"points": [[x, y], …], "width": w, "erase": bool}, …] as it comes from a browser, trusting none of it.

    At most 200 strokes and 20,000 points; coordinates are clamped to [−0.5, 1.5], widths to [0.005, 0.5]; "erase" may
    be left out. Raises `ImageError` for anything else.

    >>> strokes_from_json([{"points": [[0.2, 0.5], [0.8, 9]], "width": 0.06}])
    (Stroke(points=((0.2, 0.5), (0.8, 1.5)), width=0.06, erase=False),)
    """
    if not isinstance(value, list | tuple):
        raise ImageError("A drawing must be a list of strokes.")
    if len(value) > MAX_STROKES:
        raise ImageError(f"The drawing has {len(value):,} strokes; at most {MAX_STROKES} are accepted.")
    lines = [_points_of(stroke) for stroke in value]
    count = sum(len(line) for line in lines)
    if count > MAX_POINTS:
        raise ImageError(f"The drawing has {count:,} points; at most {MAX_POINTS:,} are accepted.")
    return tuple(_stroke(stroke, line) for stroke, line in zip(value, lines, strict=True))


def strokes_to_json(strokes: Sequence[Stroke]) -> list[dict[str, object]]:
    """The inverse of `strokes_from_json`: lists, dictionaries, numbers and truth values only."""
    return [
        {"points": [[x, y] for x, y in stroke.points], "width": stroke.width, "erase": stroke.erase}
        for stroke in strokes
    ]


def _points_of(stroke: object) -> Sequence[object]:
    points = stroke.get("points") if isinstance(stroke, dict) else None
    if not isinstance(points, list | tuple) or not points:
        raise ImageError('Each stroke of a drawing must have "points", a list of at least one [x, y].')
    return points


def _stroke(stroke: dict, line: Sequence[object]) -> Stroke:
    erase = stroke.get("erase", False)
    if not isinstance(erase, bool):
        raise ImageError('"erase" of a stroke must be true or false.')
    return Stroke(tuple(_point(point) for point in line), _number(stroke.get("width"), *WIDTHS), erase)


def _point(value: object) -> tuple[float, float]:
    if not isinstance(value, list | tuple) or len(value) != 2:
        raise ImageError("Each point of a drawing must be a pair [x, y] of numbers.")
    return _number(value[0], *COORDINATES), _number(value[1], *COORDINATES)


def _number(value: object, low: float, high: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        value = math.nan
    if isinstance(value, float) and not math.isfinite(value):  # a huge int is finite, and overflows as a float
        raise ImageError("Coordinates and widths of a drawing must be finite numbers.")
    return float(min(max(value, low), high))
