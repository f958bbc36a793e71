"""The training's share of `benchmark`, in this process."""

from collections.abc import Callable
from functools import partial
from time import perf_counter
from typing import Any

import keras
import numpy as np
from keras import ops

from cae.data.mnist import MNIST
from cae.imaging.pixels import as_network_input
from cae.model import devices
from cae.model.network import build_autoencoder
from cae.model.specification import DECODER, ENCODER, layer_sizes
from cae.progress import progress_bar, say
from cae.training import autoencoder, loop

TRAINING_IMAGES, ROUNDS = 640, 2


def measure() -> dict:
    """What `train` does beside plain Keras with Adam, in turn, and beside the device's rate in matrix multiplication.

    A training step counts as three times the multiply-adds of the network as it stands on paper: forwards, and
    backwards to the inputs and to the weights. Our form of the decoder needs fewer for the same result.
    """
    images = np.resize(as_network_input(MNIST.examples.images()), (TRAINING_IMAGES, 28, 28, 1))
    batch = loop.Settings.batch_size
    with devices.dtype_policy():
        optimizer = loop.make_optimizer(loop.Settings(), TRAINING_IMAGES // batch)
        ours = autoencoder.compiled(build_autoencoder(), optimizer)
    encoder, decoder = build_autoencoder()
    plain = keras.Sequential([encoder, decoder])
    plain.compile("adam", "mse")

    def fit_ours(n: int) -> None:
        loop.fit_epoch(ours, images[:n], images[:n], batch, lambda *_: None)

    def fit_plain(n: int) -> None:
        plain.fit(images[:n], images[:n], batch_size=batch, verbose=0)

    say("Compiling the trainings …")
    for fit in (fit_ours, fit_plain):
        fit(2 * batch)
    seconds = np.zeros((ROUNDS, 2))
    with progress_bar("Training, in turn", 2 * ROUNDS) as advance:
        for round_ in range(ROUNDS):
            for index, fit in enumerate((fit_ours, fit_plain)):
                seconds[round_, index] = _seconds(partial(fit, TRAINING_IMAGES))
                advance(1)
    our_rate, plain_rate = TRAINING_IMAGES / seconds.min(axis=0)  # the round that other programs disturbed least
    achieved = our_rate * 3 * 2 * _multiply_adds() / 1e12
    with devices.dtype_policy():
        precision = keras.mixed_precision.dtype_policy().compute_dtype
    possible = _matrix_teraflops(precision)
    return {
        "images_per_second": round(our_rate, 1),
        "plain_keras_images_per_second": round(plain_rate, 1),
        "times_plain_keras": round(our_rate / plain_rate, 2),
        "teraflops": round(achieved, 4),
        "precision": precision,
        "matrix_teraflops": round(possible, 4),
        "share_of_matrix_rate": round(achieved / possible, 3),
    }


def _multiply_adds() -> int:
    """Of encoder and decoder for one image."""
    return sum(layer.multiply_adds for layer in layer_sizes(ENCODER, 28) + layer_sizes(DECODER, 7))


def _matrix_teraflops(precision: str) -> float:
    """The device's best rate in matrix multiplication, with matrices large enough to keep it busy."""
    size, seconds = 512, 0.0
    while seconds < 0.1 and size < 8192:
        size *= 2
        matrix = ops.ones((size, size), precision)

        def multiply(matrix: Any = matrix) -> None:
            product = matrix
            for _ in range(4):
                product = ops.matmul(product, matrix)
            float(product[0, 0])  # waits for the device

        seconds = min(_seconds(multiply) for _ in range(4))
    return 4 * 2 * size**3 / seconds / 1e12


def _seconds(function: Callable[[], object]) -> float:
    start = perf_counter()
    function()
    return perf_counter() - start
