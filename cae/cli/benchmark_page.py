"""The page's share of `benchmark`: the app in a real browser, timed inside the page."""

import math
import os
from collections.abc import Callable
from time import monotonic
from typing import Any

import numpy as np

from cae import CaeError
from cae.cli.browser import FLAGS, chromium, running_app
from cae.cli.rounds import Part
from cae.cli.usage import settle
from cae.progress import say

TIMES = ("pointer_up_to_panels_ms", "slowest_stroke_ms", "epoch_to_picture_ms", "layers_after_a_change_ms")
RATES = ("updates_per_second_while_drawing", "frames_per_second_while_scrubbing")
"""Not the pictures per second while editing: the display's frames are their limit, and not the machine."""
WARM_UP, STROKES = 1, 8
"""Strokes in a round."""
STROKE_PIECES = 30
"""Of a short stroke, some 10 ms each: it lasts about as long as a line written by hand."""
LONG = 3.0
"""Seconds of drawing, editing and scrubbing without a break."""
WATCH = """(latent) => {
    const root = latent.getRootNode();
    const show = () => ["original", "latent", "reconstruction", "denoised"].map((name) => {
        const { pixels, values } = root.querySelector(`[data-testid="${name}"]`)?.dataset ?? {};
        return pixels ?? values;
    }).join();
    const picture = root.querySelector('[data-testid="reconstruction"]');
    const watch = window.benchmark = {
        up: 0, shown: 0, changed: 0, latents: new Set(), pictures: new Set(), pixels: picture.dataset.pixels,
        frames: 0, frame: 0, grabbed: 0, turned: 0, show,
    };
    let before = show();
    new MutationObserver(() => {
        const now = show();
        if (now === before) return;
        before = now;
        watch.changed = performance.now();
        const { pixels } = picture.dataset;
        const turned = pixels && pixels !== watch.pixels;
        if (turned) {
            watch.pixels = pixels;
            watch.pictures.add(pixels);
            const frame = document.timeline.currentTime; // the same throughout a frame
            watch.frames += frame !== watch.frame;
            watch.frame = frame;
        }
        requestAnimationFrame(() => {
            watch.shown = performance.now();
            watch.latents.add(latent.dataset.values);
            if (turned) watch.turned ||= watch.shown;
        });
    }).observe(root, { subtree: true, attributes: true, attributeFilter: ["data-pixels", "data-values"] });
}"""
"""Notes the animation frame of the last change of the panels, each latent and each reconstruction shown, and how many
frames had another reconstruction than the frame before."""
LIFT = """(pad, [x, y]) => {
    const options = { pointerId: 1, pointerType: "mouse", bubbles: true, composed: true, clientX: x, clientY: y };
    pad.dispatchEvent(new PointerEvent("pointermove", options));
    benchmark.shown = 0;
    benchmark.up = performance.now();
    pad.dispatchEvent(new PointerEvent("pointerup", options));
}"""
"""The stroke's last piece and its end, so close together that no update with the whole drawing comes before."""
GRAB = """(slider) => slider.addEventListener("pointerdown", () => {
    benchmark.grabbed = performance.now();
    benchmark.turned = 0;
}, { capture: true, once: true })"""
HAND = """(element, [x, y, across, down, turns, seconds]) => new Promise((done) => {
    const start = performance.now();
    const move = (now) => {
        const passed = Math.max(0, now - start) / 1000;
        if (passed > seconds) return done(passed);
        const swing = Math.sin(turns * passed);
        const options = { pointerId: 1, pointerType: "mouse", bubbles: true, composed: true, buttons: 1 };
        const at = { clientX: x + across * swing, clientY: y + down * swing };
        element.dispatchEvent(new PointerEvent("pointermove", { ...options, ...at }));
        requestAnimationFrame(move);
    };
    requestAnimationFrame(move);
})"""
"""A hand that swings about a point for so long, in radians a second, and moves in each animation frame, as mice do:
moves that the driver sends reach the page no more than thirty times a second. Gives the seconds it took."""
LAYERS = """(output) => {
    window.benchmark = { pressed: 0, shown: 0 };
    new MutationObserver(() => requestAnimationFrame(() => (benchmark.shown = performance.now())))
        .observe(output, { attributes: true, attributeFilter: ["data-pixels"] });
}"""
PRESS = """(button) => {
    Object.assign(benchmark, { pressed: performance.now(), shown: 0 });
    button.click();
}"""
CHANGES = 6
"""Times that a channel is silenced or speaks again, the first two not counted."""
SETTLED = """() => {
    const { up, shown, changed } = benchmark;
    return shown && performance.now() - Math.max(up, changed) > 1000;
}"""
"""The last change is the final drawing's once a second has passed without another."""


