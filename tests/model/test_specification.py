"""The figures of the layers, each computed a second way."""

import pytest

from cae.model.specification import (
    DECODER,
    ENCODER,
    PARAMETERS,
    Convolution,
    Layer,
    Pool,
    Upsample,
    layer_sizes,
    receptive_field,
)


def largest_reach(layers: tuple[Layer, ...]) -> int:
    """Of the sets of inputs on which the values of a long line depend, the widest far from the ends."""
    line = [{i} for i in range(256)]
    for layer in layers:
        if isinstance(layer, Pool):
            line = [line[i] | line[i + 1] for i in range(0, len(line), 2)]
        elif isinstance(layer, Upsample):
            line = [inputs for inputs in line for _ in range(2)]
        else:
            edge = layer.kernel // 2
            line = [set().union(*line[max(0, i - edge) : i + edge + 1]) for i in range(len(line))]
    quarter = len(line) // 4
    return max(max(inputs) - min(inputs) + 1 for inputs in line[quarter:-quarter])


@pytest.mark.parametrize("count", range(1, 21))
def test_receptive_field_of_each_layer(count):
    layers = (ENCODER + DECODER)[:count]
    assert receptive_field(layers) == largest_reach(layers)


def test_receptive_field_of_other_orders():
    for layers in [
        (Upsample(), Convolution(1, 3), Upsample(), Convolution(1, 3), Upsample(), Convolution(1, 3)),
        (Pool(), Upsample(), Upsample(), Convolution(1, 1), Pool(), Convolution(1, 3)),
        (Upsample(), Convolution(1, 3), Pool(), Convolution(1, 3)),
    ]:
        assert receptive_field(layers) == largest_reach(layers)


def test_a_value_of_the_code_sees_24_pixels_in_a_row():
    assert receptive_field(ENCODER) == 24


def test_multiply_adds_are_counted_one_by_one():
    sizes = layer_sizes(ENCODER, 28) + layer_sizes(DECODER, 7)
    inputs, total = 1, 0
    for layer, size in zip(ENCODER + DECODER, sizes, strict=True):
        taps = layer.kernel * layer.kernel if isinstance(layer, Convolution) else 0
        products = sum(taps * inputs for _ in range(size.channels) for _ in range(size.side * size.side))
        assert size.multiply_adds == products
        inputs, total = size.channels, total + products
    assert total == sum(size.multiply_adds for size in sizes)
    assert sum(size.parameters for size in sizes) == PARAMETERS
