"""The share of `benchmark` that simulates visitors: how long they wait for the panels while many draw.

Each draws a digit of its own for about half a second, looks at the result for one to three seconds, and draws the next.
While the pen moves, the browser's own network follows it, and the server is asked when it is lifted; visitors with slow
browsers ask it for five updates before that. They speak Streamlit's own protocol from a single thread of
this process, without a browser: what a browser needs to paint is not in the figures.
"""

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from cae.cli.browser import App, AppError, healthy, running_app
from cae.cli.usage import Machine, Usage, settle
from cae.cli.visitor import Visitor, shown
from cae.data.mnist import MNIST
from cae.imaging.drawing import seen
from cae.imaging.strokes import Stroke, rasterise, strokes_from_json, strokes_to_json
from cae.imaging.variations import vary
from cae.progress import say

EVERY, UPDATES = 0.08, 5
"""Seconds between two updates of a drawing, and how many come before the pen is lifted."""
REST = (1.0, 3.0)
"""Seconds between two drawings."""
ARRIVAL = 0.15
"""Seconds between two visitors' first page."""
LIMIT = 20.0
"""Seconds after which an answer is counted as lost."""
START_LIMIT = 120.0
"""Seconds that the network may take until the first answer."""
DRAWINGS_EACH = 3
"""Drawings that a visitor takes in turn."""


@dataclass(frozen=True)
class Drawing:
    """What the pad reports while a drawing grows, and what the network sees each time, 784 bytes."""

    states: list[list[dict]]
    originals: list[bytes]


def drawings(count: int) -> list[Drawing]:
    """The example digits, each turned, sheared and bent in its own way; the network sees no two alike."""
    rng, names = np.random.default_rng(0), list(MNIST.examples.drawings)
    found: list[Drawing] = []
    originals: set[bytes] = set()
    while len(found) < count:
        drawing = _drawing(vary(MNIST.examples.drawings[names[len(found) % len(names)]], rng))
        if drawing.originals[-1] not in originals | set(drawing.originals[:-1]):
            originals.update(drawing.originals)
            found.append(drawing)
    return found


def _drawing(strokes: tuple[Stroke, ...]) -> Drawing:
    states = [list(_begun(strokes, step / (UPDATES + 1))) for step in range(1, UPDATES + 2)]
    ink = [seen(rasterise(strokes_from_json(state)), MNIST.examples.fit) for state in states]
    return Drawing(states, [each.image.tobytes() if each else b"" for each in ink])


def _begun(strokes: tuple[Stroke, ...], share: float) -> Iterator[dict]:
    """The strokes, as the pad reports them, when that share of all points has been drawn."""
    left = max(2, round(share * sum(len(stroke.points) for stroke in strokes)))
    for stroke in strokes:
        if left > 0:
            yield from strokes_to_json([replace(stroke, points=stroke.points[:left])])
        left -= len(stroke.points)


class Drawer:
    """A visitor who draws, and checks what comes back."""

    def __init__(self, url: str, others: np.ndarray, slow: bool = False) -> None:
        """`others`: what the network sees of all visitors' drawings, float32 (N, 784); `slow`: as the browser is."""
        self.visitor = Visitor(url)
        self.slow = slow
        self.visitor.on_panels = self._look
        self.wrong = self.updates = 0
        self._others = others
        self._mine: list[bytes] = []
        self._awaited: tuple[bytes, asyncio.Future[float]] | None = None

    async def draw(self, drawing: Drawing, rng: np.random.Generator | None, limit: float = LIMIT) -> float | None:
        """Draw; the seconds from pen-up until the panels of exactly this drawing are here; None: they are lost.

        Args:
            rng: how long the last movement takes; without it the drawing is there at once.
            limit: seconds after which the panels are lost.
        """
        self._mine = self._mine[-UPDATES - 1 :] + drawing.originals  # an answer to the one before may still come
        if rng:
            await self._follow(drawing, rng)
        future: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        self._awaited = drawing.originals[-1], future
        lifted = time.perf_counter()
        try:
            await self.visitor.draw(drawing.states[-1])
            return await asyncio.wait_for(future, limit) - lifted
        except (TimeoutError, ConnectionError):
            return None
        finally:
            self._awaited = None

    async def _follow(self, drawing: Drawing, rng: np.random.Generator) -> None:
        """Move the pen until it is about to be lifted."""
        loop = asyncio.get_running_loop()
        start = loop.time()
        for step, state in enumerate(drawing.states[:-1], 1):
            await asyncio.sleep(max(0.0, start + step * EVERY - loop.time()))
            if self.slow:
                await self.visitor.draw(state)
        await asyncio.sleep(rng.uniform(0.01, EVERY))

    def _look(self, panels: dict) -> None:
        now = time.perf_counter()
        original, reconstruction = shown(panels, "original"), shown(panels, "reconstruction")
        if not self._mine or reconstruction is None or original is None:
            return
        self.updates += 1
        self.wrong += original not in self._mine or self._is_anothers(original, reconstruction)
        if self._awaited and original == self._awaited[0] and not self._awaited[1].done():
            self._awaited[1].set_result(now)

    def _is_anothers(self, original: bytes, reconstruction: bytes) -> bool:
        """Whether a reconstruction is far from its original, and nearer to somebody else's."""
        answer = _unit(reconstruction)
        own = float(np.mean((_unit(original) - answer) ** 2))
        return own > 0.02 and float(np.mean((self._others - answer) ** 2, 1).min()) < own