class PageError(CaeError):
    """The app or the browser did not do what the benchmark waits for; the message says what in one plain sentence."""


def part() -> Part | None:
    """The page's figures, or None, with a line on standard error, where there is no browser to take them with.

    Each round starts the app and the browser anew, and waits until the app has settled. Its figures:
    "pointer_up_to_panels_ms" of its median stroke, "slowest_stroke_ms", "updates_per_second_while_drawing",
    "pictures_per_second_while_editing", "epoch_to_picture_ms", "frames_per_second_while_scrubbing",
    "layers_after_a_change_ms".

    To measure raises AppError where the app does not start, and PageError where its panels do not follow the pen.
    """
    try:
        import playwright.sync_api  # noqa: F401
    except ImportError:
        say("The page is not measured: Playwright is missing (pip install -r requirements-dev.txt).")
        return None
    if not chromium():
        say("The page is not measured: Chromium is missing (apt-get install chromium).")
        return None
    return Part({"strokes": STROKES}, _measure, TIMES, RATES)


def _measure(sample: Callable[[], None]) -> dict[str, float]:
    from playwright.sync_api import Error, sync_playwright

    environment = os.environ | {"CAE_SPARE": "0"}  # what it starts in reserve would only make the wait longer
    try:
        with running_app(environment) as app, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
            page = browser.new_page(viewport={"width": 1280, "height": 800})
            page.goto(app.url)
            page.get_by_text("ms in the network").wait_for(timeout=120_000)
            settle(app, environment)
            found = _visit(page, app.url, sample)
            browser.close()
    except Error as error:
        raise PageError(f"The page could not be measured: {error.message.splitlines()[0]}") from None
    return found


def _visit(page: Any, url: str, sample: Callable[[], None]) -> dict[str, float]:
    """The figures of one visit, with a sample of the machine's speed before and after each."""
    page.get_by_test_id("latent").evaluate(WATCH)
    sample()
    milliseconds = _pointer_up_to_panels(page)
    sample()
    updates = _updates_per_second(page)
    sample()
    edited = _pictures_per_second_while_editing(page)
    sample()
    first, scrubbed = _back_in_training(page)
    sample()
    layers = _layers_after_a_change(page, url)
    sample()
    return {
        "pointer_up_to_panels_ms": float(np.median(milliseconds)),
        "slowest_stroke_ms": max(milliseconds),
        "updates_per_second_while_drawing": updates,
        "pictures_per_second_while_editing": edited,
        "epoch_to_picture_ms": first,
        "frames_per_second_while_scrubbing": scrubbed,
        "layers_after_a_change_ms": layers,
    }


def _pointer_up_to_panels(page: Any) -> list[float]:
    """Milliseconds from pointer-up to the frame with its results, for short strokes beside the first example.

    Each stroke is undone before the next, so that all start from the same digit.
    """
    pad = page.get_by_test_id("drawing-pad")
    box = pad.bounding_box()
    start = page.evaluate("benchmark.show()")
    milliseconds = []
    for index in range(WARM_UP + STROKES):
        x, y = box["x"] + 0.12 * box["width"], box["y"] + (0.15 + 0.05 * index) * box["height"]
        page.mouse.move(x, y)
        page.mouse.down()
        for piece in range(STROKE_PIECES):
            page.mouse.move(x + 5, y + piece)
            page.wait_for_timeout(8)
        pad.evaluate(LIFT, [x, y + 40])
        page.mouse.up()
        page.wait_for_function(SETTLED, polling=100, timeout=20_000)
        milliseconds.append(page.evaluate("benchmark.shown - benchmark.up"))
        page.get_by_test_id("pad-undo").click()
        page.wait_for_function("(start) => benchmark.show() === start", arg=start, polling=100, timeout=20_000)
    return milliseconds[WARM_UP:]


