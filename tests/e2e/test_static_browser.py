"""The static copy from a plain file server, in a real browser: the same page, with nothing of Python behind it."""

import functools
import http.server
import threading
from collections.abc import Iterator

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from panels import attribute, draw, drawn, eventually, latent, mse, pixels, wait_for_change
from playwright.sync_api import Browser, Page

from cae.engine.client import Engine
from cae.model import store
from cae.ui import static_copy
from cae.ui.lesson import CARDS


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def address(tmp_path_factory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("static")
    static_copy.write(folder, store.available()[0])
    handler = functools.partial(Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/"
        server.shutdown()


@pytest.fixture(scope="module")
def static(browser: Browser, address: str) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    context.set_default_timeout(30_000)
    page = context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("requestfailed", lambda request: problems.append(request.url))
    page.goto(address)
    page.get_by_text("ms in this browser").wait_for()
    page.wait_for_function("() => document.querySelector('[data-testid=denoised]').dataset.pixels")
    yield page
    assert not problems
    context.close()


def test_it_is_what_keras_gives(static: Page, engine: Engine) -> None:
    expected = engine.run("mnist", pixels(static, "original")[np.newaxis])
    assert np.abs(latent(static) - expected.latent[0, ..., 0]).max() < 1e-3
    assert np.abs(pixels(static, "reconstruction").astype(int) - expected.reconstruction[0]).max() <= 1
    assert np.abs(pixels(static, "denoised").astype(int) - expected.denoised[0]).max() <= 2


def test_drawing(static: Page) -> None:
    before = attribute(static, "original")
    static.get_by_test_id("pad-clear").click()
    wait_for_change(static, "original", before)
    before = attribute(static, "reconstruction")
    draw(static, static.get_by_test_id("drawing-pad"), [[(0.3, 0.2), (0.7, 0.2), (0.45, 0.8)]])
    wait_for_change(static, "reconstruction", before)
    assert mse(drawn(static), pixels(static, "reconstruction")) < 0.01


def test_editing_and_going_back(static: Page) -> None:
    code, picture, before = latent(static), pixels(static, "reconstruction"), attribute(static, "reconstruction")
    static.get_by_test_id("cell-4-4").focus()
    static.keyboard.press("ArrowUp")
    wait_for_change(static, "reconstruction", before)
    eventually(static, lambda: np.argmax(np.abs(latent(static) - code)) == 24)
    static.get_by_test_id("code-resetAll").click()
    eventually(static, lambda: np.array_equal(pixels(static, "reconstruction"), picture))
    static.get_by_test_id("epoch").focus()
    static.keyboard.press("Home")
    wait_for_change(static, "reconstruction", before)
    assert mse(pixels(static, "original"), pixels(static, "reconstruction")) > 0.03
    static.keyboard.press("Escape")


def test_the_lesson_has_the_cards_of_this_page(static: Page) -> None:
    static.get_by_test_id("lesson").click()
    names = [button.inner_text() for button in static.get_by_role("group", name="Cards").get_by_role("button").all()]
    assert names == [str(number) for number, card in enumerate(CARDS) if card.page == ""]
    for number in (3, 8):
        static.get_by_test_id(f"lesson-{number}").click()
        static.get_by_test_id("guess-2").click()
        static.locator(f".dock[data-ready='{number}']").wait_for()
        if number == 3:
            static.get_by_test_id("cell-4-4").press("End")
        else:
            static.get_by_test_id("noise").select_option("gaussian")
        static.get_by_test_id("lesson-why").wait_for()
    results = Axe().run(static)
    assert results.violations_count == 0, results.generate_report()
    static.get_by_test_id("lesson-leave").click()


def test_another_model(static: Page) -> None:
    before = attribute(static, "original")
    static.get_by_role("button", name="Fashion-MNIST clothes").click()
    wait_for_change(static, "original", before)
    static.get_by_role("button", name="Dress", exact=True).wait_for()


def test_axe_finds_no_violation(static: Page) -> None:
    results = Axe().run(static)
    assert results.violations_count == 0, results.generate_report()
