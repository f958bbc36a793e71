"""Makes the codec of a model folder from its training images: the context models and the alphabets.

Which step and rate weight a quality has stands in the folder's codec.json, if it has one, or in `defaults`; its variant
is the one that was trained for a range of steps with that one in it.
"""

import json
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from cae import photos
from cae.cae_file import QUALITIES
from cae.codec import GRID, SETTINGS, Codec, Setting
from cae.context_model import UNIT, ContextModel
from cae.context_training import BATCH, free_offsets, grid_offsets, train
from cae.pretrained import Pretrained

STEPS = (922, 717, 563, 430, 328, 256, 205, 164, 123, 82)
"""For qualities 1 to 10, in 1/1024 of a latent unit."""
PHOTO_STEPS = (307, 246, 205, 164, 123, 92, 72, 51, 36, 20)
"""The same for photographs, whose latents vary less."""
COARSE = 328
"""From this step on the encoder goes further from the nearest symbol for the sake of the rate: it pays there."""
EPOCHS = 20
FREE_STEPS = 700
"""Batches for a context model of any position: 3 epochs of 60,000 images."""


def fit(
    model: Pretrained,
    latents_of: Callable[[str], np.ndarray],
    epochs: int = EPOCHS,
    chroma_of: Callable[[str], np.ndarray] | None = None,
) -> Codec:
    """The codec for a model, not yet saved.

    Args:
        latents_of: the latents float32 (N, h, w, 1) of the training images, by variant. Only where they are 7×7 is
            there a context model of that grid.
        epochs: of the context models, at most.
        chroma_of: the same for colour, which then gets a context model of its own; in grey if left out.
    """
    settings = settings_of(model)
    contexts, final = {}, {}
    for variant in dict.fromkeys(setting.variant for setting in settings):
        latents = latents_of(variant)[..., 0]
        own = [setting for setting in settings if setting.variant == variant]
        steps = [setting.step for setting in own]
        if latents.shape[1:] == (GRID, GRID):
            contexts[variant, "grid"] = train(latents, steps, grid_offsets(GRID, GRID), epochs)
        contexts[variant, "free"] = _any_position(latents, steps, epochs)
        limits = latents.min(), latents.max()
        if chroma_of is not None:
            chroma = chroma_of(variant)[..., 0]
            contexts[variant, "chroma"] = _any_position(chroma, steps, epochs)
            limits = min(limits[0], chroma.min()), max(limits[1], chroma.max())
        for setting in own:
            lowest, highest = (int(np.rint(limit * UNIT / setting.step)) for limit in limits)
            final[setting.quality] = replace(setting, lowest=lowest, highest=highest)
    return Codec(model, tuple(final[quality] for quality in QUALITIES), contexts)


def _any_position(latents: np.ndarray, steps: list[int], epochs: int) -> ContextModel:
    """The context model that does not know where it is, and needs fewer epochs than those that do."""
    enough = -(-FREE_STEPS * BATCH // len(latents))
    return train(latents, steps, free_offsets(), min(epochs, enough))


def defaults(data_set: str) -> tuple[Setting, ...]:
    """What each quality means for a model that has no codec yet."""
    steps = PHOTO_STEPS if data_set == photos.NAME else STEPS
    return tuple(
        Setting(quality, "", step, 0.1 if step >= COARSE else 0.05, 0, 0)
        for quality, step in zip(QUALITIES, steps, strict=True)
    )


def settings_of(model: Pretrained) -> tuple[Setting, ...]:
    """What each quality means, its alphabet apart."""
    if SETTINGS in model.checksums:
        stored = (Setting(**row) for row in json.loads(model.read(SETTINGS))["qualities"])
    else:
        stored = defaults(model.data_set)
    ranges = variants(model)

    def variant(step: float) -> str:
        return next((name for name, (finest, coarsest) in ranges.items() if finest <= step <= coarsest), "")

    return tuple(replace(setting, variant=variant(setting.step / UNIT)) for setting in stored)


def variants(model: Pretrained) -> dict[str, tuple[float, float]]:
    """The range of steps, in latent units, that each variant in the model's folder is for."""
    records = {
        name.split("/")[0]: json.loads(model.read(name))["autoencoder"]
        for name in model.checksums
        if name.endswith("/history.json")
    }
    return {
        name: (max(record["finest"], record.get("used_from", 0.0)), record["coarsest"])
        for name, record in records.items()
    }