def _updates_per_second(page: Any) -> float:
    """How many different latents a second the page shows while the pen goes round in circles."""
    box = page.get_by_test_id("drawing-pad").bounding_box()

    def point(seconds: float) -> tuple[float, float]:
        radius, angle = 0.1 + 0.1 * seconds, 2.5 * seconds
        x, y = 0.5 + radius * math.cos(angle), 0.5 + radius * math.sin(angle)
        return box["x"] + x * box["width"], box["y"] + y * box["height"]

    page.mouse.move(*point(0))
    page.mouse.down()
    page.evaluate("benchmark.latents.clear()")
    start = monotonic()
    while (seconds := monotonic() - start) < LONG:
        page.mouse.move(*point(seconds))
        page.wait_for_timeout(8)
    shown = page.evaluate("benchmark.latents.size")
    page.mouse.up()
    page.wait_for_timeout(1000)  # the final drawing
    return shown / seconds


def _pictures_per_second_while_editing(page: Any) -> float:
    """How many different reconstructions a second the page shows while a cell of the code is dragged up and down.

    They are the browser's own: the server is asked only when the hand rests.
    """
    cell = page.get_by_test_id("cell-4-4")
    x, y = _middle(cell)
    page.mouse.move(x, y)
    page.mouse.down()
    page.evaluate("benchmark.pictures.clear()")
    seconds = cell.evaluate(HAND, [x, y, 0, 60, 2.5, LONG])
    shown = page.evaluate("benchmark.pictures.size")
    page.mouse.up()
    page.get_by_test_id("code-resetAll").click()
    page.wait_for_timeout(1000)  # the server's answer
    return shown / seconds


def _back_in_training(page: Any) -> tuple[float, float]:
    """Going back in training: the time to the first picture, and how often the picture changes while scrubbing.

    Returns:
        Milliseconds from grabbing the loss curve to the frame with an earlier network's reconstruction, whose weights
        the browser has yet to fetch; and the frames per second with another reconstruction than the one before, while
        the hand goes to and fro along the curve, past some forty snapshots a second.
    """
    slider = page.get_by_test_id("epoch")
    width = slider.bounding_box()["width"]
    x, y = _middle(slider)
    slider.evaluate(GRAB)
    page.mouse.move(x, y)
    page.mouse.down()
    page.wait_for_function("() => benchmark.turned", polling=20, timeout=20_000)
    first = page.evaluate("benchmark.turned - benchmark.grabbed")
    page.evaluate("benchmark.frames = 0")
    seconds = slider.evaluate(HAND, [x, y, 0.49 * width, 0, 20, LONG])
    changes = page.evaluate("benchmark.frames")
    page.mouse.up()
    return first, changes / seconds


def _layers_after_a_change(page: Any, url: str) -> float:
    """Milliseconds, in the median, until Inside shows all layers anew once a channel of the first is silenced."""
    page.goto(f"{url}/inside")
    page.get_by_test_id("computed").wait_for(timeout=60_000)
    page.get_by_test_id("reconstruction").evaluate(LAYERS)
    milliseconds = []
    for _ in range(CHANGES):
        page.get_by_test_id("silence-channel").evaluate(PRESS)
        page.wait_for_function("() => benchmark.shown", polling=20, timeout=20_000)
        milliseconds.append(page.evaluate("benchmark.shown - benchmark.pressed"))
    return float(np.median(milliseconds[2:]))


def _middle(of: Any) -> tuple[float, float]:
    box = of.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
