"""Makes the codec of a model folder from its training images: context models, and what each quality means.

The variants of the network, each trained for a range of steps, compete with the plain network at every rate: see
`cae.training.operating_points`.
"""

import json
from collections.abc import Callable
from functools import partial

import numpy as np

from cae.codec.codec import GRID, Codec, Setting
from cae.codec.context_model import UNIT, ContextModel
from cae.codec.entropy_coder import SymbolCoder
from cae.codec.fitting import Fitted, fitted
from cae.codec.smoothing import PASSES
from cae.data.source import CodecImages
from cae.model.specification import SCALE, SIDE
from cae.model.store import Pretrained
from cae.progress import progress_bar
from cae.training import operating_points
from cae.training.context_model import BATCH, free_offsets, grid_offsets, train
from cae.training.operating_points import (
    MIN_BITS,
    MIN_BITS_OF_PHOTOGRAPHS,
    RATE_WEIGHTS,
    OperatingPoint,
    steps_between,
)

EPOCHS = 20
FREE_STEPS = 700
"""Batches that a position-independent context model is trained for at most: 3 epochs of 60,000 images."""
CONTEXT_VALUES = 2_000_000
"""Latent values, at most, of larger pictures than 28×28 that context models are trained on: 5,000 squares of 80×80."""
PLAIN_STEPS = 1 / 24, 1 / 2
"""The range of steps that is tried with the plain network, in standard deviations of its latents."""
MEASURED_VALUES = 245_000
"""Latent values, at most, of the images that candidates are measured on: 5,000 images of 28×28."""
AS_IF_FITTED = 0.75
"""The share with which latents are about as the fitted ones: to fit those of all training images would take an hour."""
FEWEST_HELD_OUT = 100
"""With fewer images held out, candidates are measured on training images: they would tell less than these."""

Encode = Callable[[str, np.ndarray], np.ndarray]
"""A variant and images uint8 (N, H, W) → latents float32 (N, h, w, 1)."""
Decode = Callable[[str, np.ndarray], np.ndarray]
"""A variant and latents → its pictures uint8 (N, H, W)."""


def fit(
    model: Pretrained,
    images: CodecImages,
    held_out: CodecImages,
    encode: Encode,
    decode: Decode,
    epochs: int = EPOCHS,
) -> Codec:
    """The codec for a model, not yet saved.

    Args:
        images: the training images. Only where they are 28×28 is there a context model of that grid. If there is
            chroma, it gets context models and settings of its own.
        held_out: likewise, images of that size that the network was not trained on, to choose the qualities by.
        epochs: of the context models, at most.

    Raises:
        CodecError: the network gives hardly any latents to code.
    """
    ranges = variants(model)
    contexts: dict[tuple[str, str], ContextModel] = {}
    luma: list[OperatingPoint] = []
    chroma: list[OperatingPoint] = []
    small = images.grey.shape[1:] == (SIDE, SIDE)
    grey, smoothing = (images.grey, 0) if small else (_some(images.grey), PASSES)
    for variant in ("", *ranges):
        encoder, decoder = partial(encode, variant), partial(decode, variant)
        about_fitted = partial(_about_fitted, encoder, decoder)
        latents = about_fitted(grey)[..., 0]
        spread = max(float(latents.std()), 0.01)  # a collapsed network's is zero
        steps = steps_between(*(ranges[variant] if variant else (of_spread * spread for of_spread in PLAIN_STEPS)))
        if latents.shape[1:] == (GRID, GRID):
            contexts[variant, "grid"] = train(latents, steps, grid_offsets(GRID, GRID), epochs)
        contexts[variant, "free"] = _any_position(latents, steps, epochs)
        measure = partial(_measure, variant, steps, smoothing, encoder, decoder)
        context = contexts.get((variant, "grid")) or contexts[variant, "free"]
        luma += measure(context, latents, images.grey, held_out.grey)
        if images.chroma is not None and held_out.chroma is not None:
            colours = about_fitted(_some(images.chroma))[..., 0]
            contexts[variant, "chroma"] = _any_position(colours, steps, epochs)
            chroma += measure(contexts[variant, "chroma"], colours, images.chroma, held_out.chroma)
    settings = operating_points.choose(luma, MIN_BITS if small else MIN_BITS_OF_PHOTOGRAPHS)
    of_chroma = operating_points.choose_chroma(chroma, settings, luma) if chroma else ()
    used = {setting.variant for setting in (*settings, *of_chroma)}
    return Codec(model, settings, {key: context for key, context in contexts.items() if key[0] in used}, of_chroma)


