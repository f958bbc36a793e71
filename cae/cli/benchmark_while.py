"""The share of `benchmark` that tells what those who draw pay for what others do: their wait with and without it.

Both are measured in turn on one app: without, with, and without again, so that what changes on the machine meanwhile
shows as a difference between the first and the last.
"""

import asyncio
import contextlib
import json
import os
import signal
import time
import urllib.request
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager

import numpy as np

from cae.cli import benchmark_visitors
from cae.cli.benchmark_visitors import Drawer
from cae.cli.browser import App, AppError, engine_pids, running_app
from cae.cli.usage import settle
from cae.cli.visitor import Visitor
from cae.cli.visitor_actions import choose, press, until, upload
from cae.data.mnist import FASHION_MNIST, MNIST
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
IMAGES = "Test images"
"""What the page Evidence calls them."""
KILLS = 3

Progress = Callable[[], dict]
"""What has happened so far: the "count" of training steps, files made, models tested, or processes killed. After
kills also "first_answer_s": the seconds until a drawing right after each is answered, None where it never is."""


def measure(what: str, visitors: int, seconds: float) -> dict:
    """The figures of `benchmark_visitors.measure` without and with what others do, and the quotient of their p95.

    Args:
        what: one of `MEANWHILE`.

    Raises:
        AppError: the app does not start, or what should happen does not begin.
    """
    with running_app() as app:
        say("Waiting until the app has settled …")
        settle(app)
        before, during, after, happened = asyncio.run(_three_rounds(app, what, visitors, seconds))
    p95 = [each["pen_up_to_panels_ms"].get("p95") for each in (before, during, after)]
    ratio = round(p95[1] / ((p95[0] + p95[2]) / 2), 2) if None not in p95 else None
    return {"meanwhile": what, **happened, "without": [before, after], "with": during, "p95_ratio": ratio}


async def _three_rounds(app: App, what: str, visitors: int, seconds: float) -> tuple[dict, dict, dict, dict]:
    """Drawing before, with and after what others do, and what has happened."""
    await benchmark_visitors.crowd(app, visitors, WARM_UP)
    before = await benchmark_visitors.crowd(app, visitors, seconds)
    async with MEANWHILE[what](app, seconds) as progress:
        during = await benchmark_visitors.crowd(app, visitors, seconds)
        happened = progress()
    return before, during, await benchmark_visitors.crowd(app, visitors, seconds), happened


@asynccontextmanager
async def _training(app: App, _: float) -> AsyncIterator[Progress]:
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
            await asyncio.sleep(0.2)
        yield lambda: {"count": state()["points"][-1][0]}
    finally:
        for ticket in reversed(tickets):
            ask("stop", ticket, {})


@asynccontextmanager
async def _compressing(app: App, _: float) -> AsyncIterator[Progress]:
    """A visitor who has a picture of 12 megapixels compressed; counts the files made in the meantime: none or one."""
    async with _opened(app, "compress") as visitor:
        say("A picture of 12 megapixels is uploaded …")
        choose(visitor, PHOTOGRAPHS.title, of=PHOTOGRAPHS.title)
        choose(visitor, "Upload", of="Upload")
        await visitor.rerun()
        await until(lambda: visitor.has("file_uploader"), "The uploader")
        await upload(visitor, to_png(_large_picture()))
        await until(lambda: visitor.has("button", "Compress"), "The button", START_LIMIT)
        await press(visitor, "Compress")
        yield lambda: {"count": int(visitor.has("download_button"))}


@asynccontextmanager
async def _testing(app: App, _: float) -> AsyncIterator[Progress]:
    """A visitor who opens the test images of one model after the other; counts the models that have been tested."""
    async with _opened(app, "evidence") as visitor:
        choose(visitor, IMAGES, of=IMAGES)
        tested: list[str] = []

        async def test() -> None:
            for title in (MNIST.title, FASHION_MNIST.title):
                with contextlib.suppress(LookupError):  # it is the only one
                    choose(visitor, title, of=title)
                visitor.finished.clear()
                await visitor.rerun()
                await visitor.finished.wait()
                await until(lambda: not visitor.has("progress"), "The test images", 10 * START_LIMIT)
                tested.append(title)

        async with _beside(test()):
            yield lambda: {"count": len(tested)}


@asynccontextmanager
async def _killing(app: App, seconds: float) -> AsyncIterator[Progress]:
    """The network's process is killed three times, evenly apart, and each time a visitor draws at once."""
    answered: list[float | None] = []
    drawer = Drawer(app.url, np.empty((0, 784), np.float32))

    async def kill() -> None:
        start = time.monotonic()
        for number, drawing in enumerate(benchmark_visitors.drawings(KILLS)):
            await asyncio.sleep(max(0.0, start + (number + 0.5) * seconds / KILLS - time.monotonic()))
            for engine in engine_pids(app)[:1]:
                os.kill(engine, signal.SIGKILL)
            answered.append(await drawer.draw(drawing, None))

    await drawer.visitor.load()
    try:
        async with _beside(kill()):
            yield lambda: {
                "count": len(answered),
                "first_answer_s": [None if seconds is None else round(seconds, 2) for seconds in answered],
            }
    finally:
        await drawer.visitor.close()


@asynccontextmanager
async def _opened(app: App, page: str) -> AsyncIterator[Visitor]:
    """A visitor who has opened a page."""
    visitor = Visitor(app.url, page)
    await visitor.load()
    try:
        yield visitor
    finally:
        await visitor.close()


@asynccontextmanager
async def _beside(work: Coroutine) -> AsyncIterator[None]:
    """Work that goes on beside the block, and no longer; raises what it does."""
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


def _large_picture() -> np.ndarray:
    """A picture with edges, textures and colours, uint8 (H, W, 3): the same each time."""
    height, width = SIDES
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    waves = [np.sin(x / a + np.sin(y / b) * c) for a, b, c in ((90, 300, 3), (37, 170, 5), (211, 60, 2))]
    return np.stack(
        [127 + 100 * wave * (0.5 + 0.5 * (np.hypot(x - 2000, y - 1500) < 1200)) for wave in waves], 2
    ).astype(np.uint8)


MEANWHILE = {"training": _training, "compressing": _compressing, "testing": _testing, "killing": _killing}
