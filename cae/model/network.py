"""The network of `cae.model.specification` in Keras 3, on any backend, initialised alive.

There is no dense layer, so any height and width that are multiples of 4 will do: one code value per 4×4 pixels.
"""

from collections.abc import Callable, Mapping
from typing import Any

import keras
import numpy as np
from keras import layers, ops

from cae.model.specification import DECODER, ENCODER, NARROW, SCALE, Convolution, Layer, Pool, Upsample, layers_of


def build_encoder(seed: int = 0, height: int | None = 28, width: int | None = 28) -> keras.Model:
    """Images (N, H, W, 1) in [0, 1] → latents (N, H/4, W/4, 1), unbounded. `None` leaves a side open."""
    return build_network("encoder", ENCODER, (height, width, 1), seed)


def build_decoder(seed: int = 0, height: int | None = 7, width: int | None = 7) -> keras.Model:
    """Latents (N, h, w, 1) → images (N, 4h, 4w, 1) in (−1, 1); whoever shows them clips to [0, 1]."""
    return build_network("decoder", DECODER, (height, width, 1), seed + 1)


def build_autoencoder(seed: int = 0, side: int = 28) -> tuple[keras.Model, keras.Model]:
    """A fresh encoder and decoder for square images, initialised alive: the same seed gives the same weights."""
    return build_encoder(seed, side, side), build_decoder(seed, side // 4, side // 4)


def build_like(weights: Mapping[str, np.ndarray], side: int | None = None) -> tuple[keras.Model, keras.Model]:
    """Encoder and decoder for square images, or for any, with these weights, which say how many filters each layer has.

    Raises:
        KeyError: a weight is missing.
        ValueError: the weights do not fit together.
    """
    encoder_layers, decoder_layers = layers_of(weights)
    code = (None, None) if side is None else (side // SCALE, side // SCALE)
    encoder = build_network("encoder", encoder_layers, (side, side, 1), 0)
    decoder = build_network("decoder", decoder_layers, (*code, encoder.output_shape[-1]), 1)
    set_weights(weights, encoder, decoder)
    return encoder, decoder


def build_network(name: str, specification: tuple[Layer, ...], shape: tuple, seed: int) -> keras.Model:
    """The layers of a specification in a row, on inputs of a shape (H, W, C), initialised alive.

    The narrow layers stay in float32 under mixed precision.
    """
    inputs = keras.Input(shape, name=f"{name}_input")
    x, channels = inputs, shape[-1]
    for index, layer in enumerate(specification, start=1):
        label = f"{name}_{index:02d}"
        if isinstance(layer, Pool):
            x = layers.MaxPooling2D(2, name=f"{label}_pool")(x)
        elif isinstance(layer, Upsample):
            x = layers.UpSampling2D(2, name=f"{label}_upsample")(x)
        else:
            x = layers.Conv2D(
                layer.filters,
                layer.kernel,
                padding="same",
                activation=layer.activation,
                kernel_initializer=_initialiser(layer, channels, 1000 * seed + index, first=index == 1),
                dtype="float32" if layer.filters <= NARROW else None,
                name=f"{label}_conv",
            )(x)
            channels = layer.filters
    return keras.Model(inputs, x, name=name)


def _initialiser(layer: Convolution, channels: int, seed: int, *, first: bool) -> Callable[..., Any]:
    """How a convolution starts: He et al. (2015) where it is wide, alive by construction where it is narrow.

    A ReLU layer of one or two filters that starts with mostly negative weights answers zero to every image, passes no
    gradient and leaves the whole network with one grey output. Its inputs are ReLU outputs, so non-negative weights
    keep it alive: the absolute value of a He normal draw, scaled so that each filter's weights sum to one and the
    activations keep their size. The decoder's first layer sees the signed code: +1 and −1 let both signs of each of its
    channels through ReLU.
    """
    if layer.activation == "tanh":
        return keras.initializers.GlorotUniform(seed)
    if layer.filters > NARROW:
        return keras.initializers.HeNormal(seed)
    if first:
        both = np.concatenate([np.eye(channels), -np.eye(channels)], axis=1)
        return lambda shape, dtype=None: ops.cast(both.reshape(shape), dtype or "float32")

    def alive(shape: tuple[int, ...], dtype: str | None = None) -> Any:
        kernel = ops.abs(keras.initializers.HeNormal(seed)(shape, "float32"))
        return ops.cast(kernel / ops.sum(kernel, axis=(0, 1, 2), keepdims=True), dtype or "float32")

    return alive


def weights_of(*models: keras.Model) -> dict[str, np.ndarray]:
    """All weights by name, e.g. `encoder_01_conv/kernel` (3, 3, 1, 128) and `encoder_01_conv/bias` (128,), float32."""
    return {
        _weight_name(variable): np.array(ops.convert_to_numpy(variable.value)) for m in models for variable in m.weights
    }


def set_weights(weights: Mapping[str, np.ndarray], *models: keras.Model) -> None:
    """Put weights, named as by `weights_of`, into the models.

    Raises:
        KeyError: a weight is missing.
        ValueError: a weight has another shape.
    """
    for model in models:
        for variable in model.weights:
            variable.assign(np.asarray(weights[_weight_name(variable)], dtype=np.float32))


def _weight_name(variable: keras.Variable) -> str:
    return "/".join(variable.path.split("/")[-2:])
