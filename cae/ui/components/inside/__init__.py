"""Inside: what each layer makes of a picture, and how each value is computed, by the browser's own network."""

import base64

import numpy as np

from cae.model.store import Pretrained
from cae.ui.assets import model_file
from cae.ui.components import register


def inside(picture: np.ndarray, model: Pretrained, address: dict[str, str | None]) -> None:
    """Show everything.

    Args:
        picture: what the network sees, uint8 (28, 28).
        model: whose weights the browser fetches.
        address: parameters for the address of the page; the component adds `at`, the pixel that is opened, and `off`,
            what is silenced (`place.js`).
    """
    parts = {half: model_file(model, f"{half}.safetensors") for half in ("encoder", "decoder")}
    pixels = base64.b64encode(np.ascontiguousarray(picture).tobytes()).decode()
    _mount(key="inside", data={"pixels": pixels, "model": parts, "address": address})


_mount = register("inside", "<div class='play inside'></div>", styles=("play", "inside"))
