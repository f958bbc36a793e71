"""Before and after in one frame, with a line between them that moves."""

from dataclasses import asdict

import numpy as np

from cae.ui import colours
from cae.ui.components import register
from cae.ui.components.picture_grid import is_smooth, picture
from cae.ui.state import reported

_component = register("wipe")


def wipe(before: np.ndarray, after: np.ndarray | None, words: tuple[str, str], *, key: str, ask: str = "") -> str:
    """Show two pictures of one size, uint8 (H, W) or (H, W, 3).

    Args:
        before: the left one.
        after: the right one, or None while it is not there.
        words: what the two show, for those who cannot see them.
        key: a name of its own on the page.
        ask: returned once nothing has changed for a moment; a new text asks anew.
    """
    height, width = before.shape[:2]
    data = {
        "before": asdict(picture(before, words[0])),
        "after": None if after is None else asdict(picture(after, words[1])),
        "width": width,
        "height": height,
        "colour": colours.DECODER,
        "ask": ask,
        "smooth": is_smooth(before),
    }
    _component(key=key, data=data, on_rested_change=lambda: None)
    return str(reported(key, "rested") or "")
