"""The drawing pad: white ink on black, for mouse, finger, pen and keyboard.

It takes and reports drawings as JSON: `cae.imaging.strokes` says how.
"""

from pathlib import Path

import streamlit as st

from cae.imaging.reading import ImageError
from cae.imaging.strokes import Stroke, strokes_from_json, strokes_to_json
from cae.ui.state import Drawing, reported, state

_here = Path(__file__).parent
_mount = st.components.v2.component(
    "cae.drawing_pad",
    html=(_here / "drawing_pad.html").read_text("utf-8"),
    css=(_here / "drawing_pad.css").read_text("utf-8"),
    js=(_here / "drawing_pad.js").read_text("utf-8"),
)


KEY = "drawing_pad"
BRUSH = 0.085
"""Width of the pen at first, in pad units."""


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
        drawing.handed_over = {"strokes": strokes, "version": drawing.version, "brush": BRUSH}
    _mount(key=KEY, data=drawing.handed_over, on_drawing_change=lambda: None)
    return drawing.strokes


def _drawn_on(version: int) -> tuple[Stroke, ...] | None:
    """The strokes that the browser sent since `version` was handed over; None where there are none yet."""
    drawing = reported(KEY, "drawing")
    try:
        return strokes_from_json(drawing["strokes"]) if drawing["version"] == version else None
    except (KeyError, TypeError, ImageError):  # nothing yet, or nothing that a pad would send
        return None
