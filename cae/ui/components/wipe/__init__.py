"""Before and after in one frame, with a line between them that moves."""

import base64
from pathlib import Path

import numpy as np
import streamlit as st

from cae.imaging.pixels import to_png
from cae.ui import colours
from cae.ui.components.picture_grid import Picture, grey

_HERE = Path(__file__).parent
_component = st.components.v2.component(
    "cae_wipe",
    html=(_HERE / "wipe.html").read_text("utf-8"),
    css=(_HERE / "wipe.css").read_text("utf-8"),
    js=(_HERE / "wipe.js").read_text("utf-8"),
)


def wipe(before: np.ndarray, after: np.ndarray | None, words: tuple[str, str], *, key: str, ask: str = "") -> str:
    """Show two pictures of one size; `words` say what they are.

    Both are (H, W) in [0, 1], shown with hard pixel edges; or photographs, uint8 (H, W, 3) or (H, W), shown smoothly.

    Args:
        before: the left one.
        after: the right one, or None while it is not there.
        words: texts for those who cannot see them.
        key: a name of its own on the page.
        ask: returned once nothing has changed for a moment; a new text asks anew.
    """
    height, width = before.shape[:2]
    data = {
        "before": _shown(before, words[0]).__dict__,
        "after": None if after is None else _shown(after, words[1]).__dict__,
        "width": width,
        "height": height,
        "colour": colours.DECODER,
        "ask": ask,
        "smooth": before.dtype == np.uint8,
    }
    _component(key=key, data=data, on_rested_change=lambda: None)
    try:
        return str(st.session_state[key]["rested"] or "")
    except (KeyError, TypeError, AttributeError):
        return ""


def _shown(picture: np.ndarray, alt: str) -> Picture:
    if picture.dtype != np.uint8:
        return grey(picture, alt)
    return Picture("data:image/png;base64," + base64.b64encode(to_png(picture)).decode(), alt)
