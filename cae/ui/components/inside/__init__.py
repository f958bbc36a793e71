"""Inside: what each layer makes of a picture, and how each value is computed, by the browser's own network."""

import base64

import numpy as np

from cae.model.specification import DECODER, ENCODER, Layer
from cae.model.store import Pretrained
from cae.ui.assets import layer_figures, model_file
from cae.ui.components import register


def inside(
    picture: np.ndarray,
    seen: np.ndarray,
    model: Pretrained,
    layers: tuple[tuple[Layer, ...], tuple[Layer, ...]],
    address: dict[str, str | None],
) -> None:
    """Show everything.

    Args:
        picture: the original, uint8 (28, 28), with which the picture drawn again is compared.
        seen: what the network sees of it: the same, or with noise.
        model: whose weights the browser fetches.
        layers: of its encoder and its decoder.
        address: parameters for the address of the page; the component adds `at`, the pixel that is opened, and `off`,
            what is silenced (`place.js`).
    """
    parts = {half: model_file(model, f"{half}.safetensors") for half in ("encoder", "decoder")}
    data = {"original": _base64(picture), "pixels": _base64(seen), "model": parts, "address": address}
    if layers != (ENCODER, DECODER):  # which the browser knows
        data["layers"] = layer_figures(*layers)
    _mount(key="inside", data=data)


def _base64(picture: np.ndarray) -> str:
    return base64.b64encode(np.ascontiguousarray(picture).tobytes()).decode()


_mount = register("inside", "<div class='play inside'></div>", styles=("play", "inside"))
