"""The share of `benchmark` that tells what those who draw pay for what others do: their wait with and without it.

Both are measured in turn on one app: without, with, and without again, so that what changes on the machine meanwhile
shows as a difference between the first and the last.
"""

import asyncio
import contextlib
import json
import os
import signal
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np

from cae.cli import benchmark_visitors
from cae.cli.browser import App, AppError, engine_pids, running_app
from cae.cli.visitor import Visitor
from cae.cli.visitor_actions import choose, press, until, upload
from cae.data.photographs import PHOTOGRAPHS
from cae.imaging.pixels import to_png
from cae.progress import say
from cae.training.live import EPOCHS, WIDTHS, Recipe

START_LIMIT = 120.0
"""Seconds until what happens meanwhile has begun."""
WARM_UP = 3.0
"""Seconds of drawing before all that is measured."""
LARGEST = Recipe(widest=WIDTHS[-1], epochs=EPOCHS[-1])
"""The training that takes most."""
SIDES = (3000, 4000)
"""Height and width of the picture that is compressed: 12 megapixels."""
KILLS = 3

Progress = Callable[[], int]
"""How far it is: training steps, files made, or processes killed."""


def measure(what: str, visitors: int, seconds: float) -> dict:
    """The figures of `benchmark_visitors.measure` without and with what others do, and the quotient of their p95.

    Args:
        what: one of `MEANWHILE`.

    Raises:
        AppError: the app does not start, or what should happen does not begin.
    """
    with running_app() as app:

        def drawing(seconds: float = seconds) -> dict:
            return asyncio.run(benchmark_visitors.crowd(app, visitors, seconds))

        benchmark_visitors.settle(app)
        drawing(WARM_UP)
        before = drawing()
        with MEANWHILE[what](app, seconds) as progress:
            during = drawing()
            count = progress()
        after = drawing()
    p95 = [each["pen_up_to_panels_ms"].get("p95") for each in (before, during, after)]
    ratio = round(p95[1] / ((p95[0] + p95[2]) / 2), 2) if None not in p95 else None
    return {"meanwhile": what, "count": count, "without": [before, after], "with": during, "p95_ratio": ratio}


@contextmanager
def _training(app: App, _: float) -> Iterator[Progress]:
    """Trainings on the app, one after the other, for as long as may be; counts the steps of the current one."""

    def ask(what: str, ticket: str = "", content: dict | None = None) -> dict:
        headers = {"Content-Type": "application/json", "Training-Ticket": ticket}
        body = None if content is None else json.dumps(content).encode()
        with urllib.request.urlopen(urllib.request.Request(f"{app.url}/training/{what}", body, headers)) as answer:
            return json.load(answer)

    def state() -> dict:
        return ask("state")["training"] or {"points": [], "message": "", "ended": False}

    order = {"recipe": vars(LARGEST), "strokes": []}
    tickets = [ask("order", content=order)["ticket"] for _ in range(3)]
    try:
        say("A training starts …")
        deadline = time.monotonic() + START_LIMIT
        while len(state()["points"]) < 2:
            if time.monotonic() > deadline or state()["ended"]:
                raise AppError(f"The training does not start. {state()['message']}".strip())
            time.sleep(0.2)
        yield lambda: state()["points"][-1][0]
    finally:
        for ticket in reversed(tickets):
            ask("stop", ticket, {})


@contextmanager
def _compressing(app: App, _: float) -> Iterator[Progress]:
    """A visitor who has a picture of 12 megapixels compressed; counts the files made in the meantime: none or one."""
    begun, stop, made = threading.Event(), threading.Event(), []
    failures: list[Exception] = []

    async def compress() -> None:
        visitor = Visitor(app.url, "compress")
        await visitor.load()
        try:
            choose(visitor, PHOTOGRAPHS.title, of=PHOTOGRAPHS.title)
            choose(visitor, "Upload", of="Upload")
            await visitor.rerun()
            await until(lambda: visitor.has("file_uploader"), "The uploader")
            await upload(visitor, to_png(_large_picture()))
            await until(lambda: visitor.has("button", "Compress"), "The button", START_LIMIT)
            await press(visitor, "Compress")
            begun.set()
            await until(lambda: stop.is_set() or visitor.has("download_button"), "The file", 10 * START_LIMIT)
            made.extend([1] * visitor.has("download_button"))
        finally:
            await visitor.close()

    def run() -> None:
        try:
            asyncio.run(compress())
        except Exception as error:  # told to whoever waits
            failures.append(error)
            begun.set()

    thread = threading.Thread(target=run)
    say("A picture of 12 megapixels is uploaded …")
    thread.start()
    begun.wait(START_LIMIT)
    if failures or not begun.is_set():
        stop.set()
        raise AppError("The picture is not compressed.") from next(iter(failures), None)
    try:
        yield lambda: len(made)
    finally:
        stop.set()
        thread.join()


@contextmanager
def _killing(app: App, seconds: float) -> Iterator[Progress]:
    """The network's process is killed three times, evenly apart; counts the times."""
    killed: list[int] = []

    def kill() -> None:
        with contextlib.suppress(ProcessLookupError, IndexError):  # it is being replaced
            os.kill(engine_pids(app)[0], signal.SIGKILL)
            killed.append(1)

    timers = [threading.Timer((number + 0.5) * seconds / KILLS, kill) for number in range(KILLS)]
    for timer in timers:
        timer.start()
    try:
        yield lambda: len(killed)
    finally:
        for timer in timers:
            timer.cancel()


def _large_picture() -> np.ndarray:
    """A picture with edges, textures and colours, uint8 (H, W, 3): the same each time."""
    height, width = SIDES
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    waves = [np.sin(x / a + np.sin(y / b) * c) for a, b, c in ((90, 300, 3), (37, 170, 5), (211, 60, 2))]
    return np.stack(
        [127 + 100 * wave * (0.5 + 0.5 * (np.hypot(x - 2000, y - 1500) < 1200)) for wave in waves], 2
    ).astype(np.uint8)


MEANWHILE = {"training": _training, "compressing": _compressing, "killing": _killing}
