"""The drawing pad: white ink on black, for mouse, finger, pen and keyboard.

It takes and reports drawings as JSON: `cae.imaging.strokes` says how.
"""

from typing import Any

from cae.imaging.examples import PEN
from cae.imaging.reading import ImageError
from cae.imaging.strokes import Stroke, strokes_from_json, strokes_to_json
from cae.ui.components import register
from cae.ui.state import Drawing, reported, state

_mount = register("drawing_pad", "<div class='pad'></div>")
KEY = "drawing_pad"


def drawing_pad() -> tuple[Stroke, ...]:
    """Show the pad and return the strokes now on it, which are also kept in the visitor's `Drawing`."""
    strokes, handed_over = taken_from(KEY)
    _mount(key=KEY, data=handed_over, on_drawing_change=lambda: None)
    return strokes


def taken_from(key: str) -> tuple[tuple[Stroke, ...], dict[str, Any]]:
    """The strokes on the pad of the component of that key, and what its pad is to be handed.

    The pad takes over the strokes of `Drawing` whenever their version changes. Otherwise it keeps its own ink, and what
    it is handed stays as it was.
    """
    drawing = state(Drawing)
    drawn = _drawn_on(key, drawing.version)
    if drawn is not None:
        drawing.strokes = drawn
    if drawn is None or drawing.handed_over is None:
        strokes = strokes_to_json(drawing.strokes)
        drawing.handed_over = {"strokes": strokes, "version": drawing.version, "brush": PEN}
    return drawing.strokes, drawing.handed_over


def _drawn_on(key: str, version: int) -> tuple[Stroke, ...] | None:
    """The strokes that the browser sent since `version` was handed over; None where there are none yet."""
    drawing = reported(key, "drawing")
    try:
        return strokes_from_json(drawing["strokes"]) if drawing["version"] == version else None
    except (KeyError, TypeError, ImageError):  # nothing yet, or nothing that a pad would send
        return None