def _unit(pixels: bytes) -> np.ndarray:
    """784 bytes as float32 in [0, 1]."""
    return np.frombuffer(pixels, np.uint8).astype(np.float32) / 255


def measure(visitors: int, seconds: float, slow: bool = False, url: str | None = None) -> dict:
    """The figures for so many visitors at once, on the app at `url` or one of their own; `slow`: as their browsers are.

    Raises:
        AppError: there is no app, it does not start, or its network gives no answer.
    """
    if url and not healthy(url.rstrip("/")):
        raise AppError(f"No app answers at {url}.")
    if url:
        return asyncio.run(crowd(App(url.rstrip("/")), visitors, seconds, slow))
    with running_app() as app:
        say("Waiting until the app has settled …")
        settle(app)
        return asyncio.run(crowd(app, visitors, seconds, slow))


async def crowd(app: App, count: int, seconds: float, slow: bool = False) -> dict:
    """As `measure`, on a running app."""
    pool = drawings(DRAWINGS_EACH * count)
    others = np.stack([_unit(drawing.originals[-1]) for drawing in pool])
    drawers = [Drawer(app.url, others, slow) for _ in range(count)]
    answers: list[float | None] = []
    say("Waiting for the network …")
    await _warm_up(app.url, pool[0], others)
    say(f"{count} visitors draw for {seconds:g} seconds …")

    async def arrive(number: int) -> None:
        await asyncio.sleep(ARRIVAL * number)
        await drawers[number].visitor.load()

    async def draw(number: int, until: float) -> None:
        rng, turn = np.random.default_rng(number), 0
        await asyncio.sleep(rng.uniform(0, REST[0]))
        while time.monotonic() < until:
            drawing = pool[DRAWINGS_EACH * number + turn % DRAWINGS_EACH]
            turn += 1
            answers.append(await drawers[number].draw(drawing, rng))
            await asyncio.sleep(rng.uniform(*REST))

    try:
        await asyncio.gather(*(arrive(number) for number in range(count)))
        bytes_before = sum(drawer.visitor.bytes_received for drawer in drawers)
        usage, machine, late = Usage(app), Machine(), Lateness()
        start = time.monotonic()
        await asyncio.gather(*(draw(number, start + seconds) for number in range(count)))
        elapsed = time.monotonic() - start
        late.stop()
        used = usage.since(elapsed) | {"cores": machine.since(elapsed)}
    finally:
        await asyncio.gather(*(drawer.visitor.close() for drawer in drawers), return_exceptions=True)
    waited = [1000 * seconds for seconds in answers if seconds is not None]
    updates = sum(drawer.updates for drawer in drawers)
    received = sum(drawer.visitor.bytes_received for drawer in drawers) - bytes_before
    return {
        "date": date.today().isoformat(),
        "device": drawers[0].visitor.panels["note"].partition(", on ")[2],
        "visitors": count,
        "slow_browsers": slow,
        "seconds": round(elapsed, 1),
        "drawings": len(answers),
        "pen_up_to_panels_ms": _quantiles(waited),
        "lost": len(answers) - len(waited),
        "wrong": sum(drawer.wrong for drawer in drawers),
        "errors": sum(len(drawer.visitor.errors) for drawer in drawers),
        "updates_per_drawing": round(updates / max(1, len(answers)), 2),
        "kilobytes_per_update": round(received / 1000 / max(1, updates), 1),
        **used,
        "late_here_ms": _quantiles(late.milliseconds),
    }


async def _warm_up(url: str, drawing: Drawing, others: np.ndarray) -> None:
    """Wait until a drawing is answered by the network."""
    drawer, rng = Drawer(url, others), np.random.default_rng(0)
    await drawer.visitor.load()
    try:
        if await drawer.draw(drawing, rng, START_LIMIT) is None:
            raise AppError("The network gave no answer.")
    finally:
        await drawer.visitor.close()


def _quantiles(milliseconds: list[float]) -> dict[str, float]:
    if not milliseconds:
        return {}
    points = {"p50": 0.5, "p95": 0.95, "p99": 0.99, "max": 1.0}
    return {name: round(float(np.quantile(milliseconds, share)), 1) for name, share in points.items()}


class Lateness:
    """How late this process itself is: figures below that are its own, not the server's."""

    def __init__(self) -> None:
        self.milliseconds: list[float] = []
        self._task = asyncio.create_task(self._watch())

    async def _watch(self, every: float = 0.01) -> None:
        while True:
            before = time.perf_counter()
            await asyncio.sleep(every)
            self.milliseconds.append(1000 * (time.perf_counter() - before - every))

    def stop(self) -> None:
        self._task.cancel()