def _measure(
    variant: str,
    steps: list[int],
    smoothing: int,
    encode: Callable[[np.ndarray], np.ndarray],
    decode: Callable[[np.ndarray], np.ndarray],
    context: ContextModel,
    latents: np.ndarray,
    images: np.ndarray,
    held_out: np.ndarray,
) -> list[OperatingPoint]:
    """A variant at all its steps, its latents fitted and as encoded: to fit them costs bits, which at few is too much.

    `latents` (N, h, w) are those of the training images, for the alphabet.
    """
    measured = held_out if len(held_out) >= FEWEST_HELD_OUT else images
    measured = measured[: max(1, MEASURED_VALUES * SCALE**2 // measured[0].size)]
    encoded = encode(measured)
    with progress_bar("Fitting latents", len(measured)) as advance:
        moved = fitted(measured, encoded, decode, advance)
    assert moved.costs is not None  # fitted latents have them
    lowest, highest = min(latents.min(), moved.latents.min()), max(latents.max(), moved.latents.max())
    ways = [
        (shown, sensitivity, rate_weight)
        for shown, sensitivity in ((moved, float(moved.costs.mean())), (Fitted(encoded), 0.0))
        for rate_weight in RATE_WEIGHTS
    ]
    points = []
    with progress_bar("Trying steps", len(steps) * len(ways)) as advance:
        for step in steps:
            first, last = (int(np.rint(limit * UNIT / step)) for limit in (lowest, highest))
            coder = SymbolCoder(context, step, first, last)
            for shown, sensitivity, rate_weight in ways:
                setting = Setting(0, variant, step, rate_weight, first, last, sensitivity, smoothing)
                points.append(operating_points.measure(coder, setting, shown, measured, decode))
                advance(1)
    return points


def _about_fitted(
    encode: Callable[[np.ndarray], np.ndarray], decode: Callable[[np.ndarray], np.ndarray], images: np.ndarray
) -> np.ndarray:
    """The latents of images, moved by a share of what a second pass changes, against the change.

    The encoder is not the decoder's inverse: what the second pass changes, the first has changed about as much. Source:
    twicing, J. Tukey, Exploratory Data Analysis, 1977.
    """
    latents = encode(images)
    return latents + np.float32(AS_IF_FITTED) * (latents - encode(decode(latents)))


def _some(images: np.ndarray) -> np.ndarray:
    """Pictures uint8 (N, H, W), in random order → enough of them for a context model."""
    return images[: max(1, CONTEXT_VALUES * SCALE**2 // images[0].size)]


def _any_position(latents: np.ndarray, steps: list[int], epochs: int) -> ContextModel:
    """The position-independent context model, which needs fewer epochs than a per-position one.

    In an epoch it sees equally many positions of each picture; so there may be more epochs where pictures are larger.
    """
    enough = -(-FREE_STEPS * BATCH // len(latents))
    return train(latents, steps, free_offsets(), min(max(1, epochs * latents[0].size // GRID**2), enough))


def variants(model: Pretrained) -> dict[str, tuple[float, float]]:
    """The range of steps, in latent units, that each variant in the model's folder was trained for."""
    records = {
        name.split("/")[0]: json.loads(model.read(name))["autoencoder"]
        for name in model.checksums
        if name.endswith("/history.json")
    }
    return {name: (record["finest"], record["coarsest"]) for name, record in records.items()}
