"""The fast convolution of an enlarged image against upsampling and convolving it."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from tensorflow.python.framework import ops as tf_ops
from tensorflow.python.profiler.internal import flops_registry  # noqa: F401 (it fills in the statistics)

from cae.model.fast_decoder import UpsampledConvolution, convolve_upsampled, multiply_adds, without_upsampling
from cae.model.network import build_autoencoder, build_decoder
from cae.model.specification import DECODER, ENCODER, layer_sizes


def directly(x: tf.Tensor, kernel: tf.Tensor) -> tf.Tensor:
    enlarged = keras.layers.UpSampling2D(2)(x)
    return tf.nn.conv2d(enlarged, kernel, strides=1, padding="SAME")


@pytest.mark.parametrize(
    ("shape", "filters"), [((2, 5, 7, 3), 4), ((1, 1, 1, 1), 1), ((3, 1, 6, 2), 5), ((1, 14, 14, 64), 8)]
)
def test_values_and_gradients(shape, filters):
    rng = np.random.default_rng(0)
    x = tf.Variable(rng.normal(size=shape).astype(np.float32))
    kernel = tf.Variable(rng.normal(size=(3, 3, shape[-1], filters)).astype(np.float32))
    n, h, w, _ = shape
    towards = rng.normal(size=(n, 2 * h, 2 * w, filters)).astype(np.float32)
    results = []
    for method in (convolve_upsampled, directly):
        with tf.GradientTape() as tape:
            y = method(x, kernel)
            loss = tf.reduce_sum(y * towards)
        results.append((y, *tape.gradient(loss, (x, kernel))))
    for fast, direct in zip(*results, strict=True):
        np.testing.assert_allclose(fast, direct, atol=1e-5 * np.abs(direct).max() + 1e-5)


def test_decoder_is_the_same_without_upsampling():
    decoder = build_decoder(1)
    fast = without_upsampling(decoder)
    assert not any(isinstance(layer, keras.layers.UpSampling2D) for layer in fast.layers)
    assert sum(isinstance(layer, UpsampledConvolution) for layer in fast.layers) == 2
    assert {id(variable) for variable in fast.weights} == {id(variable) for variable in decoder.weights}
    assert fast.output_shape == decoder.output_shape
    latents = np.random.default_rng(0).normal(size=(3, 7, 7, 1)).astype(np.float32)
    np.testing.assert_allclose(fast.predict_on_batch(latents), decoder.predict_on_batch(latents), atol=1e-5)


def test_multiply_adds_are_those_of_the_graph():
    """TensorFlow counts its own operations, two for a multiply-add; the decoder's form on paper takes more."""
    encoder, decoder = build_autoencoder()
    found = []
    for network in (encoder, without_upsampling(decoder), decoder):
        graph = tf.function(network).get_concrete_function(tf.zeros((1, *network.input_shape[1:]))).graph
        convolutions = [op for op in graph.get_operations() if op.type.startswith("Conv2D")]
        statistics = (tf_ops.get_stats_for_node_def(graph, op.node_def, "flops") for op in convolutions)
        found.append(sum(each.value for each in statistics) // 2)
    assert found[:2] == [multiply_adds(ENCODER, 28), multiply_adds(DECODER, 7)]
    assert found[2] == sum(size.multiply_adds for size in layer_sizes(DECODER, 7))
    assert found[0] + found[1] == 94_488_660
