"""The map of codes: where those of test images lie by class, what the decoder draws in between, and one's own."""

import base64

import numpy as np

from cae.evaluation.code_map import MAP
from cae.model.store import Pretrained
from cae.ui.assets import model_file
from cae.ui.components import register
from cae.ui.components.play import code_of


def code_map(
    own: np.ndarray | None, model: Pretrained, latent_range: tuple[float, float], key: str = "code_map"
) -> np.ndarray | None:
    """Show it.

    Args:
        own: the visitor's picture, uint8 (28, 28), if there is one.
        model: whose weights and map the browser fetches; it must have a map.
        latent_range: the values that the ends of the latent's colours stand for.

    Returns:
        The code that the visitor takes to Play, float32 (7, 7, 1), in the run after the click; else None.
    """
    data = {
        "own": None if own is None else base64.b64encode(np.ascontiguousarray(own).tobytes()).decode(),
        "map": model_file(model, MAP),
        "model": {part: model_file(model, f"{part}.safetensors") for part in ("encoder", "decoder")},
        "latentRange": [float(limit) for limit in latent_range],
    }
    return code_of(_mount(key=key, data=data, on_taken_change=lambda: None).taken)


_mount = register("code_map", "<div class='code-map'></div>")
