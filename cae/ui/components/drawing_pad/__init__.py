"""The drawing pad: white ink on black, for mouse, finger, pen and keyboard.

It takes and reports drawings as JSON: `cae.imaging.strokes` says how.
"""

from cae.imaging.examples import PEN
from cae.imaging.reading import ImageError
from cae.imaging.strokes import Stroke, strokes_from_json, strokes_to_json
from cae.ui.components import register
from cae.ui.state import Drawing, reported, state

_mount = register("drawing_pad")
KEY = "drawing_pad"


def drawing_pad() -> tuple[Stroke, ...]:
    """Show the pad and return the strokes now on it, which are also kept in the visitor's `Drawing`.

    The pad takes over the strokes of `Drawing` whenever their version changes. Otherwise it keeps its own ink, and what
    it was handed stays as it was: Streamlit then sends a reference only.
    """
    drawing = state(Drawing)
    drawn = _drawn_on(drawing.version)
    if drawn is not None:
        drawing.strokes = drawn
    if drawn is None or drawing.handed_over is None:
        strokes = strokes_to_json(drawing.strokes)
        drawing.handed_over = {"strokes": strokes, "version": drawing.version, "brush": PEN}
    _mount(key=KEY, data=drawing.handed_over, on_drawing_change=lambda: None)
    return drawing.strokes


def _drawn_on(version: int) -> tuple[Stroke, ...] | None:
    """The strokes that the browser sent since `version` was handed over; None where there are none yet."""
    drawing = reported(KEY, "drawing")
    try:
        return strokes_from_json(drawing["strokes"]) if drawing["version"] == version else None
    except (KeyError, TypeError, ImageError):  # nothing yet, or nothing that a pad would send
        return None
