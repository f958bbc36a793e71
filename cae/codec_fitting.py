"""Makes the codec of a model folder from its training images: the context models and the alphabets.

Which variant, step and rate weight a quality has stands in the folder's codec.json, if it has one, or in `DEFAULTS`.
"""

import json
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from cae.cae_file import QUALITIES
from cae.codec import GRID, SETTINGS, Codec, Setting
from cae.context_model import UNIT
from cae.context_training import free_offsets, grid_offsets, train
from cae.pretrained import Pretrained

STEPS = (922, 717, 563, 430, 328, 256, 205, 164, 123, 82)
"""For qualities 1 to 10, in 1/1024 of a latent unit, where the network was not trained for a rate."""
COARSE = 328
"""From this step on the encoder goes further from the nearest symbol for the sake of the rate: it pays there."""
DEFAULTS = tuple(
    Setting(quality, "", step, 0.1 if step >= COARSE else 0.05, 0, 0)
    for quality, step in zip(QUALITIES, STEPS, strict=True)
)
EPOCHS = 20
FREE_EPOCHS = 3
"""Each takes as long as one of the 7×7 grid, but there are 49 times fewer weights to be trained."""


def fit(model: Pretrained, latents_of: Callable[[str], np.ndarray], epochs: int = EPOCHS) -> Codec:
    """The codec for a model, not yet saved.

    Args:
        latents_of: the latents float32 (N, h, w, 1) of the training images, by variant. Only where they are 7×7 is
            there a context model of that grid.
        epochs: of the context model of the 7×7 grid.
    """
    settings = _settings(model)
    contexts, final = {}, {}
    for variant in dict.fromkeys(setting.variant for setting in settings):
        latents = latents_of(variant)[..., 0]
        own = [setting for setting in settings if setting.variant == variant]
        steps = [setting.step for setting in own]
        if latents.shape[1:] == (GRID, GRID):
            contexts[variant, "grid"] = train(latents, steps, grid_offsets(GRID, GRID), epochs)
        contexts[variant, "free"] = train(latents, steps, free_offsets(), min(epochs, FREE_EPOCHS))
        for setting in own:
            lowest, highest = (int(np.rint(limit * UNIT / setting.step)) for limit in (latents.min(), latents.max()))
            final[setting.quality] = replace(setting, lowest=lowest, highest=highest)
    return Codec(model, tuple(final[quality] for quality in QUALITIES), contexts)


def _settings(model: Pretrained) -> tuple[Setting, ...]:
    if SETTINGS not in model.checksums:
        return DEFAULTS
    return tuple(Setting(**row) for row in json.loads(model.read(SETTINGS))["qualities"])
