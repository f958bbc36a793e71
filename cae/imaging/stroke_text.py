"""Drawings as text for a link: their strokes on a grid, in as few characters as they take."""

import base64
import re
from collections.abc import Iterator, Sequence

from cae.imaging.reading import ImageError
from cae.imaging.strokes import Stroke, strokes_from_json

GRID = 250
"""Places in a row of the pad; finished strokes have their points on them."""
WIDTHS = 200
"""Widths of pens are multiples of a 200th of the pad."""
LONGEST = 8_000
"""Characters that are read."""

_ERASES = 0x80


def strokes_to_text(strokes: Sequence[Stroke]) -> str:
    """Strokes → letters, digits, "-" and "_": each stroke's width, number of points, first point, and differences.

    Points are rounded to the grid and widths to multiples of 0.005; strokes that lie there already come back exactly.

    >>> strokes_to_text([Stroke(((0.2, 0.5), (0.24, 0.5)), 0.06)])
    'DAJk-gEUAA'
    """
    data = bytearray()
    for stroke in strokes:
        data.append(max(1, min(round(stroke.width * WIDTHS), _ERASES - 1)) | (_ERASES if stroke.erase else 0))
        data += _number(len(stroke.points))
        before = (0, 0)
        for x, y in stroke.points:
            place = round(x * GRID), round(y * GRID)
            for now, then in zip(place, before, strict=True):
                data += _number(2 * (now - then) if now >= then else 2 * (then - now) - 1)
            before = place
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def strokes_from_text(text: str) -> tuple[Stroke, ...]:
    """The inverse of `strokes_to_text`. Raises `ImageError` for any other text."""
    try:
        if len(text) > LONGEST or not re.fullmatch(r"[A-Za-z0-9_-]*", text):
            raise ValueError
        data = iter(base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True))
        strokes = [_stroke(first, data) for first in data]
    except ValueError:  # also of base64
        raise ImageError("The drawing in this link cannot be read.") from None
    return strokes_from_json(strokes)


def _stroke(first: int, data: Iterator[int]) -> dict:
    count, x, y = _read(data), 0, 0
    points = []
    for _ in range(count):
        x, y = x + _signed(_read(data)), y + _signed(_read(data))
        points.append([x / GRID, y / GRID])
    return {"points": points, "width": (first & ~_ERASES) / WIDTHS, "erase": bool(first & _ERASES)}


def _number(value: int) -> bytes:
    """A number from 0 on in groups of seven bits, the last ones first; all groups but the last have the eighth bit."""
    groups = bytearray()
    while value >= 0x80:
        groups.append(value & 0x7F | 0x80)
        value >>= 7
    groups.append(value)
    return bytes(groups)


def _read(data: Iterator[int]) -> int:
    value, shift = 0, 0
    for byte in data:
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return value
        if shift > 28:
            break
    raise ValueError


def _signed(value: int) -> int:
    return value >> 1 if value % 2 == 0 else -(value + 1 >> 1)
