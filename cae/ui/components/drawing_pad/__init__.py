"""The drawing pad: white ink on black, for mouse, finger, pen and keyboard.

A drawing is a list of strokes `{"points": [[x, y], …], "width": w, "erase": bool}`, as in `cae.imaging.strokes`.
"""

from collections.abc import Callable
from pathlib import Path

import streamlit as st

from cae.imaging.reading import ImageError
from cae.imaging.strokes import strokes_from_json, strokes_to_json

_here = Path(__file__).parent
_mount = st.components.v2.component(
    "cae.drawing_pad",
    html=(_here / "drawing_pad.html").read_text("utf-8"),
    css=(_here / "drawing_pad.css").read_text("utf-8"),
    js=(_here / "drawing_pad.js").read_text("utf-8"),
)


def drawing_pad(
    strokes: list[dict],
    version: int,
    *,
    key: str = "drawing_pad",
    brush: float = 0.085,
    on_change: Callable[[], None] | None = None,
) -> list[dict]:
    """Shows the pad and returns the strokes now on it.

    The pad takes over `strokes` whenever `version` changes: change it with an example, a restored link or a cleared
    pad. Otherwise it keeps its own ink. Store what is returned and pass it the next time, so that the drawing is still
    there when the visitor comes back from another page.
    """
    reported = _reported(st.session_state.get(key), version)
    slot = f"{key}.handed_over"
    if reported is None or slot not in st.session_state:
        st.session_state[slot] = {"strokes": strokes, "version": version, "brush": brush}
    if reported is not None:
        strokes = reported  # what a living pad was handed stays as it was: Streamlit then sends a reference only
    handed_over = st.session_state[slot]

    _mount(key=key, data=handed_over, on_drawing_change=on_change or (lambda: None))
    return strokes


def _reported(state: object, version: int) -> list[dict] | None:
    """The strokes that the browser sent since `version` was handed over."""
    try:
        drawing = state["drawing"]
        if drawing["version"] != version:
            return None
        return strokes_to_json(strokes_from_json(drawing["strokes"]))
    except (AttributeError, KeyError, TypeError, ImageError):  # nothing yet, or nothing that a pad would send
        return None
