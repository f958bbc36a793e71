"""The engines' share of `benchmark`: Keras and ONNX Runtime side by side, alone and with the app around them."""

import asyncio
import os
from collections.abc import Callable
from compileall import compile_dir
from time import perf_counter

import numpy as np

from cae.cli.browser import ROOT, App, AppError, engine_pids, running_app
from cae.cli.rounds import Part, seconds
from cae.cli.usage import most_megabytes, settle
from cae.cli.visitor import Visitor, shown
from cae.data.mnist import MNIST
from cae.engine.client import Engine, EngineDied
from cae.engine.process import ENGINE
from cae.model import onnx_graph, store
from cae.progress import say

MODEL = MNIST.name
TIMES = ("one_image_ms", "start_to_panels_s", "start_to_answer_s")
RATES = ("images_per_second_at_64",)
LIBRARIES = {"keras": "", "onnx": "onnx"}
"""Values of the environment variable that chooses the engine, by what the figures call it."""
SINGLE_IMAGES, BATCHES, BATCH = 40, 4, 64
"""In a round; and the images of a batch."""
LIMIT = 60.0
"""Seconds that the app and its network may take to start."""


def part() -> Part:
    """The figures of both engines; of Keras alone, with a line on standard error, where ONNX is not installed.

    Each round starts both anew. By engine: "one_image_ms", the median of a round's, "images_per_second_at_64",
    "start_to_panels_s", "start_to_answer_s", and "megabytes", the most that server and engine have had.

    To measure raises AppError where the app does not start or its network gives no answer, and EngineDied where the
    network's process does not start.
    """
    libraries = dict(LIBRARIES)
    if not _have_graphs():
        say("The light engine is not measured: ONNX is missing (pip install -r requirements-dev.txt).")
        del libraries["onnx"]
    compile_dir(ROOT / "cae", quiet=1)  # as an installed package is; else the first start would take longer, or each

    def measure(sample: Callable[[], None]) -> dict[str, dict[str, float]]:
        return {name: _measure(value, sample) for name, value in libraries.items()}

    return Part({}, measure, TIMES, RATES)


def _measure(library: str, sample: Callable[[], None]) -> dict[str, float]:
    """The figures of one engine, with samples of the machine's speed while neither is there."""
    os.environ[ENGINE] = library
    try:
        sample()
        alone = _alone()
        sample()
        found = alone | _app()
        sample()
        return found
    finally:
        del os.environ[ENGINE]


def _have_graphs() -> bool:
    try:
        for model in store.available(own=False)[0]:
            onnx_graph.export(model)
    except ImportError:
        return False
    return True


def _alone() -> dict[str, float]:
    """One image and many at a time through encoder, decoder and denoiser, with the way to the process and back."""
    engine = Engine()
    try:
        engine.start()
        if not engine.wait():
            raise EngineDied("The network's process could not be started.")

        def typical(images: np.ndarray, repeats: int) -> float:
            engine.run(MODEL, images)
            return float(np.median([seconds(lambda: engine.run(MODEL, images)) for _ in range(repeats)]))

        single, batch = typical(_pictures(1), SINGLE_IMAGES), typical(_pictures(BATCH), BATCHES)
    finally:
        engine.close()
    return {"one_image_ms": 1000 * single, f"images_per_second_at_{BATCH}": BATCH / batch}


def _app() -> dict[str, float]:
    """From the start of the app to the first panels and to the network's first answer, and the memory of both."""
    start = perf_counter()
    environment = os.environ | {"CAE_SPARE": "0"}
    with running_app(environment) as app:
        panels, answer = asyncio.run(_first_visit(app))
        settle(app, environment)
        return {
            "start_to_panels_s": panels - start,
            "start_to_answer_s": answer - start,
            "megabytes": sum(map(most_megabytes, [app.pid, *engine_pids(app)])),
        }


async def _first_visit(app: App) -> tuple[float, float]:
    """When the panels of the first example come, and when the first answer of the network does."""
    visitor, answered = Visitor(app.url), asyncio.Event()
    visitor.on_panels = lambda panels: answered.set() if "ms in the network" in panels["note"] else None
    try:
        await visitor.load(LIMIT)
        panels = perf_counter()
        if shown(visitor.panels, "reconstruction") is None:
            raise AppError("The first view shows no picture.")
        await asyncio.wait_for(answered.wait(), LIMIT)
        return panels, perf_counter()
    except TimeoutError:
        raise AppError("The network gave no answer.") from None
    finally:
        await visitor.close()


def _pictures(n: int) -> np.ndarray:
    """The example digits over and over, uint8 (n, 28, 28)."""
    return np.resize(MNIST.examples.images(), (n, 28, 28))
