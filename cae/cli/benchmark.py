"""`benchmark`: how fast the page, the engine and the training are on this machine, taken in one run."""

import argparse
from collections.abc import Callable
from time import perf_counter

import keras
import numpy as np
from keras import ops
from rich.console import Console
from rich.table import Table

from cae.cli import benchmark_page, show_json
from cae.cli.benchmark_page import quantiles
from cae.engine.client import Engine, EngineDied
from cae.imaging.examples import examples_for
from cae.model import devices, store
from cae.model.network import build_autoencoder
from cae.model.specification import DECODER, ENCODER, layer_sizes
from cae.progress import progress_bar, say
from cae.training import autoencoder

MODEL = "mnist"
SINGLE_IMAGES, BATCHES, BATCH = 200, 10, 64
TRAINING_IMAGES, ROUNDS = 640, 2


def run(options: argparse.Namespace) -> None:
    store.load(MODEL)  # says so if there is none
    served = {} if options.training_only else {"page": benchmark_page.measure(), "engine": _engine()}
    result = {
        "device": devices.describe(),
        "backend": keras.backend.backend(),
        **served,
        "training": _training(),
    }
    if options.json:
        show_json(result)
    else:
        _show(result)


def _pictures(n: int) -> np.ndarray:
    """The example digits over and over, (n, 28, 28, 1)."""
    return np.resize(examples_for(MODEL).images(), (n, 28, 28, 1))


def _seconds(function: Callable[[], object]) -> float:
    start = perf_counter()
    function()
    return perf_counter() - start


def _engine() -> dict:
    """One image and many at a time through encoder, decoder and denoiser, with the way to the process and back."""
    engine = Engine()
    try:
        engine.start()
        if not engine.wait():
            raise EngineDied("The network's process could not be started.")
        with progress_bar("Engine", SINGLE_IMAGES + BATCHES) as advance:

            def times(images: np.ndarray, repeats: int) -> list[float]:
                engine.run(MODEL, images)
                found = []
                for _ in range(repeats):
                    found.append(_seconds(lambda: engine.run(MODEL, images)))
                    advance(1)
                return found

            single, batch = times(_pictures(1), SINGLE_IMAGES), times(_pictures(BATCH), BATCHES)
    finally:
        engine.close()
    return {
        "one_image_ms": quantiles([1000 * seconds for seconds in single]),
        f"images_per_second_at_{BATCH}": round(BATCH / float(np.median(batch)), 1),
    }


def _training() -> dict:
    """What `train` does beside plain Keras with Adam, in turn, and beside the device's rate in matrix multiplication.

    A training step counts as three times the multiply-adds of the network as it stands on paper: forwards, and
    backwards to the inputs and to the weights. Our form of the decoder needs fewer for the same result.
    """
    images = _pictures(TRAINING_IMAGES)
    batch = autoencoder.Settings.batch_size
    with devices.dtype_policy():
        optimizer = autoencoder.make_optimizer(autoencoder.Settings(), TRAINING_IMAGES // batch)
        ours = autoencoder.compiled(build_autoencoder(), optimizer)
    encoder, decoder = build_autoencoder()
    plain = keras.Sequential([encoder, decoder])
    plain.compile("adam", "mse")

    def fit_ours(n: int) -> None:
        autoencoder.fit_epoch(ours, images[:n], images[:n], batch, lambda *_: None)

    def fit_plain(n: int) -> None:
        plain.fit(images[:n], images[:n], batch_size=batch, verbose=0)

    say("Compiling the trainings …")
    for fit in (fit_ours, fit_plain):
        fit(2 * batch)
    seconds = np.zeros((ROUNDS, 2))
    with progress_bar("Training, in turn", 2 * ROUNDS) as advance:
        for round_ in range(ROUNDS):
            for index, fit in enumerate((fit_ours, fit_plain)):
                seconds[round_, index] = _seconds(lambda fit=fit: fit(TRAINING_IMAGES))
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
    """Of encoder and decoder for one image: each weight of a convolution once for each output pixel."""
    layers = layer_sizes(ENCODER, 28) + layer_sizes(DECODER, 7)
    return sum((layer.parameters - layer.channels) * layer.side**2 for layer in layers if layer.parameters)


def _matrix_teraflops(precision: str) -> float:
    """The device's best rate in matrix multiplication, with matrices large enough to keep it busy."""
    size, seconds = 512, 0.0
    while seconds < 0.1 and size < 8192:
        size *= 2
        matrix = ops.ones((size, size), precision)

        def multiply(matrix=matrix) -> None:
            product = matrix
            for _ in range(4):
                product = ops.matmul(product, matrix)
            float(product[0, 0])  # waits for the device

        seconds = min(_seconds(multiply) for _ in range(4))
    return 4 * 2 * size**3 / seconds / 1e12


def _show(result: dict) -> None:
    page, engine, train = result.get("page"), result.get("engine"), result["training"]
    table = Table(title=f"{result['device']}, {result['backend']}", show_header=False)
    for justify in ("left", "right"):
        table.add_column(justify=justify)

    def add(name: str, value: str, last: bool = False) -> None:
        table.add_row(name, value, end_section=last)

    def both(found: dict) -> str:
        return f"{found['p50']:.1f} / {found['p95']:.1f} ms"

    if page:
        add("Page: pointer-up to all panels, median / 95 %", both(page["pointer_up_to_panels_ms"]))
        add("Page: updates while drawing", f"{page['updates_per_second_while_drawing']:.1f} /s", last=True)
    if engine:
        add("Engine: one image, median / 95 %", both(engine["one_image_ms"]))
        add(f"Engine: {BATCH} images at a time", f"{engine[f'images_per_second_at_{BATCH}']:,.0f} images/s", last=True)
    add("Training", f"{train['images_per_second']:,.0f} images/s")
    add("Training in plain Keras with Adam", f"{train['plain_keras_images_per_second']:,.0f} images/s")
    add("Training, times plain Keras", f"{train['times_plain_keras']:.2f}")
    add(f"Training, share of the {train['precision']} matrix rate", f"{100 * train['share_of_matrix_rate']:.0f} %")
    Console(highlight=False).print(table)
