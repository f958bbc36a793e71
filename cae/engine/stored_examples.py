"""The built-in drawings as a model sees them, stored beside its weights: the first view needs no running network."""

import base64
import json
from dataclasses import dataclass

import numpy as np

from cae.engine.client import Result
from cae.imaging.examples import Examples
from cae.model import store

FILE = "examples.json"
LEAST = 0.01
"""Between the smallest and the largest value of a code that is not everywhere the same."""


@dataclass(frozen=True)
class StoredExamples:
    """Results by example name, and the latent values (lowest, highest) that occur in them."""

    results: dict[str, Result]
    latent_range: tuple[float, float]
    """Of all their latents; it has a width, even where a collapsed network gives the same value everywhere."""


def write(model: store.Pretrained, examples: Examples, result: Result) -> None:
    """Store what the model makes of all examples, in their order, in its folder."""
    entries = {
        name: {
            "latent": _encode(result.latent[index].astype("<f4")),
            "reconstruction": _encode(result.reconstruction[index]),
            "denoised": None if result.denoised is None else _encode(result.denoised[index]),
        }
        for index, name in enumerate(examples.drawings)
    }
    latent_range = [round(float(limit), 4) for limit in (result.latent.min(), result.latent.max())]
    content = {"latent_range": latent_range, "examples": entries}
    store.seal(model.folder, {FILE: json.dumps(content, indent=1) + "\n"})


def read(model: store.Pretrained) -> StoredExamples:
    """The stored results of a model.

    Raises:
        PretrainedError: they are missing, altered or damaged.
    """
    content = model.read_json(FILE)
    try:
        results = {
            name: Result(
                latent=_decode(entry["latent"], "<f4", (1, 7, 7, 1)),
                reconstruction=_decode(entry["reconstruction"], np.uint8, (1, 28, 28)),
                denoised=entry["denoised"] and _decode(entry["denoised"], np.uint8, (1, 28, 28)),
                milliseconds=0.0,
            )
            for name, entry in content["examples"].items()
        }
        lowest, highest = map(float, content["latent_range"])
    except (AttributeError, KeyError, TypeError, ValueError):
        raise model.damaged(FILE) from None
    if highest - lowest < LEAST:
        highest = lowest + 1
    return StoredExamples(results, (lowest, highest))


def _encode(array: np.ndarray) -> str:
    return base64.b64encode(np.ascontiguousarray(array).tobytes()).decode()


def _decode(text: str, dtype: str | type, shape: tuple[int, ...]) -> np.ndarray:
    return np.frombuffer(base64.b64decode(text), dtype).reshape(shape)
