"""The gradient that keeps narrow layers alive: the same network, and dead units come back."""

import numpy as np
import pytest
from keras import ops

from cae.imaging.pixels import as_network_input
from cae.model.network import build_autoencoder, set_weights, weights_of
from cae.training.autoencoder import compiled
from cae.training.leak import LEAK, keep_alive, relu
from cae.training.loop import Settings, fit_epoch, make_optimizer


def test_forward_is_relu_and_the_gradient_leaks():
    import tensorflow as tf

    values = np.array([-3.0, -1e-3, 1e-3, 2.0], np.float32)
    x = tf.Variable(values)
    with tf.GradientTape() as tape:
        y = relu(x)
    assert np.array_equal(ops.convert_to_numpy(y), np.maximum(values, 0))
    assert np.allclose(tape.gradient(y, x), [LEAK, LEAK, 1, 1])


def test_only_narrow_relu_layers_are_changed():
    networks = build_autoencoder()
    keep_alive(*networks)
    changed = {layer.name for network in networks for layer in network.layers if vars(layer).get("activation") is relu}
    assert changed == {f"encoder_{n:02d}_conv" for n in (5, 6, 8, 9)} | {f"decoder_{n:02d}_conv" for n in (1, 2, 3, 5)}


@pytest.mark.usefixtures("without_graphs")
def test_a_dead_unit_comes_back(mnist):
    """With ReLU's own gradient a unit that is dead stays as it was."""
    images = as_network_input(mnist.x_train[:32])

    def trained_bias(*, alive: bool) -> float:
        networks = build_autoencoder()
        weights = weights_of(*networks)
        weights["encoder_06_conv/bias"][0] = -5.0
        set_weights(weights, *networks)
        if alive:
            keep_alive(*networks)
        settings = Settings(epochs=1, batch_size=8)
        model = compiled(networks, make_optimizer(settings, 4))
        fit_epoch(model, images, images, settings.batch_size, lambda *_: None)
        return float(weights_of(*networks)["encoder_06_conv/bias"][0])

    assert abs(trained_bias(alive=False) + 5) < 1e-5
    assert abs(trained_bias(alive=True) + 5) > 1e-3
