"""From one picture to another through the code, and arithmetic with codes; all computed in the browser."""

import base64

import numpy as np

from cae.model.store import Pretrained
from cae.ui.assets import model_file
from cae.ui.components import register


def between(
    own: np.ndarray | None,
    examples: str,
    first: tuple[str, str],
    model: Pretrained,
    *,
    fitted: bool,
    key: str = "between",
) -> None:
    """Show it.

    Args:
        own: the visitor's picture, uint8 (28, 28), if there is one.
        examples: the set of drawings to choose from, as `constants.js` names it.
        first: the examples to begin with: where it goes to, and what is added.
        model: whose weights the browser fetches.
        fitted: whether the examples are centred and resized, as the model's training images were.
    """
    data = {
        "own": None if own is None else base64.b64encode(np.ascontiguousarray(own).tobytes()).decode(),
        "examples": examples,
        "fit": examples if fitted else None,
        "first": list(first),
        "model": {part: model_file(model, f"{part}.safetensors") for part in ("encoder", "decoder")},
    }
    _mount(key=key, data=data)


_mount = register("between", "<div class='between'></div>")
