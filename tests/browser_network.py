"""What the network in the browser is asked, and what Keras answers, for shipped and for random weights."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import keras
import numpy as np

from cae.imaging.examples import DIGITS
from cae.imaging.preprocessing import fit_digit
from cae.imaging.strokes import rasterise
from cae.model import store
from cae.model.denoising import denoised
from cae.model.network import build_network, set_weights, weights_of
from cae.model.specification import DECODER, ENCODER, SCALE, Convolution, Layer, Pool, Upsample

TOLERANCE = 1e-4
Layers = tuple[Layer, ...]

WIDTHS: dict[str, tuple[Layers, Layers]] = {
    "odd": (
        (Convolution(9, 3), Pool(), Convolution(7, 3), Convolution(3, 1), Pool(), Convolution(1, 3, "linear")),
        (Convolution(10, 3), Upsample(), Convolution(9, 3), Upsample(), Convolution(6, 3), Convolution(1, 1, "tanh")),
    ),
    "wide": (
        (Convolution(33, 3), Convolution(18, 3), Pool(), Pool(), Convolution(13, 3), Convolution(1, 1, "linear")),
        (Convolution(9, 1), Upsample(), Convolution(21, 1), Upsample(), Convolution(1, 3, "tanh")),
    ),
    "twice": (
        (Pool(), Convolution(2, 1), Pool(), Convolution(1, 3, "linear")),
        (Convolution(11, 3), Upsample(), Upsample(), Convolution(1, 3, "tanh")),
    ),
    "channels": (
        (Convolution(10, 3), Pool(), Convolution(5, 1), Pool(), Convolution(3, 3, "linear")),
        (Convolution(6, 1), Upsample(), Convolution(9, 3), Upsample(), Convolution(1, 3, "tanh")),
    ),
}
"""Encoders and decoders as they are not shipped: odd widths, 1×1 kernels, nothing at all between resizing layers, and a
code of several channels."""


@dataclass(frozen=True)
class Case:
    """A request as the browser gets it, and Keras' answer: an array, or one for each layer by name.

    Args:
        parts: the file with the weights of each part.
        values: of a picture (height, width) in [0, 1] or of a code (height, width, channels).
        silenced: channels of layers that give zeros.
    """

    operation: str
    parts: dict[str, Path]
    values: np.ndarray
    answer: np.ndarray | dict[str, np.ndarray]
    silenced: dict[str, list[int]] = field(default_factory=dict)

    def request(self, address: Callable[[Path], str] = str) -> list:
        """The request in JSON, with the weights at that address for their path."""
        parts = {part: address(path) for part, path in self.parts.items()}
        return [self.operation, parts, self.values.ravel().tolist(), *self.values.shape[:2], self.silenced]

    def check(self, answer: list) -> float:
        """Hold an answer to Keras' → the largest difference; of layers, as a share of their largest value above 1."""
        if isinstance(self.answer, np.ndarray):
            return _difference(answer, self.answer)
        assert [output["name"] for output in answer] == list(self.answer)
        for output, expected in zip(answer, self.answer.values(), strict=True):
            assert (output["height"], output["width"], output["channels"]) == expected.shape
        scales = {name: max(1.0, float(np.abs(values).max())) for name, values in self.answer.items()}
        return max(
            _difference(np.divide(output["values"], scales[name]), expected / scales[name])
            for output, (name, expected) in zip(answer, self.answer.items(), strict=True)
        )


def _difference(answer: list | np.ndarray, expected: np.ndarray) -> float:
    found = np.array(answer, np.float64)
    assert found.shape == (expected.size,)
    difference = float(np.abs(found - expected.ravel()).max())
    assert difference <= TOLERANCE
    return difference


def pictures() -> list[np.ndarray]:
    """A digit, noise, and a picture of another size, in [0, 1]."""
    rng = np.random.default_rng(5)
    digit = fit_digit(rasterise(DIGITS["3"])) / np.float32(255)
    return [digit, rng.random((28, 28), np.float32), rng.random((12, 20), np.float32), rng.random((64, 96), np.float32)]


def shipped(model: str, folder: str = "") -> list[Case]:
    """Encoder and decoder of a model folder, or of one within it, on all pictures."""
    path = store.FOLDER / model / folder
    parts = {half: path / f"{half}.safetensors" for half in ("encoder", "decoder")}
    return _both(parts, *_built(store.load(model).weights(*(f"{folder}/{half}".strip("/") for half in parts))))


