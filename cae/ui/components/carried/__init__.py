"""The visitor's picture, small, in the header of the pages that do not show it; their address carries it too."""

import base64

import numpy as np

from cae.ui.components import register


def carried(picture: np.ndarray | None, page: str, address: dict[str, str | None]) -> None:
    """Show the picture uint8 (28, 28), if there is one, and put the parameters into the address of the page."""
    pixels = None if picture is None else base64.b64encode(np.ascontiguousarray(picture).tobytes()).decode()
    _mount(key="carried", data={"pixels": pixels, "page": page, "address": address})


_mount = register("carried", "<div class='carried'><canvas width='28' height='28' role='img'></canvas></div>")
