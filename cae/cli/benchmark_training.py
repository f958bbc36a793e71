"""The training's share of `benchmark`, in this process."""

from collections.abc import Callable
from functools import partial
from typing import Any

import keras
import numpy as np
from keras import ops

from cae.cli.rounds import ROUNDS, Part, seconds
from cae.data.mnist import MNIST
from cae.imaging.pixels import as_network_input
from cae.model import devices
from cae.model.fast_decoder import multiply_adds
from cae.model.network import build_autoencoder
from cae.model.specification import DECODER, ENCODER, SCALE, SIDE
from cae.progress import say
from cae.training import autoencoder, loop

TURN = devices.STEPS_ON_GPU
"""Batches that a training takes before it is the next one's turn."""
TURNS = 7
"""Of each training in a round: 5,600 images, at 32 in a batch."""
FACTORS = ("precision", "folded_upsampling", "optimizer")
"""What each of `_trainings` changes in the one before it."""
RATES = ("images_per_second", "plain_keras_images_per_second", "teraflops", "matrix_teraflops")
"""Those that the processor's speed makes larger, where it does the training."""


def part() -> Part:
    """What `train` does beside plain Keras with Adam, and beside the device's rate in matrix multiplication.

    In a round the trainings take turns of a few seconds, every other time backwards, so that all of them get their part
    of a machine's slow and fast moments, and a ratio tells of the trainings alone. A training step counts as three
    times the multiply-adds that are executed forwards: once for the outputs, and backwards once for the inputs and once
    for the weights.

    Beside the figures stand the "rounds", the "images" of one, and the "precision". The figures: "images_per_second",
    "plain_keras_images_per_second", "times_plain_keras", "matrix_teraflops", "teraflops", "share_of_matrix_rate", and
    "factors": by name how many times faster each change makes the training; their product is "times_plain_keras". That
    of the precision is 1, and not measured, on a processor that is used in float32 as plain Keras does.
    """
    images = np.resize(as_network_input(MNIST.examples.images()), (TURN * loop.Settings.batch_size, SIDE, SIDE, 1))
    with devices.dtype_policy():
        precision = keras.mixed_precision.dtype_policy().compute_dtype
    changed = devices.has_gpu() or precision != "float32"
    trainings = _trainings(changed)
    say("Compiling the trainings …")
    for train in trainings:
        train(images)
    order = list(range(len(trainings)))

    def measure(sample: Callable[[], None]) -> dict[str, Any]:
        taken, matrix_teraflops = [0.0] * len(trainings), 0.0
        for _ in range(TURNS):
            for index in order:
                taken[index] += seconds(partial(trainings[index], images))
            matrix_teraflops += _matrix_teraflops(precision) / TURNS
            sample()
            order.reverse()
        if not changed:
            taken.insert(1, taken[0])
        return _figures(TURNS * len(images), taken, matrix_teraflops)

    about = {"rounds": ROUNDS, "images": TURNS * len(images), "precision": precision}
    return Part(about, measure, rates=() if devices.has_gpu() else RATES)


def _figures(images: int, taken: list[float], matrix_teraflops: float) -> dict[str, Any]:
    """Those of a round, from the seconds that each of `_trainings` has taken for all its images."""
    plain_rate, our_rate = images / taken[0], images / taken[-1]
    executed = multiply_adds(ENCODER, SIDE) + multiply_adds(DECODER, SIDE // SCALE)
    achieved = our_rate * 3 * 2 * executed / 1e12
    return {
        "images_per_second": our_rate,
        "plain_keras_images_per_second": plain_rate,
        "times_plain_keras": our_rate / plain_rate,
        "factors": {name: taken[index] / taken[index + 1] for index, name in enumerate(FACTORS)},
        "teraflops": achieved,
        "matrix_teraflops": matrix_teraflops,
        "share_of_matrix_rate": achieved / matrix_teraflops,
    }


def _trainings(changed: bool) -> list[Callable[[np.ndarray], object]]:
    """From plain Keras to what `train` does, a change at a time; each trains once on images float32 (N, 28, 28, 1).

    On a GPU the first change holds that several steps are done at once, too; where precision is not `changed`, it is
    left out.
    """
    batch = loop.Settings.batch_size

    def ours(model: keras.Model, images: np.ndarray) -> None:
        loop.fit_epoch(model, images, images, batch, lambda *_: None)

    plain = keras.Sequential([*build_autoencoder()])
    plain.compile("adam", "mse")
    with devices.dtype_policy():
        precise = keras.Sequential([*build_autoencoder()])
        precise.compile("adam", "mse", steps_per_execution=devices.steps_per_execution())
        folded = autoencoder.compiled(build_autoencoder(), keras.optimizers.Adam())
        optimizer = loop.make_optimizer(loop.Settings(), TURNS * TURN)
        whole = autoencoder.compiled(build_autoencoder(), optimizer)
    return [
        lambda images: plain.fit(images, images, batch_size=batch, verbose=0),
        *(partial(ours, model) for model in (precise, folded, whole)[not changed :]),
    ]


def _matrix_teraflops(precision: str) -> float:
    """The device's best rate in matrix multiplication, with matrices large enough to keep it busy."""
    size, shortest = 512, 0.0
    while shortest < 0.1 and size < 8192:
        size *= 2
        matrix = ops.ones((size, size), precision)

        def multiply(matrix: Any = matrix) -> None:
            product = matrix
            for _ in range(4):
                product = ops.matmul(product, matrix)
            float(product[0, 0])  # waits for the device

        shortest = min(seconds(multiply) for _ in range(4))
    return 4 * 2 * size**3 / shortest / 1e12
