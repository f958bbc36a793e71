"""Visitors who mean no good, over the protocol that a page speaks: the app serves all others as before."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import wraps
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cae.cli.benchmark_visitors import START_LIMIT, Drawer, drawings
from cae.cli.browser import App, engine_pids, running_app
from cae.cli.visitor import Visitor
from cae.cli.visitor_actions import alerts, choose, put, until, upload
from cae.codec.codec import Codec
from cae.codec.file_format import pack
from cae.imaging.pixels import to_png
from cae.model import store
from cae.ui.upload_limit import FULL, LARGEST, MOST_REFUSED, TOO_MANY

pytestmark = pytest.mark.slow

CLEAR_CACHE = bytes.fromhex("2801")
"""The message with which a client asks Streamlit to empty its caches."""
TTL = 1
"""Seconds for which the server keeps a session whose visitor has gone."""


@pytest.fixture(scope="module")
def app() -> Iterator[App]:
    with running_app({**os.environ, "STREAMLIT_SERVER_DISCONNECTED_SESSION_TTL": str(TTL)}) as app:
        yield app


def visited(test: Callable[..., Awaitable[None]]) -> Callable[[App], None]:
    """A test that gets a function which opens the app as another visitor; all of them leave at the end."""

    @wraps(test)
    def run(app: App) -> None:
        async def with_visitors() -> None:
            visitors: list[Visitor] = []

            async def another(page: str = "") -> Visitor:
                visitors.append(Visitor(app.url, page))
                await visitors[-1].load()
                return visitors[-1]

            try:
                await test(app, another)
            finally:
                for visitor in visitors:
                    await visitor.close()

        with ThreadPoolExecutor(1) as threads:  # Playwright, once started, has a loop in this thread
            threads.submit(lambda: asyncio.run(with_visitors())).result()

    del run.__wrapped__  # so that pytest sees the fixture
    return run


async def chosen_source(visitor: Visitor, source: str) -> None:
    """Choose where the page's picture comes from, and wait for the uploader."""
    choose(visitor, source, of=source)
    await visitor.rerun()
    await until(lambda: any(element.HasField("file_uploader") for element, _ in visitor.elements.values()), "uploader")


async def forgotten(another: Callable[[], Awaitable[Visitor]]) -> None:
    """Wait until the server has forgotten those who have left, which Streamlit does when the next one leaves."""
    await asyncio.sleep(2 * TTL)
    await (await another()).close()


