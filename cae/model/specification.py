"""The network on paper: 20 layers, 28×28×1 → 7×7×1 → 28×28×1, 198,290 parameters. Knows nothing of Keras.

Source: S. Bhattacharya, "Image Compression using Convolutional Autoencoder", MSc research project, National College of
Ireland, 2020. The publication gives layer kinds and parameter counts; the kernel sizes follow from the counts.
"""

from collections.abc import Mapping, Sized
from dataclasses import dataclass, replace

ENCODER_PARAMETERS = 98_601
DECODER_PARAMETERS = 99_689
PARAMETERS = ENCODER_PARAMETERS + DECODER_PARAMETERS

SIDE = 28
"""Pixels in a row and in a column of the images that the network is made for."""
SCALE = 4
"""Pixels in a row or a column for each latent value."""
NARROW = 8
"""Filters of the layers around the code, at most; the others are the wide ones."""


@dataclass(frozen=True)
class Convolution:
    """A "same"-padded convolution: filters, kernel side and activation."""

    filters: int
    kernel: int
    activation: str = "relu"


@dataclass(frozen=True)
class Pool:
    """The maximum of each 2×2 values."""


@dataclass(frozen=True)
class Upsample:
    """Each value repeated 2×2 times."""


Layer = Convolution | Pool | Upsample

ENCODER: tuple[Layer, ...] = (
    Convolution(128, 3),
    Convolution(64, 3),
    Pool(),
    Convolution(32, 3),
    Convolution(16, 3),
    Convolution(8, 1),
    Pool(),
    Convolution(4, 3),
    Convolution(2, 1),
    Convolution(1, 1, "linear"),  # the code: a ReLU here dies
)
DECODER: tuple[Layer, ...] = (
    Convolution(2, 1),
    Convolution(4, 3),
    Convolution(8, 3),
    Upsample(),
    Convolution(16, 3),
    Convolution(32, 3),
    Convolution(64, 3),
    Upsample(),
    Convolution(128, 3),
    Convolution(1, 3, "tanh"),
)


def scaled(layers: tuple[Layer, ...], widest: int, code_channels: int = 1) -> tuple[Layer, ...]:
    """The same layers with other numbers of filters, for small trainings.

    Args:
        widest: filters of the widest layer in place of 128; the other wide layers shrink alike, to no fewer than 8.
        code_channels: values of the code for each 4×4 pixels in place of 1; the narrow layers grow alike.
    """

    def filters(layer: Convolution) -> int:
        if layer.activation == "tanh":  # the picture
            return layer.filters
        return max(NARROW, layer.filters * widest // 128) if layer.filters > NARROW else layer.filters * code_channels

    return tuple(
        replace(layer, filters=filters(layer)) if isinstance(layer, Convolution) else layer for layer in layers
    )


def layers_of(weights: Mapping[str, Sized]) -> tuple[tuple[Layer, ...], tuple[Layer, ...]]:
    """The layers of encoder and decoder with these weights, whose biases say how many filters each has.

    Args:
        weights: named as by `cae.model.network.weights_of`.

    Raises:
        KeyError: a bias is missing.
    """

    def like(half: str, layers: tuple[Layer, ...]) -> tuple[Layer, ...]:
        return tuple(
            replace(layer, filters=len(weights[f"{half}_{index:02d}_conv/bias"]))
            if isinstance(layer, Convolution)
            else layer
            for index, layer in enumerate(layers, start=1)
        )

    return like("encoder", ENCODER), like("decoder", DECODER)


@dataclass(frozen=True)
class LayerSize:
    """What a layer is and gives: a description, its output side and channels, its parameters, and its multiply-adds.

    A multiply-add is one product of a weight and a value, added to a sum; the zeros around the image count as values.
    """

    description: str
    side: int
    channels: int
    parameters: int
    multiply_adds: int


def layer_sizes(layers: tuple[Layer, ...], side: int) -> list[LayerSize]:
    """The layers one by one, for an input of side×side×1."""
    sizes, channels = [], 1
    for layer in layers:
        if isinstance(layer, Pool):
            side //= 2
            sizes.append(LayerSize("max pool 2×2", side, channels, 0, 0))
        elif isinstance(layer, Upsample):
            side *= 2
            sizes.append(LayerSize("upsample 2×2", side, channels, 0, 0))
        else:
            products = layer.kernel**2 * channels * layer.filters
            parameters = products + layer.filters
            channels = layer.filters
            description = f"convolution {layer.kernel}×{layer.kernel}, {layer.activation}"
            sizes.append(LayerSize(description, side, channels, parameters, side**2 * products))
    return sizes


def receptive_field(layers: tuple[Layer, ...]) -> int:
    """The side, in pixels of a picture without edges, of the square on which a value of the last layer depends.

    After an upsampling it differs from value to value; it is the largest.
    """
    phases = 2 ** sum(isinstance(layer, Upsample) for layer in layers)
    spans = (input_span(layers, value, value) for value in range(phases))
    return max(last - first + 1 for first, last in spans)


def input_span(layers: tuple[Layer, ...], first: int, last: int) -> tuple[int, int]:
    """The first and the last value of the input, in a row, on which the outputs from `first` to `last` depend."""
    for layer in reversed(layers):
        if isinstance(layer, Pool):
            first, last = 2 * first, 2 * last + 1
        elif isinstance(layer, Upsample):
            first, last = first // 2, last // 2
        else:
            first, last = first - layer.kernel // 2, last + layer.kernel // 2
    return first, last
