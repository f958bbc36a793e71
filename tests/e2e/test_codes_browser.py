"""The page Codes as a visitor uses it, in a real browser."""

import re

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from panels import eventually, picture
from playwright.sync_api import Browser, Page, expect

from cae.cli.browser import App
from cae.data import sources
from cae.data.mnist import MNIST
from cae.engine.client import Engine

READ = "canvas => [...canvas.getContext('2d').getImageData(0, 0, 28, 28).data].filter((_, i) => i % 4 === 0)"


@pytest.fixture
def page(tab: Page) -> Page:
    """Not at the playground first."""
    return tab


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
    eventually(page, lambda: np.abs(shown(page, "now-through") - answers[0]).mean() < 3)


def test_other_pictures_and_arithmetic(page: Page, app: App, engine: Engine) -> None:
    """What is taken away and added again changes nothing."""
    open_codes(page, app)
    before = shown(page, "through-8")
    page.get_by_role("group", name="To: which picture").get_by_role("button", name="1", exact=True).click()
    page.get_by_role("group", name="Plus: which picture").get_by_role("button", name="1", exact=True).click()
    page.get_by_text("of the way from Yours to 1").wait_for()
    eventually(page, lambda: np.abs(shown(page, "through-8") - before).mean() > 8)
    three = engine.run("mnist", MNIST.examples.image("3")[np.newaxis]).reconstruction[0].astype(int)
    eventually(page, lambda: np.abs(shown(page, "combined") - three).mean() < 3)


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_axe_finds_no_violation_and_nothing_sticks_out(page: Page, app: App, width: int, scheme: str) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    page.emulate_media(color_scheme=scheme)
    open_codes(page, app)
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") <= width


# ---- The map


def open_map(page: Page, app: App, model: str = "mnist", example: str = "3") -> None:
    page.goto(f"{app.url}/codes?m={model}&x={example}&part=map")
    expect(page.get_by_test_id("map-own-decoded")).to_have_attribute(
        "aria-label", "Your picture, decoded", timeout=60_000
    )
    expect(page.get_by_test_id("map-neighbour-5")).to_have_attribute("aria-label", re.compile("^Neighbour 5, decoded"))


def wait_for_decoded(page: Page, words: str | re.Pattern) -> np.ndarray:
    """What is decoded at the cross, once it belongs to the place that these words describe."""
    expect(page.get_by_test_id("map-words")).to_have_text(words)
    text = page.get_by_test_id("map-words").inner_text()
    expect(page.get_by_test_id("map-decoded")).to_have_attribute("aria-label", f"The code decoded, {text}")
    return shown(page, "map-decoded")


@pytest.mark.parametrize(("model", "example"), [("mnist", "3"), ("fashion_mnist", "Dress")])
def test_the_own_picture_lies_among_codes_of_its_class(
    page: Page, app: App, engine: Engine, model: str, example: str
) -> None:
    open_map(page, app, model, example)
    drawn = sources.source(model).examples.image(example)
    answer = engine.run(model, drawn[np.newaxis]).reconstruction[0].astype(int)
    assert np.array_equal(shown(page, "map-own"), drawn)
    assert np.abs(shown(page, "map-own-decoded") - answer).mean() < 1
    labels = [page.get_by_test_id(f"map-neighbour-{i}").get_attribute("aria-label") or "" for i in range(1, 6)]
    assert sum(f": {example}, test image" in label for label in labels) >= 3, labels
    expect(page.get_by_role("list", name="Classes").get_by_role("listitem")).to_have_count(10)


def test_by_pointer_and_by_keyboard_to_play(page: Page, app: App) -> None:
    """The code follows the pointer and the arrow keys; where none is near, it says so; Enter takes it to Play."""
    open_map(page, app)
    chart = page.get_by_test_id("code-map")
    box = chart.bounding_box() or {}
    page.mouse.move(box["x"] + 0.99 * box["width"], box["y"] + 5)
    far = wait_for_decoded(page, re.compile("^no code near"))
    chart.focus()
    page.keyboard.press("Home")
    before = wait_for_decoded(page, "nearest: 3, 3, 3, 3, 3")
    assert np.abs(before - far).mean() > 5
    for _ in range(4):
        page.keyboard.press("Shift+ArrowLeft")
    elsewhere = re.compile("^nearest: (?!3, 3, 3, 3, 3)")
    spoken = page.get_by_role("status").filter(has_text="nearest")
    expect(spoken).to_have_text(elsewhere)  # said when the keys have rested
    after = wait_for_decoded(page, elsewhere)
    assert np.abs(after - before).mean() > 5
    expect(spoken).to_have_text(page.get_by_test_id("map-words").inner_text())
    page.keyboard.press("Enter")
    panel = page.get_by_test_id("reconstruction")
    panel.wait_for(timeout=60_000)
    page.wait_for_function("() => /[?&]z=/.test(location.search)")
    again = picture(panel.get_attribute("data-pixels") or "").astype(int)
    assert np.abs(again - after).mean() < 1, "Play shows another code than the map"


def test_both_layouts_and_a_click(page: Page, app: App) -> None:
    open_map(page, app)
    page.get_by_role("button", name="PCA", exact=True).click()
    expect(page.get_by_text("2 directions of 49")).to_be_visible()
    expect(page.get_by_test_id("code-map")).to_have_attribute("aria-label", re.compile("^Map of 2000 codes by PCA. "))
    page.get_by_test_id("code-map").click(position={"x": 200, "y": 200})
    page.get_by_test_id("reconstruction").wait_for(timeout=60_000)
    page.wait_for_function("() => /[?&]z=/.test(location.search)")


@pytest.mark.parametrize(("width", "scheme"), [(1280, "dark"), (390, "light")])
def test_the_map_on_any_screen(browser: Browser, app: App, width: int, scheme: str) -> None:
    """axe finds nothing, nothing sticks out, and a finger looks before it takes."""
    context = browser.new_context(viewport={"width": width, "height": 844}, color_scheme=scheme, has_touch=width < 500)
    page = context.new_page()
    open_map(page, app)
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    if width < 500:
        words = page.get_by_test_id("map-words").inner_text()
        page.get_by_test_id("code-map").tap(position={"x": 5, "y": 5})
        expect(page.get_by_test_id("map-words")).not_to_have_text(words)
        expect(page).to_have_url(re.compile("/codes"))
        page.get_by_test_id("take").tap()
        page.get_by_test_id("reconstruction").wait_for(timeout=60_000)
    context.close()