def snapshots(model: str) -> list[Case]:
    """Each snapshot of a model, its half precision included."""
    trained = store.load(model)
    cases = []
    for epoch in trained.snapshot_epochs:
        path = store.FOLDER / model / store.snapshot_name(epoch)
        cases += _both({"encoder": path, "decoder": path}, *_built(trained.read_tensors(store.snapshot_name(epoch))))[
            :2
        ]
    return cases


def random(widths: str, folder: Path) -> list[Case]:
    """Networks of other widths, with random weights and biases, written to the folder; in single and half precision."""
    cases = []
    for dtype in (np.float32, np.float16):
        encoder, decoder = _models(*WIDTHS[widths])
        rng = np.random.default_rng(6)
        weights = {
            name: (value + 0.1 * rng.normal(size=value.shape)).astype(dtype)
            for name, value in weights_of(encoder, decoder).items()
        }
        set_weights(weights, encoder, decoder)
        name = f"{widths}-{np.dtype(dtype).name}.safetensors"
        store.write(folder, name, store.weights_file(weights, dtype))
        cases += _both({"encoder": folder / name, "decoder": folder / name}, encoder, decoder)
    return cases


SILENCED: list[dict[str, list[int]]] = [
    {"encoder_01_conv": [5], "encoder_03_pool": [0, 63]},
    {"decoder_04_upsample": [1, 6], "decoder_09_conv": list(range(100))},
    {"encoder_10_conv": [0]},
    {"decoder_10_conv": [0]},
]
"""Of convolutions, a pooling, and an upsampling that is computed together with the convolution after it."""


def silenced(model: str) -> list[Case]:
    """Every layer of a model on a digit, where some channels give zeros."""
    return [case for channels in SILENCED for case in layers(model, channels)]


def layers(model: str, silenced: dict[str, list[int]] | None = None) -> list[Case]:
    """Every layer of a model on a digit."""
    silenced = silenced or {}
    path = store.FOLDER / model
    parts = {half: path / f"{half}.safetensors" for half in ("encoder", "decoder")}
    encoder, decoder = _built(store.load(model).weights(*parts))
    picture = pictures()[0]
    outputs: dict[str, np.ndarray] = {}
    x = picture[np.newaxis, ..., np.newaxis]
    for layer in encoder.layers[1:] + decoder.layers[1:]:
        output = np.array(layer(x))
        output[..., silenced.get(layer.name, [])] = 0
        x = output
        outputs[layer.name] = output[0]
    return [Case("layers", parts, picture, outputs, silenced)]


def denoising(model: str) -> list[Case]:
    """A clean and a noisy reconstruction, and one of another size."""
    path = store.FOLDER / model
    trained = store.load(model)
    parts = {part: path / f"{part}.safetensors" for part in ("encoder", "decoder", "denoiser")}
    autoencoder, denoiser = trained.weights("encoder", "decoder"), trained.weights("denoiser")

    def through(weights: dict[str, np.ndarray], x: np.ndarray) -> np.ndarray:
        encoder, decoder = _built(weights)
        return np.clip(decoder(encoder(x)), 0, 1)

    cases = []
    for picture in pictures()[:3]:
        x = through(autoencoder, picture[np.newaxis, ..., np.newaxis])
        answer = np.asarray(denoised(x, through(denoiser, x), through(autoencoder, x)))
        cases.append(Case("denoise", parts, x[0, ..., 0], answer))
    return cases


def _both(parts: dict[str, Path], encoder: keras.Model, decoder: keras.Model) -> list[Case]:
    cases = []
    for picture in pictures():
        code = np.asarray(encoder(picture[np.newaxis, ..., np.newaxis]))
        assert np.ptp(code) > 1e-3, "the encoder is dead"
        assert code.shape[1:3] == (picture.shape[0] // SCALE, picture.shape[1] // SCALE)
        cases.append(Case("encode", {"encoder": parts["encoder"]}, picture, code))
        cases.append(Case("decode", {"decoder": parts["decoder"]}, code[0], np.clip(decoder(code), 0, 1)))
    return cases


@cache
def _models(encoder: Layers, decoder: Layers) -> tuple[keras.Model, keras.Model]:
    first = build_network("encoder", encoder, (None, None, 1), 0)
    return first, build_network("decoder", decoder, (None, None, first.output_shape[-1]), 0)


def _built(weights: dict[str, np.ndarray]) -> tuple[keras.Model, keras.Model]:
    """The network's own layers with those weights, until others are asked for."""
    models = _models(ENCODER, DECODER)
    set_weights(weights, *models)
    return models
