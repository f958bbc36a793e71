"""Before and after in one frame, with a line between them that moves."""

from pathlib import Path

import numpy as np
import streamlit as st

from cae.ui import stages
from cae.ui.components.picture_grid import grey

_HERE = Path(__file__).parent
_component = st.components.v2.component(
    "cae_wipe",
    html=(_HERE / "wipe.html").read_text("utf-8"),
    css=(_HERE / "wipe.css").read_text("utf-8"),
    js=(_HERE / "wipe.js").read_text("utf-8"),
)


def wipe(before: np.ndarray, after: np.ndarray | None, words: tuple[str, str], *, key: str, ask: str = "") -> str:
    """Show two pictures of one size, (H, W) in [0, 1]; `words` say what they are.

    Args:
        before: the left one.
        after: the right one, or None while it is not there.
        words: texts for those who cannot see them.
        key: a name of its own on the page.
        ask: returned once nothing has changed for a moment; a new text asks anew.
    """
    height, width = before.shape
    data = {
        "before": grey(before, words[0]).__dict__,
        "after": None if after is None else grey(after, words[1]).__dict__,
        "width": width,
        "height": height,
        "colour": stages.DECODER,
        "ask": ask,
    }
    _component(key=key, data=data, on_rested_change=lambda: None)
    try:
        return str(st.session_state[key]["rested"] or "")
    except (KeyError, TypeError, AttributeError):
        return ""
