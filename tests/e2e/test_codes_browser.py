"""The page Codes as a visitor uses it, in a real browser."""

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from cae.cli.browser import App
from cae.data.mnist import MNIST
from cae.engine.client import Engine

READ = "canvas => [...canvas.getContext('2d').getImageData(0, 0, 28, 28).data].filter((_, i) => i % 4 === 0)"


def shown(page: Page, name: str) -> np.ndarray:
    return np.array(page.get_by_test_id(name).evaluate(READ)).reshape(28, 28)


def open_codes(page: Page, app: App) -> None:
    page.goto(f"{app.url}/codes?m=mnist&x=3")
    page.get_by_text("of the way from Yours to").wait_for(timeout=60_000)
    page.wait_for_function(
        """() => { const find = (root) => root.querySelector("[data-testid=combined]") ??
            [...root.querySelectorAll("*")].map((e) => e.shadowRoot && find(e.shadowRoot)).find(Boolean);
            const canvas = find(document);
            const values = canvas?.getContext("2d").getImageData(0, 0, 28, 28).data ?? [];
            return values.some((value, i) => i % 4 === 0 && value > 100); }"""
    )


def test_from_one_picture_to_another(page: Page, app: App, engine: Engine) -> None:
    """At the ends stand the two reconstructions, in the middle neither; the cross-fade is the mean of the pixels."""
    open_codes(page, app)
    three, nine = (MNIST.examples.image(name) for name in "39")
    answers = engine.run("mnist", np.stack([three, nine])).reconstruction.astype(int)
    strip = [shown(page, f"through-{step}") for step in (0, 4, 8)]
    assert np.abs(strip[0] - answers[0]).mean() < 3
    assert np.abs(strip[2] - answers[1]).mean() < 3
    assert min(np.abs(strip[1] - answer).mean() for answer in answers) > 8
    assert np.abs(shown(page, "faded-4") - (three.astype(int) + nine) / 2).mean() < 3
    page.get_by_test_id("way").focus()
    page.keyboard.press("Home")
    expect(page.get_by_text("0 % of the way from Yours to 9")).to_be_visible()
    page.wait_for_timeout(500)
    assert np.abs(shown(page, "now-through") - answers[0]).mean() < 3


def test_other_pictures_and_arithmetic(page: Page, app: App, engine: Engine) -> None:
    """What is taken away and added again changes nothing."""
    open_codes(page, app)
    before = shown(page, "through-8")
    page.get_by_role("group", name="To: which picture").get_by_role("button", name="1", exact=True).click()
    page.get_by_role("group", name="Plus: which picture").get_by_role("button", name="1", exact=True).click()
    page.get_by_text("of the way from Yours to 1").wait_for()
    page.wait_for_timeout(2500)
    assert np.abs(shown(page, "through-8") - before).mean() > 8
    three = engine.run("mnist", MNIST.examples.image("3")[np.newaxis]).reconstruction[0].astype(int)
    assert np.abs(shown(page, "combined") - three).mean() < 3


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_axe_finds_no_violation_and_nothing_sticks_out(browser: Browser, app: App, width: int, scheme: str) -> None:
    context = browser.new_context(viewport={"width": width, "height": 844}, color_scheme=scheme)
    page = context.new_page()
    open_codes(page, app)
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    context.close()