def resident(app: App) -> float:
    """Megabytes that the server takes."""
    return int(Path(f"/proc/{app.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


@visited
async def test_many_large_pictures_at_once(app, another):
    """Six pictures of 16 megapixels take no more memory than one, and little when they have been prepared."""
    visitors = [await another() for _ in range(6)]
    for visitor in visitors:
        await chosen_source(visitor, "Upload")
    before, most = resident(app), 0.0
    files = []
    for level in range(len(visitors)):
        pixels = np.full((4_000, 4_000), 200, np.uint8)
        pixels[1_000:3_000, 1_500:2_000] = level
        files.append(to_png(pixels))
    await asyncio.gather(*(upload(*each) for each in zip(visitors, files, strict=True)))

    def all_shown() -> bool:
        nonlocal most
        most = max(most, resident(app))
        return all((visitor.panels["picture"] or {}).get("size") == [4_000, 4_000] for visitor in visitors)

    await until(all_shown, "the pictures")
    assert most - before < 350
    assert resident(app) - before < 200


@visited
async def test_uploads_without_end(app, another):
    """A session keeps a few files, all sessions together some more; whoever does not fit is told so."""
    await forgotten(another)
    whole, before = bytes(LARGEST - 11_000), resident(app)
    greedy = [await another() for _ in range(3)]
    for visitor, files in zip(greedy, (4, 4, 2), strict=True):
        for _ in range(files):
            assert (await put(visitor, whole))[1] == 204
    await chosen_source(greedy[0], "Upload")
    await upload(greedy[0], whole)
    await until(lambda: alerts(greedy[0]), "a sentence")
    assert alerts(greedy[0]) == [TOO_MANY]
    answers = {(await put(greedy[0], whole[:1_000_000]))[1] for _ in range(MOST_REFUSED + 5)}
    assert answers == {204, 413}
    picture = to_png(np.asarray(Image.linear_gradient("L")))
    for page, source in (("", "Upload"), ("compress", "Open a .cae file")):
        honest = await another(page)
        await chosen_source(honest, source)
        await upload(honest, picture)
        await until(lambda visitor=honest: alerts(visitor), "a sentence")
        assert alerts(honest) == [FULL]
    assert resident(app) - before < 400
    for visitor in greedy:
        await visitor.close()
    await forgotten(another)
    honest = await another()
    await chosen_source(honest, "Upload")
    await upload(honest, picture)
    await until(lambda: (honest.panels["picture"] or {}).get("size") == [256, 256], "the picture")


STROKE = {"points": [[0.3, 0.2], [0.6, 0.8]], "width": 0.08, "erase": False}
OTHER_STROKE = STROKE | {"points": [[0.7, 0.2], [0.4, 0.8]]}


async def answers(visitor: Visitor, strokes: list[dict], limit: float = 30) -> list[str]:
    """Draw; the notes that the visitor sees until the network's answer is there."""
    notes, answered = [], asyncio.Event()

    def take(panels: dict) -> None:
        notes.append(panels["note"])
        if "reconstruction" in panels["pixels"] and "ms in the network" in panels["note"]:
            answered.set()

    visitor.on_panels = take
    await visitor.draw(strokes)
    await asyncio.wait_for(answered.wait(), limit)
    return notes


@pytest.mark.parametrize(
    "report",
    [
        "{{{",
        "[" * 100_000,
        '{"drawing":{"strokes":[],"version":1' + "0" * 5_000 + "}}",
        '{"drawing":{"strokes":[{"points":[[NaN,1e400]],"width":-1}],"version":0}}',
        '{"code":{"of":1,"values":[]},"choices":{"fit":1},"square":{"of":"","square":[1e400,0,1]}}',
        " " * 2_000_000,
    ],
    ids=["no JSON", "deep", "digits", "not finite", "other types", "too large"],
)
def test_reports_that_no_page_sends(app, report):
    harms_nobody(app, lambda visitor: visitor.report_text(report))


@pytest.mark.parametrize(
    "frame", [CLEAR_CACHE, b"garbage", b"", bytes(3_000_000)], ids=["clear cache", "garbage", "empty", "too large"]
)
def test_frames_that_no_page_sends(app, frame):
    harms_nobody(app, lambda visitor: visitor.send(frame))


def harms_nobody(app: App, harm: Callable[[Visitor], Awaitable[None]]) -> None:
    """Others are answered afterwards, by the same engine, and so is whoever comes anew."""

    @visited
    async def test(app, another):
        honest, hostile = await another(), await another()
        await until(lambda: "ms in the network" in honest.panels["note"], "the network")
        engines = engine_pids(app)
        await harm(hostile)
        await answers(honest, [STROKE])
        await answers(await another(), [OTHER_STROKE])
        assert engine_pids(app) == engines
        assert not honest.errors

    test(app)


@pytest.mark.parametrize("page", ["", "compress"])
@pytest.mark.parametrize("options", [(), ("Nonsense",)], ids=["none", "unknown"])
def test_choices_that_no_page_offers(app, page, options):
    @visited
    async def test(_, another):
        visitor = await another(page)
        for element, _ in list(visitor.elements.values()):
            if element.HasField("button_group"):
                choose(visitor, *options, of=element.button_group.options[0].content)
        visitor.finished.clear()
        await visitor.rerun()
        await asyncio.wait_for(visitor.finished.wait(), 30)
        assert not visitor.errors
        assert any(element.WhichOneof("type") == "bidi_component" for element, _ in visitor.elements.values())

    test(app)


@pytest.mark.parametrize("chosen", ["Fashion-MNIST clothes", "Upload"])
def test_a_choice_that_comes_with_a_fragment_s_change(app, chosen):
    """The browser sends both as one and asks for the fragment; the page is run with the choice all the same."""

    @visited
    async def test(_, another):
        visitor = await another()
        await answers(visitor, [OTHER_STROKE], START_LIMIT)  # while the network starts, pages are run again and again
        choose(visitor, chosen, of=chosen)
        await visitor.draw([STROKE])
        shown = {"Upload": lambda: not visitor.panels["pad"]}.get(
            chosen, lambda: visitor.panels["address"]["m"] == "fashion_mnist"
        )
        await until(shown, "the page with the choice")
        assert not visitor.errors

    test(app)


@visited
async def test_pages_bring_nothing_that_they_do_not_need(app, another):
    for page in ("", "inside", "codes", "compress", "train"):
        await another(page)
    maps = Path(f"/proc/{app.pid}/maps").read_text()
    assert [name for name in ("pandas", "pyarrow", "tensorflow", "scipy") if f"/{name}/" in maps] == []


@visited
async def test_a_file_that_declares_more_than_it_holds(app, another):
    del app
    model = store.load("photos")
    data = pack(Codec.load(model).header(1, 4_988, 4_988, colour=True), bytes(2_000))
    visitor = await another("compress")
    await chosen_source(visitor, "Open a .cae file")
    await upload(visitor, data)
    sentence = "The file is incomplete: it declares more than it can hold."
    await until(lambda: alerts(visitor) == [sentence], "a sentence")


@visited
async def test_the_engine_is_killed_while_visitors_wait(app, another):
    """Their pages say so, and each has its own answer as soon as there is one, without a further stroke."""
    visitor, pool = await another(), drawings(5)
    everybodys = np.stack([np.frombuffer(each.originals[-1], np.uint8) / np.float32(255) for each in pool])
    drawers = [Drawer(app.url, everybodys) for _ in pool]
    try:
        await asyncio.gather(*(drawer.visitor.load() for drawer in drawers))
        await until(lambda: "ms in the network" in visitor.panels["note"], "the network")
        [engine] = engine_pids(app)
        os.kill(engine, signal.SIGSTOP)
        noted = asyncio.create_task(answers(visitor, [STROKE, OTHER_STROKE]))
        drawn = asyncio.gather(
            *(drawer.draw(drawing, None, START_LIMIT) for drawer, drawing in zip(drawers, pool, strict=True))
        )
        await asyncio.sleep(0.3)
        os.kill(engine, signal.SIGKILL)
        assert None not in await drawn, "an answer is lost"
        assert [(drawer.wrong, drawer.visitor.errors) for drawer in drawers] == [(0, [])] * len(drawers)
        assert (await noted)[0] == "The network is starting …"
        assert engine_pids(app) != [engine]
    finally:
        await asyncio.gather(*(drawer.visitor.close() for drawer in drawers))
